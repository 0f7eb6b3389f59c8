"""Settle whether a campaign plans for a census or works with its rates.

This is the one place that decides. A settled campaign says ``season`` or ``planning``, its run
keeps it, and every page, list, and file of the run takes its words from there.
"""

import datetime as dt

from flows.steps.notes import Notes
from models.curves.season_file import load_season_model
from models.planning.assess_plan import PlanYears
from outreach.archive import Archive
from outreach.campaign import Campaign, Flight
from outreach.census.client import discover_datasets, fetch_rates
from outreach.errors import CampaignError, NothingThere, QueryRefused
from outreach.phrasing import write_date
from outreach.transport import Transport

#: Censuses with final rates to plan from.
_WITH_FINALS = (2020,)


def settle_phase(
    campaign: Campaign,
    archive: Archive,
    transport: Transport,
    data_date: dt.date | None,
    notes: Notes,
) -> Campaign:
    """Return the campaign with its phase settled, and with a flight if it is a plan without one.

    Parameters
    ----------
    campaign
        The request. With ``phase = "auto"`` it is a plan if nothing of its census is archived and
        the service publishes no rate of it. A census that this version knows is never asked about.
    archive
        The ledger of the campaign's census.
    transport
        To ask the service, once.
    data_date
        An archived day that the run is to use.
    notes
        Gets a sentence if the campaign is a plan.

    Raises
    ------
    CampaignError
        A plan is requested of an archived day, or for a census without one before it.
    ServiceError
        The service gave no usable answer.
    """
    phase = campaign.phase
    if phase == "auto":
        is_published = (
            data_date is not None
            or campaign.census_year in discover_datasets()["responserate"].vintages
            or bool(archive.data_dates(campaign.codes))
            or _publishes_rates(campaign, transport)
        )
        phase = "season" if is_published else "planning"
    if phase == "season":
        return campaign.model_copy(update={"phase": phase})

    if data_date is not None:
        raise CampaignError(
            f"A plan has no data date, so it cannot be made of {write_date(data_date)}.",
            'Leave out --date, or set phase = "season".',
        )
    if campaign.last_census not in _WITH_FINALS:
        raise CampaignError(
            f"There are no final rates of {campaign.last_census} to plan for"
            f" {campaign.census_year} from.",
            f"Plan for {_WITH_FINALS[-1] + 10}: set census_year.",
        )
    flight = campaign.flight or _place_flight(campaign, notes)
    return campaign.model_copy(update={"phase": phase, "flight": flight})


def name_years(campaign: Campaign) -> PlanYears:
    """Return the three censuses of a plan."""
    return PlanYears(campaign.census_year, campaign.last_census, campaign.last_census - 10)


def _publishes_rates(campaign: Campaign, transport: Transport) -> bool:
    """Ask the service whether it has any rate of the census for the first area."""
    try:
        fetch_rates(campaign.census_year, campaign.areas[0], transport)
    except (QueryRefused, NothingThere):
        return False
    return True


def _place_flight(campaign: Campaign, notes: Notes) -> Flight | None:
    """Place ads in the coming season if the planner set no days; say so."""
    start = load_season_model().move(campaign.census_year).start
    if start >= campaign.deadline:
        return None
    notes.add(
        f"No flight is set, so files plan ads from {write_date(start)}, when a season like the last"
        f" one would start, to the deadline of {write_date(campaign.deadline)}."
    )
    return Flight(start=start, end=campaign.deadline)
