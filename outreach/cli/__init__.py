"""Start flows and read runs from the command line.

Commands import what they need when they run, so that ``outreach --help`` does not wait for pandas,
Prefect, or Folium.
"""

import sys

import click

from outreach import __version__
from outreach.cli.archive import archive
from outreach.cli.atlas import atlas
from outreach.cli.check import check
from outreach.cli.doctor import doctor
from outreach.cli.export import export
from outreach.cli.init import init
from outreach.cli.mail import mail
from outreach.cli.measure import measure
from outreach.cli.picture import picture
from outreach.cli.publish import publish
from outreach.cli.reports import backtest, report
from outreach.cli.run import demo, run
from outreach.cli.runs import approve, diff, runs
from outreach.cli.sandbox import sandbox
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
    """Run the command line; a failure is one sentence on standard error and exit code 1."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped. The last complete run is unchanged.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OutreachError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)  # the reader of our output closed the pipe
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        click.echo(f"Error: {error.strerror or error}{place}.", err=True)
        sys.exit(1)
