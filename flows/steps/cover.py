"""Cover target tracts with ZIPs, pins, and polygons, and compare the three."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd
import shapely
from threadpoolctl import threadpool_limits

from geo.cover.compare import compare_units
from geo.cover.covering import Covering, Households
from geo.cover.household_points import HouseholdPoints, spread_by_blocks, spread_by_grid
from geo.cover.pins import PinRules, cover_with_pins
from geo.cover.polygons import cover_with_polygons
from geo.cover.zips import count_zips, cover_for_budget, cover_with_zips, trace_zips
from geo.zip_crosswalk import ZipRequest, ZipSource, find_zips
from outreach.campaign import Campaign
from outreach.errors import GeographyError
from outreach.exporters.base.rules import list_platforms, load_rules
from outreach.settings import Settings
from outreach.transport import Transport

_PERCENT = 100
#: The circles of a campaign whose platforms name no pins.
_PIN_PLATFORM = "google"
#: Most circles where a platform states no limit.
_MOST_PINS = 500
#: Outlines of ZIPs are kept to about this (10 m).
_OUTLINE_DEGREES = 1e-4


@dataclass(frozen=True)
class CoverChoice:
    """The units that cover the target households.

    Attributes
    ----------
    covering
        Those of the kind that is wanted.
    comparison
        All kinds side by side (:func:`geo.cover.compare.compare_units`), with what their households
        were counted by.
    curve
        Coverage against purity of the best ZIP sets; ``None`` unless ZIPs are wanted.
    crosswalk
        From tracts to ZIPs.
    share
        The coverage that all were packed for.
    notes
        Sentences for people.
    """

    covering: Covering
    comparison: pd.DataFrame
    curve: pd.DataFrame | None
    crosswalk: pd.DataFrame
    share: float
    notes: tuple[str, ...]


def cover_targets(
    tracts: gpd.GeoDataFrame,
    households: Households,
    campaign: Campaign,
    settings: Settings,
    transport: Transport,
) -> CoverChoice:
    """Cover the target households with every kind of unit and compare them.

    Raises
    ------
    GeographyError
        The wanted kind cannot reach the coverage, or the budget buys no ZIP. Another kind that
        cannot is left out with a note.
    """
    asked, price = campaign.units, campaign.household_usd
    drawn = tracts[tracts.geometry.notna()]
    state, year = campaign.areas[0].state, campaign.vintages.boundaries
    request = ZipRequest(asked.zips, asked.zip_column, asked.blocks)
    source = find_zips(drawn, request, state, year, transport, settings.files_cache)
    notes = list(source.notes)
    zips = count_zips(households, source.crosswalk)
    with threadpool_limits(limits=1), _quiet_solver():
        share = asked.coverage_percent / _PERCENT
        if asked.choose_by == "budget":
            bought = cover_for_budget(zips, campaign.budget_usd, price)
            share = bought.coverage_share
            notes.append(_say_bought(bought, campaign))
        else:
            bought = cover_with_zips(zips, min(share, zips.reachable_share))
        coverings = [_outline_zips(bought, source.ground)]
        spots = _spread(households, drawn, source)
        makers: dict[str, Callable[[], Covering]] = {
            "pins": lambda: cover_with_pins(spots, _read_pin_rules(campaign, settings), share),
            "polygons": lambda: cover_with_polygons(households, drawn),
        }
        for kind, make in makers.items():
            try:
                coverings.append(make())
            except GeographyError as error:
                if kind == asked.kind:
                    raise
                notes.append(f"No {kind} to compare with: {error.what}")
        curve = trace_zips(zips, price) if asked.kind == "zips" else None
    comparison = compare_units(coverings, share, price)
    shares = source.crosswalk.iloc[0]
    counted_by = {
        "zip": f"{shares['method']} ({shares['target_kind']})",
        "pin": spots.method,
        "polygon": "whole tracts",
    }
    comparison["counted_by"] = comparison["kind"].map(counted_by)
    wanted = next(each for each in coverings if f"{each.kind}s" == asked.kind)
    return CoverChoice(wanted, comparison, curve, source.crosswalk, share, tuple(notes))


def _say_bought(covering: Covering, campaign: Campaign) -> str:
    """Say what a budget buys at most, or that it buys nothing."""
    if covering.places.empty:
        raise GeographyError(
            f"The budget of {campaign.budget_usd:,.0f} USD buys no ZIP with target households at {campaign.household_usd:.2f} USD a household.",
            "Raise budget_usd, lower impressions_per_household, or use pins.",
        )
    return (
        f"{campaign.budget_usd:,.0f} USD buy {len(covering.places):,} of the {covering.name} with {covering.coverage_share:.1%} of the target "
        f"households at {campaign.household_usd:.2f} USD a household; no other set reaches more than {covering.bound / covering.target_count:.1%}."
    )


def _spread(households: Households, tracts: gpd.GeoDataFrame, source: ZipSource) -> HouseholdPoints:
    """Place the households of tracts: at their blocks where those are known, else evenly over the ground."""
    if source.blocks is not None:
        return spread_by_blocks(households, source.blocks)
    return spread_by_grid(households, tracts, source.ground)


def _outline_zips(covering: Covering, ground: gpd.GeoDataFrame | None) -> Covering:
    """Give the chosen ZIPs their outlines, simplified together, for maps; a ZIP file without polygons has none."""
    if ground is None:
        return covering
    chosen = ground.geometry.reindex(covering.places.index)
    simple = shapely.coverage_simplify(shapely.make_valid(chosen.to_numpy()), _OUTLINE_DEGREES)
    places = gpd.GeoDataFrame(covering.places, geometry=simple, crs=ground.crs)
    return replace(covering, places=places)


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


def _read_pin_rules(campaign: Campaign, settings: Settings) -> PinRules:
    """Take the bounds of circles from the first platform that has any."""
    known = list_platforms()
    for platform in (*campaign.platforms, _PIN_PLATFORM):
        radius = load_rules(platform, settings.platform_rules).radius if platform in known else None
        if radius is not None:
            rules = load_rules(platform, settings.platform_rules)
            least, largest, step = (
                radius.to_km(fact.value) for fact in (radius.minimum, radius.maximum, radius.step)
            )
            most = rules.caps.pins.value if rules.caps.pins else _MOST_PINS
            return PinRules(rules.title, least, largest, step, most)
    raise GeographyError(
        "No platform of the campaign takes pins.", "Add google, meta or microsoft to platforms."
    )
