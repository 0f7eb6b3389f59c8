"""Check a campaign before any work starts."""

import datetime as dt
import sys
from pathlib import Path

import click


@click.command()
@click.argument("campaign", type=click.Path(path_type=Path), default="campaign.toml")
@click.option(
    "--date",
    "data_date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The archived data date that the run is to use.",
)
def check(campaign: Path, data_date: dt.datetime | None) -> None:
    """Check CAMPAIGN: codes, files, columns, districts, platforms, floors, and dates.

    Every run starts with the same check. No key is needed.
    """
    from flows.steps.check.campaign import check_campaign, describe_requests
    from outreach.campaign import read_campaign
    from outreach.phrasing import write_count
    from outreach.settings import read_settings

    request = read_campaign(campaign)
    day = data_date.date() if data_date else None
    findings = check_campaign(request, read_settings(), day)
    for finding in findings:
        click.echo(f"{'FAIL' if finding.is_fault else 'note'}  {finding.sentence}")

    faults = sum(finding.is_fault for finding in findings)
    if faults:
        click.echo(f"{campaign}: {write_count(faults, 'fault')}. A run would stop here.")
        sys.exit(1)
    click.echo(f"ok    {campaign} can run; it takes {describe_requests(request, day)}.")
