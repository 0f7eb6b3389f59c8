"""Report whether a campaign, and this machine, are ready for a run."""

import datetime as dt
import sys
from pathlib import Path

import click

from outreach.cli.days import DAY


@click.command()
@click.argument("campaign", type=click.Path(path_type=Path), required=False)
@click.option(
    "--live",
    is_flag=True,
    help="Also compare each real service with what this version expects of it.",
)
def doctor(campaign: Path | None, *, live: bool) -> None:
    """Check everything that a run needs: folder, clock, key, services, and all that is kept.

    With CAMPAIGN, check that file too, as "outreach check" does. With --live, ask one small thing
    of each service of the Bureau, about the first county of CAMPAIGN or the District of Columbia,
    and say what differs from our declarations; nothing is changed.
    """
    from flows.steps.check.home import check_home
    from flows.steps.check.live import check_live, choose_area
    from flows.steps.check.machine import check_machine
    from outreach.errors import CampaignError
    from outreach.settings import read_settings
    from outreach.store import read_requested_campaign
    from outreach.transport import announce_waits

    settings, failed, census_year, area = read_settings(), False, 2020, choose_area(())
    with announce_waits(click.echo):
        if campaign is not None:
            try:
                request = read_requested_campaign(settings.home, campaign)
                census_year, area = request.census_year, choose_area(request.areas)
                failed |= not _check_file(campaign, None)
            except CampaignError as error:
                click.echo(f"FAIL  {error}")
                failed = True
        rehearsal = check_live(settings, area) if live else ()
        for results in (check_machine(settings, census_year), check_home(settings), rehearsal):
            for result in results:
                failed |= not result.passed
                mark = "ok  " if result.passed else "FAIL"
                click.echo(f"{mark}  {result.title}: {result.detail}")
    if failed:
        sys.exit(1)


@click.command()
@click.argument("campaign", type=click.Path(path_type=Path), default="campaign.toml")
@click.option(
    "--date",
    "data_date",
    type=DAY,
    help="The archived data date that the run is to use.",
)
def check(campaign: Path, data_date: dt.datetime | None) -> None:
    """Check CAMPAIGN: codes, files, columns, districts, platforms, floors, and dates.

    CAMPAIGN is a file, or the name of one in "campaigns" of the service's folder. Every run starts
    with the same check. No key is needed.
    """
    if not _check_file(campaign, data_date.date() if data_date else None):
        sys.exit(1)


def _check_file(campaign: Path, day: dt.date | None) -> bool:
    """Check a campaign, print every finding, and return whether a run could start."""
    from flows.steps.check.campaign import check_campaign, describe_requests
    from outreach.phrasing import write_count
    from outreach.settings import read_settings
    from outreach.store import read_requested_campaign

    settings = read_settings()
    request = read_requested_campaign(settings.home, campaign)
    findings = check_campaign(request, settings, day)
    for finding in findings:
        click.echo(f"{'FAIL' if finding.is_fault else 'note'}  {finding.sentence}")

    faults = sum(finding.is_fault for finding in findings)
    if faults:
        click.echo(f"{campaign}: {write_count(faults, 'fault')}. A run would stop here.")
        return False
    click.echo(f"ok    {campaign} can run; it takes {describe_requests(request, day)}.")
    return True
