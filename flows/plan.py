"""Planning: from scored tracts to what is bought - units that platforms take, arms of a test, and a budget split over them."""

import datetime as dt
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from flows.cover import cover_targets
from geo.packing import count_households
from geo.units import make_targets, say_winner
from models.allocation import Terms, allocate_budget
from models.experiment import DesignRecord, design_arms, list_arms
from models.power import Event, flight_warnings
from models.priority import choose_channel
from models.season import load_season
from models.selection import choose_targets
from outreach.campaign import Campaign
from outreach.errors import ModelError, NothingThere
from outreach.settings import Settings
from outreach.transport import Transport

_PERCENT = 100
_OUTCOME = "change of the cumulative self-response share of each unit from the last data date before the flight to the first after it"
_METHOD = "ANCOVA on matched blocks, household-weighted, with randomisation inference (models.effect)"


@dataclass(frozen=True)
class Plan:
    """What is bought, and how it was decided.

    Attributes
    ----------
    targets
        :class:`outreach.tables.Targets` with arms and budgets.
    comparison
        ZIPs, pins and polygons side by side (:func:`geo.units.compare_units`); ``None`` for tracts.
    curve
        Coverage against purity of the best ZIP sets; ``None`` unless ZIPs are wanted.
    record
        The dated plan of the test, ``None`` without a holdout.
    notes
        Sentences for people.
    """

    targets: pd.DataFrame
    comparison: pd.DataFrame | None = None
    curve: pd.DataFrame | None = None
    record: DesignRecord | None = None
    notes: tuple[str, ...] = field(default=())


def plan_targets(
    tracts: gpd.GeoDataFrame, scores: pd.DataFrame, campaign: Campaign, settings: Settings, transport: Transport
) -> Plan:
    """Choose tracts by priority, cover them with the units that the campaign wants, draw the arms, split the budget.

    Raises
    ------
    GeographyError
        The wished coverage cannot be reached, or the ZIP file cannot be used.
    ModelError
        There are too few units for the holdout.
    """
    chosen = choose_targets(tracts, scores, campaign)
    if campaign.units.kind == "tracts" and not campaign.holdout.percent:
        return Plan(chosen)
    notes: list[str] = []
    comparison = curve = None
    units = chosen
    if campaign.units.kind != "tracts":
        if chosen.empty:
            raise NothingThere("The budget buys not one tract, so there is nothing to cover.", "Raise budget_usd.")
        households = count_households(tracts, pd.Series(data=True, index=pd.Index(chosen["place"])), scores)
        packing, comparison, curve = cover_targets(tracts, households, campaign, settings, transport)
        share = campaign.units.coverage_percent / _PERCENT
        notes += say_winner(comparison, share)[:-1]
        units = make_targets(packing, chosen["data_date"].max())
    record = None
    if campaign.holdout.percent:
        units, record = _draw_arms(units, scores, campaign)
        notes += list(record.warnings)
    targets, said = _split_budget(units, campaign)
    return Plan(targets, comparison, curve, record, (*notes, said))


def _draw_arms(units: pd.DataFrame, scores: pd.DataFrame, campaign: Campaign) -> tuple[pd.DataFrame, DesignRecord]:
    """Draw the holdout at random within blocks of units alike, and write the plan down."""
    traits = units.assign(rate_share=1 - units["missing_households_count"] / units["households_count"]).fillna(
        {"rate_share": 0.5}
    )
    design = design_arms(traits, campaign.holdout.percent / _PERCENT, ["rate_share", "households_count"])
    assigned = design.assign(campaign.holdout.seed)
    today = scores["data_date"].max().date()
    start, end = (campaign.flight.start, campaign.flight.end) if campaign.flight else (today, campaign.deadline)
    events = [
        Event(event.name, event.first, event.last)
        for event in load_season().events
        if event.first.year == campaign.census_year
    ]
    record = DesignRecord(
        campaign=campaign.name,
        made_at=dt.datetime.now(dt.UTC),
        flight_start=start,
        flight_end=end,
        holdout_share=campaign.holdout.percent / _PERCENT,
        seed=campaign.holdout.seed,
        unit_kind=campaign.units.kind,
        outcome=_OUTCOME,
        method=_METHOD,
        smallest_visible_share=None,
        warnings=flight_warnings(start, end, events),
        arms=list_arms(assigned),
    )
    return units.assign(arm=assigned["arm"]), record


def _split_budget(units: pd.DataFrame, campaign: Campaign) -> tuple[pd.DataFrame, str]:
    """Split the budget over the units that are advertised in; those that get nothing stay listed with 0."""
    treated = units[units["arm"] == "treat"]
    if treated.empty:
        raise ModelError("No unit is left to advertise in.", "Lower the holdout.")
    terms = Terms(
        campaign.budget_usd,
        (choose_channel(campaign),),
        minimum_spend_usd=campaign.units.minimum_spend_usd,
        max_impressions_per_household=campaign.impressions_per_household,
    )
    share = treated.get("addressable_share", pd.Series(1.0, index=treated.index))
    allocation = allocate_budget(
        treated[["households_count", "missing_households_count"]].assign(addressable_share=share), terms
    )
    split = allocation.by_unit()
    spent = (split["budget_usd"] * _PERCENT // 1 / _PERCENT).reindex(units.index).fillna(0.0)
    why = units["why"] + split["why"].reindex(units.index).map(
        lambda text: f" {text}." if isinstance(text, str) else " Held out: no ads."
    )
    money = split[["expected_responses_count", "expected_responses_low_count", "expected_responses_high_count"]]
    targets = units.assign(
        budget_usd=spent, impressions_count=split["impressions_count"].reindex(units.index).fillna(0.0), why=why
    ).join(money)
    return targets, allocation.summary()
