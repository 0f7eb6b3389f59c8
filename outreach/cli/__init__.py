"""Start flows and read runs from the command line.

Commands import what they need when they run, so that ``outreach --help`` does not wait for pandas,
Prefect, or Folium.
"""

import contextlib
import os
import resource
import sys

import click

from outreach import __version__
from outreach.cli.handout.activity import activity
from outreach.cli.handout.approve import approve, withdraw
from outreach.cli.handout.export import export
from outreach.cli.handout.mail import mail
from outreach.cli.look.addresses import addresses
from outreach.cli.look.atlas import atlas
from outreach.cli.look.nation import nation
from outreach.cli.look.pack import pack
from outreach.cli.look.picture import picture
from outreach.cli.look.reports import backtest, publish, report
from outreach.cli.look.runs import diff, open_, runs, show
from outreach.cli.sections import SectionedGroup
from outreach.cli.service.archive import archive
from outreach.cli.service.backup import backup, restore
from outreach.cli.service.completion import completion
from outreach.cli.service.doctor import check, doctor
from outreach.cli.service.notify import notify
from outreach.cli.service.sandbox import sandbox
from outreach.cli.service.serve import serve
from outreach.cli.service.storage import storage
from outreach.cli.service.users import users
from outreach.cli.signals import exit_stopped, stop_on_signals
from outreach.cli.start.init import find, init
from outreach.cli.start.run import demo, run
from outreach.cli.trial.decide import decide
from outreach.cli.trial.delivery import delivery
from outreach.cli.trial.drill import drill
from outreach.cli.trial.evidence import evidence
from outreach.cli.trial.measure import measure
from outreach.cli.trial.pool import pool
from outreach.cli.trial.protocol import protocol
from outreach.cli.trial.tests import tests
from outreach.cli.trial.train import train
from outreach.cli.usage import explain_usage
from outreach.errors import OutreachError, SettingsError

#: Open files that are enough for anything, and the least for a run: 48 were enough when measured.
_ENOUGH_FILES, _LEAST_FILES = 256, 64


@click.group(
    cls=SectionedGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="outreach")
def cli() -> None:
    """Census outreach targeting: from daily self-response rates to maps and target lists.

    Start with "outreach demo": it needs no key and no network.
    """


for command in (
    activity,
    addresses,
    approve,
    archive,
    atlas,
    backtest,
    backup,
    check,
    completion,
    decide,
    delivery,
    demo,
    diff,
    doctor,
    drill,
    evidence,
    export,
    find,
    init,
    mail,
    measure,
    nation,
    notify,
    open_,
    pack,
    picture,
    pool,
    protocol,
    publish,
    report,
    restore,
    run,
    runs,
    sandbox,
    serve,
    show,
    storage,
    tests,
    train,
    users,
    withdraw,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; a failure is one sentence on standard error and an exit code not 0."""
    with stop_on_signals() as stop:
        try:
            _allow_open_files()
            cli.main(prog_name="outreach", standalone_mode=False)
            sys.stdout.flush()
        except (click.exceptions.Abort, KeyboardInterrupt):
            stop.end()
            with contextlib.suppress(OSError):
                click.echo("Stopped. The last complete run is unchanged.", err=True)
            exit_stopped(stop.code)
        except click.UsageError as error:
            click.echo(explain_usage(error), err=True)
            sys.exit(error.exit_code)
        except click.ClickException as error:
            click.echo(f"Error: {error.format_message()}", err=True)
            sys.exit(error.exit_code)
        except OutreachError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)
        except BrokenPipeError:
            _close_output()
            sys.exit(1)
        except OSError as error:
            place = f" ({error.filename})" if error.filename else ""
            click.echo(f"Error: {error.strerror or error}{place}.", err=True)
            sys.exit(1)


def _allow_open_files() -> None:
    """Raise the limit of open files as far as we may, for Prefect hangs where it meets it.

    Raises
    ------
    SettingsError
        The limit of this machine is too low for a run.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _ENOUGH_FILES:
        return
    most = _ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH_FILES)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft < _LEAST_FILES:
        raise SettingsError(
            f"This machine lets a command open {soft} files at once, and a run needs"
            f" {_LEAST_FILES}.",
            f"Allow more with 'ulimit -n {_ENOUGH_FILES}', or ask who looks after the machine.",
        )


def _close_output() -> None:
    """Let nothing more go to a pipe whose reader is gone, or Python would complain of it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
