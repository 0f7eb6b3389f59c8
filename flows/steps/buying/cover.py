"""Cover target tracts with ZIPs, pins, and polygons, and compare the three."""

import contextlib
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd
import shapely
from threadpoolctl import threadpool_limits

from flows.steps.notes import Notes
from geo.cover.compare import compare_units
from geo.cover.covering import Covering, Households
from geo.cover.household_points import HouseholdPoints, spread_by_blocks, spread_by_grid
from geo.cover.pins import PinRules, cover_with_pins
from geo.cover.polygons import cover_with_polygons
from geo.cover.zips import Zips, count_zips, cover_for_budget, cover_with_zips, trace_zips
from geo.zip_crosswalk import ZipRequest, ZipSource, find_zips
from outreach.campaign import Campaign
from outreach.errors import GeographyError
from outreach.exporters.base.rules import list_platforms, load_rules
from outreach.phrasing import join_words, write_dollars, write_percent
from outreach.settings import Settings
from outreach.tables import Crosswalk, DataFrame, GeoDataFrame, Tracts
from outreach.transport import Transport
from outreach.units import UnitKind

_PERCENT = 100
#: The platform whose pins are used if no platform of the campaign takes any.
_PIN_PLATFORM = "google"
#: Most pins if a platform states no limit.
_MOST_PINS = 500
_MM_PER_KM = 1_000_000
#: A step that is this many times the largest of a platform would be too coarse.
_MOST_STEPS = 10
#: Simplification tolerance of ZIP outlines, in degrees (about 10 m).
_OUTLINE_DEGREES = 1e-4


@dataclass(frozen=True)
class CoverChoice:
    """The units that cover the target households.

    Attributes
    ----------
    covering
        Units of the requested kind.
    comparison
        All kinds side by side (:func:`geo.cover.compare.compare_units`), with the method that
        counted their households.
    curve
        Coverage against purity of the best ZIP sets; ``None`` unless ZIPs are requested.
    crosswalk
        From tracts to ZIPs.
    share
        The coverage that all kinds were asked to reach, 0-1.
    """

    covering: Covering
    comparison: pd.DataFrame
    curve: pd.DataFrame | None
    crosswalk: DataFrame[Crosswalk]
    share: float


def cover_targets(
    tracts: GeoDataFrame[Tracts],
    households: Households,
    campaign: Campaign,
    household_usd: float,
    settings: Settings,
    transport: Transport,
    notes: Notes,
) -> CoverChoice:
    """Cover the target households with every kind of unit, and compare the kinds.

    Parameters
    ----------
    tracts, households
        The ground, and the households to cover.
    campaign, settings, transport
        What is requested, and the machine that reads files.
    household_usd
        Price of all ads in a place, for each household that lives there.
    notes
        Gets a sentence for each decision.

    Raises
    ------
    GeographyError
        The requested kind cannot reach the coverage, or the budget buys no ZIP. Another kind that
        cannot reach it is left out with a note.
    """
    # Read the ZIPs and how tracts divide among them.
    requested = campaign.units
    shapes = tracts[tracts.geometry.notna()]
    source = find_zips(
        shapes,
        ZipRequest(requested.zips, requested.zip_column, requested.blocks, requested.layer),
        campaign.areas[0].state,
        campaign.vintages.boundaries,
        transport,
        settings.files_cache,
    )
    notes.extend(source.notes)

    with threadpool_limits(limits=1), _silence_solver():
        zips = count_zips(households, source.crosswalk)
        zip_covering, share = _cover_with_zips(zips, campaign, household_usd, notes)
        points = _place_households(households, shapes, source)
        makers: dict[str, Callable[[], Covering]] = {
            "pins": lambda: cover_with_pins(points, read_pin_rules(campaign, settings), share),
            "polygons": lambda: cover_with_polygons(households, shapes),
        }
        coverings = [
            _outline_zips(zip_covering, source.ground),
            *_try_others(makers, requested.kind, notes),
        ]
        curve = trace_zips(zips, household_usd) if requested.kind == "zips" else None

    # Compare the kinds, and say how the households of each were counted.
    comparison = compare_units(coverings, share, household_usd)
    first = source.crosswalk.iloc[0]
    methods = {
        "zip": f"{first['method']} ({first['target_kind']})",
        "pin": points.method,
        "polygon": "whole tracts",
    }
    comparison["counted_by"] = comparison["kind"].map(methods)
    covering = next(each for each in coverings if f"{each.kind}s" == requested.kind)
    return CoverChoice(covering, comparison, curve, source.crosswalk, share)


def _cover_with_zips(
    zips: Zips, campaign: Campaign, household_usd: float, notes: Notes
) -> tuple[Covering, float]:
    """Cover with ZIPs by coverage or by budget; return also the coverage for other kinds."""
    if campaign.units.choose_by == "budget":
        covering = cover_for_budget(zips, campaign.budget_usd, household_usd)
        notes.add(_describe_purchase(covering, campaign.budget_usd, household_usd))
        return covering, covering.coverage_share
    share = campaign.units.coverage_percent / _PERCENT
    return cover_with_zips(zips, min(share, zips.reachable_share)), share


def _try_others(
    makers: dict[str, Callable[[], Covering]], requested_kind: str, notes: Notes
) -> Iterator[Covering]:
    """Make the other kinds of covering; one that fails gets a note unless it was requested."""
    for kind, make in makers.items():
        try:
            yield make()
        except GeographyError as error:
            if kind == requested_kind:
                raise
            notes.add(f"No {kind} to compare with: {error.what}")


def _describe_purchase(covering: Covering, budget_usd: float, household_usd: float) -> str:
    """Say how much a budget buys at most.

    Raises
    ------
    GeographyError
        It buys nothing.
    """
    budget = write_dollars(budget_usd)
    price = write_dollars(household_usd, cents=True)
    if covering.places.empty:
        raise GeographyError(
            f"The budget of {budget} buys no ZIP with target households at {price} per household.",
            "Raise budget_usd, lower impressions_per_household, or use pins.",
        )
    return (
        f"{budget} buys {len(covering.places):,} of the {covering.name} with"
        f" {write_percent(covering.coverage_share, 1)} of the target households at {price} per"
        " household; no other set reaches more than"
        f" {write_percent(covering.bound / covering.target_count, 1)}."
    )


def _place_households(
    households: Households, tracts: GeoDataFrame[Tracts], source: ZipSource
) -> HouseholdPoints:
    """Place households at their blocks if those are available, else evenly over the ground."""
    if source.blocks is not None:
        return spread_by_blocks(households, source.blocks)
    return spread_by_grid(households, tracts, source.ground)


def _outline_zips(covering: Covering, ground: gpd.GeoDataFrame | None) -> Covering:
    """Give the chosen ZIPs their outlines, simplified together, for maps.

    A ZIP file without polygons has none.
    """
    if ground is None:
        return covering
    chosen = ground.geometry.reindex(covering.places.index)
    simple = shapely.coverage_simplify(shapely.make_valid(chosen.to_numpy()), _OUTLINE_DEGREES)
    places = gpd.GeoDataFrame(covering.places, geometry=simple, crs=ground.crs)
    return replace(covering, places=places)


@contextlib.contextmanager
def _silence_solver() -> Iterator[None]:
    """Keep a stray line of the solver from standard output.

    No option of the solver stops it, because it is printed below Python.
    """
    sys.stdout.flush()
    saved = os.dup(1)
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  a device, by its descriptor
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)


def read_pin_rules(campaign: Campaign, settings: Settings) -> PinRules:
    """Return limits that the pins of all platforms of the campaign keep.

    Circles are drawn, and later randomized, on the coarsest step, so that no platform has to widen
    one into ground that is held out.
    """
    channels = (channel.name for channel in campaign.channels)
    names = dict.fromkeys((*campaign.platforms, *channels))
    known = [name for name in names if name in list_platforms()]
    rules = [load_rules(name, settings.platform_rules) for name in known]
    taking = [each for each in rules if each.radius and UnitKind.PIN in each.units.value]
    if not taking:
        taking = [load_rules(_PIN_PLATFORM, settings.platform_rules)]

    bounds = [each.radius for each in taking if each.radius]
    caps = [each.caps.pins.value for each in taking if each.caps.pins]
    return PinRules(
        join_words([each.title for each in taking]),
        max(radius.to_km(radius.minimum.value) for radius in bounds),
        min(radius.to_km(radius.maximum.value) for radius in bounds),
        find_common_step([radius.to_km(radius.step.value) for radius in bounds]),
        min(caps, default=_MOST_PINS),
    )


def find_common_step(steps_km: Sequence[float]) -> float:
    """Return the smallest step that is a whole number of each of the others, to the millimeter.

    Steps in miles and in kilometers have none of a useful size; then it is the largest of them,
    and the check of the files tells how much the others widen.
    """
    whole = [round(step * _MM_PER_KM) for step in steps_km]
    common = math.lcm(*whole)
    largest = max(steps_km)
    return common / _MM_PER_KM if common <= _MOST_STEPS * largest * _MM_PER_KM else largest
