"""The neutral bundle: GeoJSON of points and polygons (RFC 7946), points with radius as CSV, polygons as WKT. Form: ``rules/geojson.toml``."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from outreach.exporters.base.cells import clean_text, format_degrees, format_figure, write_table
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.places import Part, choose_places, split_places
from outreach.exporters.base.rules import KM_PER_MILE, PlatformRules, load_rules

#: Six decimals of a degree are about 0.1 m (RFC 7946, section 11.2).
_GRID_DEGREES = 1e-6

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

#: What travels as properties, beside name and source.
_PROPERTIES = (
    "kind",
    "place",
    "arm",
    "rank",
    "radius_km",
    "households_count",
    "budget_usd",
    "impressions_count",
)


def write_geojson(targets: pd.DataFrame, context: ExportContext) -> list[ExportFile]:
    """Write the advertised units: a polygon where one is known, else the point, else no geometry.

    Polygons come from a ``geometry`` column of the targets, or by tract from the context's shapes.

    Raises
    ------
    ExportError
        There is nothing to advertise in, or the list carries a protected trait.
    """
    rules = load_rules("geojson", context.rules_folder)
    parts = split_places(choose_places(targets, rules, context), rules)
    shapes = _find_shapes(targets, context)
    files = []
    for part in parts:
        rows = targets.loc[[place.unit_id for place in part.places]]
        files.append(_write_features(part, rows, shapes, context))
        files += _write_points(part, rows, rules) + _write_polygons(part, rows, shapes, rules)
    return files


def _find_shapes(targets: pd.DataFrame, context: ExportContext) -> dict[str, BaseGeometry]:
    """Return the polygon of each unit that has one, rings turned as RFC 7946 asks, on a fine grid."""
    if "geometry" in targets:
        shapes = targets["geometry"]
    elif context.shapes is not None:
        shapes = targets.loc[targets["kind"] == "tract", "place"].map(context.shapes)
    else:
        return {}
    drawn = shapes[[isinstance(shape, BaseGeometry) for shape in shapes]]
    turned = shapely.orient_polygons(_round_shapes(drawn.to_numpy()), exterior_cw=False)
    return {
        unit_id: shape
        for unit_id, shape in zip(drawn.index, turned, strict=True)
        if shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty
    }


def _round_shapes(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Bring shapes to the grid: each corner by itself, which is quick, and as a whole only where that broke the shape."""
    rounded: NDArray[np.object_] = shapely.set_precision(shapes, _GRID_DEGREES, mode="pointwise")
    broken = ~shapely.is_valid(rounded)
    rounded[broken] = shapely.set_precision(shapes[broken], _GRID_DEGREES)
    return rounded


def _write_features(
    part: Part, rows: pd.DataFrame, shapes: dict[str, BaseGeometry], context: ExportContext
) -> ExportFile:
    """Write a FeatureCollection, one feature a unit; geometries are spelt by GEOS, which is many times quicker than Python."""
    points = shapely.points(rows["longitude"].round(6), rows["latitude"].round(6))
    located = rows["longitude"].notna() & rows["latitude"].notna()
    drawn = [
        shapes.get(unit_id, point if known else None)
        for unit_id, point, known in zip(rows.index, points, located, strict=True)
    ]
    spelt = shapely.to_geojson(drawn)
    features = []
    for unit_id, row, geometry in zip(rows.index, rows.to_dict("records"), spelt, strict=True):
        properties = {name: _plain(row[name]) for name in _PROPERTIES}
        properties |= {"name": clean_text(row["label"]), "why": clean_text(row["why"])}
        head = f'{{"type":"Feature","id":{_spell(unit_id)},"geometry":{geometry or "null"}'
        features.append(f'{head},"properties":{_spell(properties)}}}')
    source = {
        "type": "FeatureCollection",
        "campaign": context.campaign.name,
        "run": context.run_id,
        "version": context.full_version,
        "approval": context.approval,
        "data_date": rows["data_date"].max().date().isoformat(),
    }
    text = _spell(source).removesuffix("}") + ',"features":[\n' + ",\n".join(features) + "\n]}\n"
    return ExportFile(part.name_file("targets", ".geojson"), text.encode("utf-8"))


def _spell(value: object) -> str:
    return _ENCODER.encode(value)


def _write_points(part: Part, rows: pd.DataFrame, rules: PlatformRules) -> list[ExportFile]:
    """Write the units that have a point, with the radius in three units where they have one."""
    located = rows[rows["latitude"].notna() & rows["longitude"].notna()]
    if located.empty:
        return []
    cells = [
        (
            format_degrees(latitude),
            format_degrees(longitude),
            format_figure(radius_km / KM_PER_MILE, 6),
            format_figure(radius_km, 6),
            format_figure(radius_km * 1000, 3),
            f"{label} ({unit_id})",
        )
        for unit_id, latitude, longitude, radius_km, label in located[
            ["latitude", "longitude", "radius_km", "label"]
        ].itertuples()
    ]
    return [_table(part, "points", cells, rules)]


def _write_polygons(
    part: Part, rows: pd.DataFrame, shapes: dict[str, BaseGeometry], rules: PlatformRules
) -> list[ExportFile]:
    """Write the units that have a polygon as WKT, longitude first."""
    labels = {str(unit_id): label for unit_id, label in rows["label"].items() if unit_id in shapes}
    spelt = shapely.to_wkt([shapes[unit_id] for unit_id in labels], rounding_precision=6)
    cells = [
        (f"{label} ({unit_id})", wkt)
        for (unit_id, label), wkt in zip(labels.items(), spelt, strict=True)
    ]
    return [_table(part, "polygons", cells, rules)] if cells else []


def _table(part: Part, name: str, cells: Sequence[Any], rules: PlatformRules) -> ExportFile:
    stem = "polygons_wkt" if name == "polygons" else name
    return ExportFile(
        part.name_file(stem, ".csv"), write_table(cells, rules.header(name), bom=rules.bom.value)
    )


def _plain(value: Any) -> Any:
    """Return a value that JSON knows, missing figures as null."""
    value = value.item() if hasattr(value, "item") else value
    return None if pd.isna(value) else value


EXPORTER = Exporter(
    title="GeoJSON, points and WKT",
    write=write_geojson,
    notes=(
        "Coordinates are WGS 84; longitude stands first in GeoJSON and WKT, latitude first in points.csv.",
    ),
)
