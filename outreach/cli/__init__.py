"""The command line: starts a flow, reads a run, and says what a person needs to know next.

Imports inside the commands are late on purpose: ``outreach --help`` must not wait for pandas,
Prefect or Folium.
"""

import sys

import click

from outreach import __version__
from outreach.cli.archive import archive
from outreach.cli.atlas import atlas
from outreach.cli.lists import approve, diff, export, runs
from outreach.cli.machine import doctor, init, sandbox
from outreach.cli.measure import measure
from outreach.cli.publish import mail, publish
from outreach.cli.reports import backtest, report
from outreach.cli.run import demo, run
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
    demo,
    diff,
    doctor,
    export,
    init,
    mail,
    measure,
    publish,
    report,
    run,
    runs,
    sandbox,
    train,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; a failure is one sentence on standard error and exit code 1."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped; the last whole run is untouched.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OutreachError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)  # whoever read our lines has read enough
    except OSError as error:
        click.echo(
            f"Error: {error.strerror or error}{f' ({error.filename})' if error.filename else ''}.",
            err=True,
        )
        sys.exit(1)
