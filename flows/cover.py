"""Covering: from target tracts to the units that ad platforms take - ZIPs, pins and polygons, compared side by side."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
from threadpoolctl import threadpool_limits

from geo.boundaries import fetch_boundaries
from geo.crosswalk_sources import read_hud
from geo.districts import read_districts
from geo.overlay import overlay_areas
from geo.packing import Households, Packing
from geo.pins import PinRules, pack_pins
from geo.polygons import pack_polygons
from geo.spots import spread_by_grid
from geo.units import compare_units
from geo.zips import count_zips, pack_zips, trace_zips
from outreach.campaign import Campaign, Districts
from outreach.errors import GeographyError
from outreach.exporters.rules import list_platforms, load_rules
from outreach.settings import Settings
from outreach.transport import Transport

_PERCENT = 100
#: The circles of a campaign whose platforms name no pins.
_PIN_PLATFORM = "google"
#: Most circles where a platform states no limit.
_MOST_PINS = 500


def cover_targets(
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
    with threadpool_limits(limits=1), _quiet_solver():
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
