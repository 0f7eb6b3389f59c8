"""Lay the ground of a run: everything that does not depend on its money."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from flows.engine.progress import Steps
from flows.engine.pull import gather_phase
from flows.steps.buying.list_rules import MONEY_KEYS
from flows.steps.indicators.read import IndicatorPull
from flows.steps.kept.results import KeptResults, Kind
from flows.steps.notes import Notes
from flows.steps.planning.expected import plan_tracts
from flows.steps.planning.phase import settle_phase
from flows.steps.sources.connecticut import resolve_regions
from flows.steps.sources.join import Joined, join_gathered, place_race
from models.assess import Assessment
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.settings import Settings
from outreach.store import Input
from outreach.tables import DataFrame, TractProfiles
from outreach.transport import Transport

#: Comes from services, which renew it.
_GROUND = Kind("rates and predictors joined to tracts", lasts_days=30)


@dataclass(frozen=True)
class Ground:
    """The tracts of a campaign with all that was pulled for them.

    Parameters
    ----------
    campaign
        Settled: with its phase, and with tracts for a planning region of Connecticut.
    joined
        The tracts, and a report on each.
    race
        Race and origin, for the equity sheet only.
    tract_year
        Census year of the tracts.
    sources
        The manifest's record of each pull.
    assessment
        That of a plan; ``None`` in a season, which assesses its tracts by their rates.
    notes
        What gathering and joining had to say.
    """

    campaign: Campaign
    joined: Joined
    race: DataFrame[TractProfiles] | None
    tract_year: int
    sources: tuple[Input, ...]
    assessment: Assessment | None
    notes: tuple[str, ...]


def lay_ground(
    campaign: Campaign,
    data_date: dt.date | None,
    settings: Settings,
    transport: Transport,
    archive: Archive,
    kept: KeptResults,
    steps: Steps,
    indicators: tuple[IndicatorPull, ...] = (),
) -> Ground:
    """Pull and join what a campaign needs; a rerun takes what an earlier run kept.

    Parameters
    ----------
    campaign
        The request.
    data_date
        A data date in the archive; by default, the rates published now are pulled.
    settings, transport, archive
        The machine, the services, and the ledger of rates.
    kept
        Results of earlier runs.
    steps
        Times the steps.
    indicators
        Figures that the campaign brings itself.
    """
    if kept.is_rerun:
        with steps.step("Find what earlier runs kept"):
            basis = _describe_basis(campaign, data_date, archive, indicators)
            ground: Ground | None = kept.find(_GROUND, basis)
        if ground is not None:
            money = {name: getattr(campaign, name) for name in MONEY_KEYS}
            spared = tuple(source.model_copy(update={"requests": 0}) for source in ground.sources)
            return Ground(
                **vars(ground)
                | {"campaign": ground.campaign.model_copy(update=money), "sources": spared}
            )
    ground = _gather_ground(
        campaign, data_date, settings, transport, archive, kept, steps, indicators
    )
    day = None if ground.campaign.is_plan else ground.joined.report.data_date
    kept.keep(_GROUND, _describe_basis(campaign, day, archive, indicators), ground)
    return ground


def _gather_ground(
    request: Campaign,
    data_date: dt.date | None,
    settings: Settings,
    transport: Transport,
    archive: Archive,
    kept: KeptResults,
    steps: Steps,
    indicators: tuple[IndicatorPull, ...],
) -> Ground:
    """Pull everything, join it to tracts, and assess them if the campaign is a plan."""
    notes = Notes()
    with steps.step("Pull rates, predictors, boundaries"):
        campaign = resolve_regions(request, settings, transport, notes)
        campaign = settle_phase(campaign, archive, transport, data_date, notes)
        gathered = gather_phase(campaign, settings, transport, archive, data_date, indicators)

    with steps.step("Join"):
        joined = join_gathered(campaign, gathered)
        notes.extend(joined.notes)
        notes.extend(source.note for source in gathered.sources)

    assessment = None
    if campaign.is_plan:
        with steps.step("Forecast"):
            joined, assessment = plan_tracts(campaign, gathered, joined, kept, notes)
    return Ground(
        campaign=campaign,
        joined=joined,
        race=place_race(gathered, joined.tracts),
        tract_year=gathered.boundaries[0].tract_year,
        sources=gathered.sources,
        assessment=assessment,
        notes=notes.sentences,
    )


def _describe_basis(
    campaign: Campaign,
    data_date: dt.date | None,
    archive: Archive,
    indicators: tuple[IndicatorPull, ...],
) -> object:
    """Return what the ground depends on.

    That is the request but for its money, the archived rates, and the campaign's own figures.
    """
    request = campaign.model_dump_json(exclude=set(MONEY_KEYS))
    rates = pd.DataFrame()
    if data_date is not None:
        rates = archive.read(campaign.codes, on=data_date)
    own = [pulled.table for each in indicators for pulled in (each.now, each.then) if pulled]
    return [request, data_date, rates, own]
