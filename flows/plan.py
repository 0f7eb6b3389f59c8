"""Planning: from scored tracts to what is bought - units that platforms take, arms of a test, and a budget split over them."""

import contextlib
import datetime as dt
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
from threadpoolctl import threadpool_limits

from geo.boundaries import fetch_boundaries
from geo.crosswalk_sources import read_hud
from geo.districts import read_districts
from geo.overlay import overlay_areas
from geo.packing import Households, Packing, count_households
from geo.pins import PinRules, pack_pins
from geo.polygons import pack_polygons
from geo.spots import spread_by_grid
from geo.units import compare_units, make_targets, say_winner
from geo.zips import count_zips, pack_zips, trace_zips
from models.allocation import Terms, allocate_budget
from models.experiment import DesignRecord, design_arms, list_arms
from models.power import Event, flight_warnings
from models.priority import choose_channel
from models.season import load_season
from models.selection import choose_targets
from outreach.campaign import Campaign, Districts
from outreach.errors import GeographyError, ModelError, NothingThere
from outreach.exporters.rules import list_platforms, load_rules
from outreach.settings import Settings
from outreach.transport import Transport

_PERCENT = 100
#: The circles of a campaign whose platforms name no pins.
_PIN_PLATFORM = "google"
#: Most circles where a platform states no limit.
_MOST_PINS = 500
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
        with threadpool_limits(limits=1), _quiet_solver():
            packing, comparison, curve = _pack(tracts, households, campaign, settings, transport)
        share = campaign.units.coverage_percent / _PERCENT
        notes += say_winner(comparison, share)[:-1]
        units = make_targets(packing, chosen["data_date"].max())
    record = None
    if campaign.holdout.percent:
        units, record = _draw_arms(units, scores, campaign)
        notes += list(record.warnings)
    targets, said = _split_budget(units, campaign)
    return Plan(targets, comparison, curve, record, (*notes, said))


def _pack(
    tracts: gpd.GeoDataFrame, households: Households, campaign: Campaign, settings: Settings, transport: Transport
) -> tuple[Packing, pd.DataFrame, pd.DataFrame | None]:
    """Cover the target households with every kind of unit, compare, and return the kind that is wanted."""
    share, price = (
        campaign.units.coverage_percent / _PERCENT,
        campaign.impressions_per_household * campaign.cpm_usd / 1000,
    )
    drawn = tracts[tracts.geometry.notna()]
    polygons = _find_zips(drawn, campaign, settings, transport)
    zips = count_zips(households, polygons.crosswalk)
    packings = {
        "zips": pack_zips(zips, min(share, zips.reachable_share)),
        "pins": pack_pins(
            spread_by_grid(households, drawn, polygons.ground), _read_pin_rules(campaign, settings), share
        ),
        "polygons": pack_polygons(households, drawn),
    }
    curve = trace_zips(zips, price) if campaign.units.kind == "zips" else None
    return packings[campaign.units.kind], compare_units(list(packings.values()), share, price), curve


@contextlib.contextmanager
def _quiet_solver() -> Iterator[None]:
    """Keep a stray line of the solver's, which no option of it stops, from standard output; it comes from below Python."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  a device, by its descriptor
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@dataclass(frozen=True)
class _ZipSource:
    """A crosswalk from tracts to ZIPs, and the polygons it was made of, if any."""

    crosswalk: pd.DataFrame
    ground: gpd.GeoDataFrame | None


def _find_zips(tracts: gpd.GeoDataFrame, campaign: Campaign, settings: Settings, transport: Transport) -> _ZipSource:
    """Read the user's ZIPs: HUD's file, polygons, or the Bureau's map of ZCTAs where there are none."""
    named, kinds = campaign.units.zips, ("tract2020", "zip")
    if Path(named).suffix.lower() in {".xlsx", ".csv"}:
        return _ZipSource(read_hud(Path(named)), None)
    if named:
        wanted = Districts(name="ZIP", file=named, id_column=campaign.units.zip_column)
        areas, _ = read_districts(wanted, transport, settings.files_cache)
        return _ZipSource(overlay_areas(tracts, areas, kinds), areas)
    state = campaign.areas[0].state
    areas, _ = fetch_boundaries(transport, campaign.vintages.boundaries, state, settings.files_cache, "zcta")
    west, south, east, north = tracts.total_bounds
    near = areas.cx[west:east, south:north]
    if near.empty:
        raise GeographyError(
            "The Bureau's ZCTA file has no area here.", "Name ZIP polygons or HUD's file in [units] zips."
        )
    return _ZipSource(overlay_areas(tracts, near, ("tract2020", "zcta")), near)


def _read_pin_rules(campaign: Campaign, settings: Settings) -> PinRules:
    """Take the bounds of circles from the first platform that has any."""
    known = list_platforms()
    for platform in (*campaign.platforms, _PIN_PLATFORM):
        radius = load_rules(platform, settings.platform_rules).radius if platform in known else None
        if radius is not None:
            rules = load_rules(platform, settings.platform_rules)
            least, largest, step = (radius.to_km(fact.value) for fact in (radius.minimum, radius.maximum, radius.step))
            most = rules.caps.pins.value if rules.caps.pins else _MOST_PINS
            return PinRules(rules.title, least, largest, step, most)
    raise GeographyError("No platform of the campaign takes pins.", "Add google, meta or microsoft to platforms.")


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
