"""Pull today's publication of an area's rates into the archive, and say whether it is new.

A schedule asks every half hour from the time of publication on. Once a new data date is archived,
the later ticks of that day send no request.
"""

import datetime as dt
from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.engine.outcome import report_outcome
from flows.engine.parameters import CampaignName, Reason, Requester
from flows.engine.serving.jobs import find_offer, start_job
from flows.engine.tasks import pull_rates
from flows.steps.service.newest import describe_newest, find_held_today
from flows.steps.sharing.session import share_home
from outreach.archive import Archive
from outreach.campaign import merge_areas
from outreach.census.client import discover_datasets
from outreach.errors import NothingThere
from outreach.phrasing import write_date
from outreach.settings import read_settings
from outreach.store import read_kept_campaign
from outreach.transport import Transport

_ThenRun = Annotated[
    bool,
    Field(
        json_schema_extra={
            "title": "Then run the campaign",
            "description": "Start a run of the campaign once new rates are archived.",
        }
    ),
]


@flow(name="refresh", flow_run_name="rates of {campaign}")
def refresh_rates(
    campaign: CampaignName,
    reason: Reason = "",
    requested_by: Requester = "",
    *,
    then_run: _ThenRun = False,
) -> State[str]:
    """Pull what is published today for a campaign's areas, and archive it.

    Parameters
    ----------
    campaign
        Name of a campaign file of the service's folder.
    reason, requested_by
        Why, and who asks.
    then_run
        Start a run of the campaign if the rates are new.

    Returns
    -------
    State
        Says whether there is a new data date.
    """
    return report_outcome(lambda: _refresh(campaign, reason, requested_by, then_run=then_run))


def _refresh(name: str, reason: str, requested_by: str, *, then_run: bool) -> str:
    """Pull and archive, unless today's rates are archived already."""
    settings = read_settings()
    campaign = read_kept_campaign(settings.home, name)
    archive = Archive(settings.archive_folder, campaign.census_year)
    held = find_held_today(archive, campaign, dt.datetime.now(dt.UTC))
    if held is not None:
        return f"The rates of {write_date(held)} are archived already; nothing was asked."

    # Pull every area; what is not published yet is no failure.
    transport = Transport(settings, settings.find_key())
    dataset = discover_datasets()["responserate"]
    with share_home(settings):
        before = archive.latest_date(campaign.codes)
        for area in merge_areas(campaign.areas):
            try:
                pull_rates(dataset, campaign.census_year, area, transport, archive)
            except NothingThere as error:
                return f"Nothing new today. {error}"
        after = archive.latest_date(campaign.codes)
    sentence = describe_newest(campaign, before, after)
    if not then_run or after is None or after == before:
        return sentence

    offer = find_offer("run-campaign", name)
    if offer is None:
        return f"{sentence} No run was started, because the service does not serve {name} yet."
    why = reason or f"rates of {write_date(after)}"
    start_job(offer, {"campaign": name, "reason": why, "requested_by": requested_by})
    return f"{sentence} A run of {campaign.name} is started."
