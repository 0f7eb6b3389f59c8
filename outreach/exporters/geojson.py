"""Write points and polygons in neutral formats: GeoJSON, CSV, and WKT.

Form: RFC 7946 and ``rules/geojson.toml``. Coordinates are in EPSG:4326.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from outreach.exporters.base.cells import format_degrees, format_figure
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.parts import Part, split_places
from outreach.exporters.base.places import choose_places
from outreach.exporters.base.rules import KM_PER_MILE, PlatformRules, load_rules
from outreach.spreadsheet import clean_text, write_table
from outreach.tables import DataFrame, Targets
from outreach.units import UnitKind

#: Six decimals of a degree are about 0.1 m (RFC 7946, section 11.2).
_GRID_DEGREES = 1e-6

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

#: Properties of a feature, beside name and reason.
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


def write_geojson(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write each advertised unit as its polygon, else its point, else without geometry.

    Polygons come from a column ``geometry`` or ``wkt`` of the targets, which ZIPs have too, or by
    tract from the context's shapes.

    Raises
    ------
    ExportError
        There is no place to advertise in, or the list carries a protected trait.
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


def _find_shapes(targets: DataFrame[Targets], context: ExportContext) -> dict[str, BaseGeometry]:
    """Return the polygon of each unit that has one, with rings in the order of RFC 7946."""
    if "geometry" in targets:
        shapes = targets["geometry"]
    elif "wkt" in targets:
        texts = targets["wkt"].dropna()
        shapes = pd.Series(list(shapely.from_wkt(texts.to_numpy())), index=texts.index)
    elif context.shapes is not None:
        shapes = targets.loc[targets["kind"] == UnitKind.TRACT, "place"].map(context.shapes)
    else:
        return {}

    present = shapes[[isinstance(shape, BaseGeometry) for shape in shapes]]
    polygons = shapely.orient_polygons(_round_shapes(present.to_numpy()), exterior_cw=False)
    return {
        unit_id: shape
        for unit_id, shape in zip(present.index, polygons, strict=True)
        if shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty
    }


def _round_shapes(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Snap shapes to the grid.

    Snapping each corner by itself is quick. Only a shape that this breaks is snapped as a whole.
    """
    snapped: NDArray[np.object_] = shapely.set_precision(shapes, _GRID_DEGREES, mode="pointwise")
    broken = ~shapely.is_valid(snapped)
    snapped[broken] = shapely.set_precision(shapes[broken], _GRID_DEGREES)
    return snapped


def _write_features(
    part: Part, rows: pd.DataFrame, shapes: dict[str, BaseGeometry], context: ExportContext
) -> ExportFile:
    """Write a FeatureCollection with one feature for each unit."""
    features = [
        _format_feature(unit_id, row, geometry)
        for unit_id, row, geometry in zip(
            rows.index, rows.to_dict("records"), _format_geometries(rows, shapes), strict=True
        )
    ]
    source = {
        "type": "FeatureCollection",
        "campaign": context.brief.name,
        "run": context.run_id,
        "version": context.full_version,
        "approval": context.approval,
        "data_date": rows["data_date"].max().date().isoformat(),
    }
    head = _ENCODER.encode(source).removesuffix("}")
    text = head + ',"features":[\n' + ",\n".join(features) + "\n]}\n"
    return ExportFile(part.name_file("targets", ".geojson"), text.encode("utf-8"))


def _format_geometries(rows: pd.DataFrame, shapes: dict[str, BaseGeometry]) -> Sequence[str | None]:
    """Return each unit's geometry as GeoJSON text.

    GEOS writes the text, which is many times faster than Python.
    """
    points = shapely.points(rows["longitude"].round(6), rows["latitude"].round(6))
    located = rows["longitude"].notna() & rows["latitude"].notna()
    geometries = [
        shapes.get(unit_id, point if has_point else None)
        for unit_id, point, has_point in zip(rows.index, points, located, strict=True)
    ]
    texts: Sequence[str | None] = shapely.to_geojson(geometries)
    return texts


def _format_feature(unit_id: str, row: dict[Any, Any], geometry: str | None) -> str:
    """Return one feature as GeoJSON text."""
    properties = {name: _to_json_value(row[name]) for name in _PROPERTIES}
    properties |= {"name": clean_text(row["label"]), "why": clean_text(row["why"])}
    head = f'{{"type":"Feature","id":{_ENCODER.encode(unit_id)},"geometry":{geometry or "null"}'
    return f'{head},"properties":{_ENCODER.encode(properties)}}}'


def _write_points(part: Part, rows: pd.DataFrame, rules: PlatformRules) -> list[ExportFile]:
    """Write the units that have a point, with the radius in three units."""
    located = rows[rows["latitude"].notna() & rows["longitude"].notna()]
    if located.empty:
        return []
    columns = ["latitude", "longitude", "radius_km", "label"]
    cells = [
        (
            format_degrees(latitude),
            format_degrees(longitude),
            format_figure(radius_km / KM_PER_MILE, 6),
            format_figure(radius_km, 6),
            format_figure(radius_km * 1000, 3),
            f"{label} ({unit_id})",
        )
        for unit_id, latitude, longitude, radius_km, label in located[columns].itertuples()
    ]
    content = write_table(cells, rules.header("points"), bom=rules.bom.value)
    return [ExportFile(part.name_file("points", ".csv"), content)]


def _write_polygons(
    part: Part, rows: pd.DataFrame, shapes: dict[str, BaseGeometry], rules: PlatformRules
) -> list[ExportFile]:
    """Write the units that have a polygon as WKT, longitude first."""
    labels = {str(unit_id): label for unit_id, label in rows["label"].items() if unit_id in shapes}
    if not labels:
        return []
    texts = shapely.to_wkt([shapes[unit_id] for unit_id in labels], rounding_precision=6)
    cells = [
        (f"{label} ({unit_id})", wkt)
        for (unit_id, label), wkt in zip(labels.items(), texts, strict=True)
    ]
    content = write_table(cells, rules.header("polygons"), bom=rules.bom.value)
    return [ExportFile(part.name_file("polygons_wkt", ".csv"), content)]


def _to_json_value(value: Any) -> Any:
    """Return a value that JSON allows; a missing figure is null."""
    value = value.item() if hasattr(value, "item") else value
    return None if pd.isna(value) else value


EXPORTER = Exporter(
    title="GeoJSON, points and WKT",
    write=write_geojson,
    notes=(
        (
            "Coordinates are WGS 84. Longitude comes first in GeoJSON and WKT, latitude first in"
            " points.csv."
        ),
    ),
)
