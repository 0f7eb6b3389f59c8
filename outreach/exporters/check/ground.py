"""Check where the circles in exported files show ads, and to how many people."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely
import shapely.affinity

from outreach.arrays import Floats
from outreach.exporters.base.rules import Radius
from outreach.exporters.check.readback import (
    FileFinding,
    PlacedUnit,
    Readback,
    point_code,
)
from outreach.phrasing import write_count
from outreach.spatial import EARTH_KM, place_on_sphere
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, UnitKind

#: Footprints are drawn as polygons of many sides, which lie within the circle by less than this
#: share of its radius, and by no less than a few meters.
_DRAWN_SHARE, _DRAWN_KM = 0.005, 0.01
#: How many units a sentence names.
_NAMED = 5


def check_ground(readback: Readback, targets: DataFrame[Targets]) -> Iterator[FileFinding]:
    """Check that no circle, as it is written, reaches into a unit that is held out.

    It is a fault unless the planner asked for no buffers, and then a notice. Units that the files
    exclude are safe.
    """
    written = _list_circles(readback)
    held_out = targets[targets["arm"] == Arm.HOLDOUT]
    held_out = held_out[~_find_excluded(held_out, readback)]
    if written.empty or held_out.empty:
        return

    depths = pd.concat(
        [_reach_into_circles(written, held_out), _reach_into_shapes(written, held_out, readback)]
    )
    tolerance = np.maximum(_DRAWN_KM, _DRAWN_SHARE * depths["size_km"])
    reached = depths[depths["depth_km"] > tolerance]
    if reached.empty:
        return
    worst = reached.sort_values("depth_km").iloc[-1]
    circles = reached["circle"].nunique()
    sentence = (
        f"{write_count(circles, 'circle')} of {len(written):,} as written"
        f" {'reaches' if circles == 1 else 'reach'} into held-out units, by up to"
        f" {worst['depth_km']:.2f} km ({worst['unit_id']}), so that the test would measure its own"
        " ads"
    )
    platform, accepted = readback.rules.platform, readback.context.brief.overlaps
    hint = (
        "The campaign has no buffers."
        if accepted
        else "Name all platforms in the campaign before you run it, so that circles fit them all."
    )
    yield FileFinding(platform, f"{sentence}. {hint}", fault=not accepted)


def _find_excluded(held_out: pd.DataFrame, readback: Readback) -> "pd.Series[bool]":
    """Return which held-out units the files exclude, so that no ads show there."""
    excluded = {place.code for place in readback.places if place.excluded}
    points = [
        point_code(latitude, longitude)
        for latitude, longitude in held_out[["latitude", "longitude"]].fillna(0.0).to_numpy()
    ]
    return pd.Series([point in excluded for point in points], index=held_out.index, dtype=bool)


def check_people(readback: Readback, targets: DataFrame[Targets]) -> Iterator[FileFinding]:
    """Report circles in which fewer people live than the platform accepts; it widens them."""
    bounds = readback.rules.radius
    if bounds is None or bounds.least_people is None or bounds.people_per_household is None:
        return
    pins = targets[(targets["kind"] == UnitKind.PIN) & (targets["arm"] == Arm.TREAT)]
    people = _count_households(pins) * bounds.people_per_household.value
    few = people[people < bounds.least_people.value]
    if few.empty:
        return
    sentence = (
        f"{len(few):,} of {len(pins):,} circles hold about {few.min():,.0f} to {few.max():,.0f}"
        f" people each ({', '.join(few.index[:_NAMED])}{', ...' if len(few) > _NAMED else ''})."
        f" The platform widens circles with fewer than {bounds.least_people.value:,} people"
        f" ({bounds.least_people}), so that ads would show outside the plan and in held-out"
        " places. Take these circles out by hand, or choose larger ones."
    )
    yield FileFinding(readback.rules.platform, sentence, fault=False)


def _count_households(pins: pd.DataFrame) -> "pd.Series[float]":
    """Return the least number of households in each circle.

    A household in several circles counts for the nearest only, so a circle holds at least its own
    and at least those that it shares.
    """
    names = [
        name for name in ("households_count", "shared_households_count") if name in pins.columns
    ]
    return pins[names].max(axis=1).dropna()


def _list_circles(readback: Readback) -> pd.DataFrame:
    """Return the advertised circles with the radius that the files have, in kilometers."""
    bounds = readback.rules.radius
    pins = {
        place.code: _convert_radius(place, bounds)
        for place in readback.places
        if place.kind == UnitKind.PIN and not place.excluded
    }
    points = [tuple(int(part) / 1e6 for part in code.split(";")) for code in pins]
    table = pd.DataFrame(points, columns=["latitude", "longitude"], dtype=float)
    return table.assign(radius_km=list(pins.values()), code=list(pins))


def _convert_radius(place: PlacedUnit, bounds: Radius | None) -> float:
    """Return the radius of a written circle in kilometers; without rules it is already."""
    return bounds.to_km(place.radius) if bounds else place.radius


def _measure_distances(one: pd.DataFrame, other: pd.DataFrame) -> Floats:
    """Return the distances on the ground between two sets of points, in kilometers."""
    first, second = (
        place_on_sphere(points["latitude"].to_numpy(float), points["longitude"].to_numpy(float))
        for points in (one, other)
    )
    chord = np.linalg.norm(first[:, None, :] - second[None, :, :], axis=2)
    distances: Floats = 2 * np.arcsin(np.clip(chord / 2, 0, 1)) * EARTH_KM
    return distances


def _reach_into_circles(written: pd.DataFrame, held_out: pd.DataFrame) -> pd.DataFrame:
    """Measure how deep each written circle reaches into each held-out circle."""
    pins = held_out[held_out["kind"] == UnitKind.PIN]
    sizes = written["radius_km"].to_numpy()[:, None] + pins["radius_km"].to_numpy()[None, :]
    depths = sizes - _measure_distances(written, pins)
    circle, unit = np.nonzero(depths > 0)
    return pd.DataFrame(
        {
            "circle": circle,
            "unit_id": pins.index[unit],
            "depth_km": depths[circle, unit],
            "size_km": sizes[circle, unit],
        }
    )


def _reach_into_shapes(
    written: pd.DataFrame, held_out: pd.DataFrame, readback: Readback
) -> pd.DataFrame:
    """Measure how deep each written circle reaches into each held-out polygon or tract."""
    shapes = _find_shapes(held_out, readback)
    rows = []
    scale = float(np.cos(np.radians(written["latitude"].mean())))
    for unit_id, shape in shapes.items():
        # The nearest point of the shape, in degrees that are as long as on the ground.
        flat = shapely.affinity.scale(shape, xfact=scale, origin=(0, 0))
        points = shapely.points(written["longitude"] * scale, written["latitude"])
        away_km = np.radians(shapely.distance(points, flat)) * EARTH_KM
        for circle in np.flatnonzero(away_km < written["radius_km"].to_numpy()):
            radius_km = float(written["radius_km"].iloc[circle])
            rows.append((circle, unit_id, radius_km - away_km[circle], radius_km))
    return pd.DataFrame(rows, columns=["circle", "unit_id", "depth_km", "size_km"])


def _find_shapes(held_out: pd.DataFrame, readback: Readback) -> dict[str, shapely.Geometry]:
    """Return the outlines of held-out units that have one."""
    shapes: dict[str, shapely.Geometry] = {}
    if "wkt" in held_out:
        texts = held_out["wkt"].dropna()
        shapes |= dict(zip(texts.index, shapely.from_wkt(texts.to_numpy()), strict=True))
    tracts = readback.context.shapes
    if tracts is not None:
        own = held_out[held_out["kind"] == UnitKind.TRACT]
        found = own["place"].map(tracts).dropna()
        shapes |= dict(zip(found.index, found, strict=True))
    return shapes
