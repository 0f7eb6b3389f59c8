"""Start flows and read runs from the command line.

Commands import what they need when they run, so that ``outreach --help`` does not wait for pandas,
Prefect, or Folium.
"""

import contextlib
import os
import sys

import click

from outreach import __version__
from outreach.cli.archive import archive
from outreach.cli.atlas import atlas
from outreach.cli.doctor import check, doctor
from outreach.cli.export import export
from outreach.cli.init import find, init
from outreach.cli.mail import mail
from outreach.cli.measure import measure
from outreach.cli.picture import picture
from outreach.cli.reports import backtest, publish, report
from outreach.cli.run import demo, run
from outreach.cli.runs import approve, diff, runs
from outreach.cli.sandbox import sandbox
from outreach.cli.signals import exit_stopped, stop_on_signals
from outreach.cli.train import train
from outreach.errors import OutreachError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="outreach")
def cli() -> None:
    """Census outreach targeting: from daily self-response rates to maps and target lists.

    Start with "outreach demo": it needs no key and no network.
    """


for command in (
    approve,
    archive,
    atlas,
    backtest,
    check,
    demo,
    diff,
    doctor,
    export,
    find,
    init,
    mail,
    measure,
    picture,
    publish,
    report,
    run,
    runs,
    sandbox,
    train,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; a failure is one sentence on standard error and an exit code not 0."""
    with stop_on_signals() as stop:
        try:
            cli.main(standalone_mode=False)
            sys.stdout.flush()
        except (click.exceptions.Abort, KeyboardInterrupt):
            stop.end()
            with contextlib.suppress(OSError):
                click.echo("Stopped. The last complete run is unchanged.", err=True)
            exit_stopped(stop.code)
        except click.ClickException as error:
            error.show()
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


def _close_output() -> None:
    """Let nothing more go to a pipe whose reader is gone, or Python would complain of it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
