"""Read GeoJSON and its companion tables back (RFC 7946)."""

import json
import re

import shapely

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.check.readback import FileFinding, FileReader, Readback

_COORDINATES = re.compile(r'"coordinates":\[[-+.,\s0-9eE\[\]]*\]')

#: Stands for a feature without geometry, because GEOS accepts no null.
_EMPTY_GEOMETRY = '{"type":"GeometryCollection","geometries":[]}'


def read_geojson(readback: Readback) -> None:
    """Read features by unit, and check the shapes and the tables of points and polygons."""
    rules = readback.rules
    for file in readback.files:
        if file.name.endswith(".geojson"):
            _read_features(readback, file)
    for name in ("points", "polygons"):
        for file in readback.find_files(name):
            readback.read_table(file, rules.header(name), bom=rules.bom.value)


def _read_features(readback: Readback, file: ExportFile) -> None:
    """Record the units of a FeatureCollection. Longitude comes first in every position."""
    text = file.content.decode("utf-8")
    spec = json.loads(_COORDINATES.sub('"coordinates":[]', text))
    valid = spec["type"] == "FeatureCollection" and "crs" not in spec
    readback.require(file, valid, "it is not RFC 7946")
    _check_shapes(readback, file, text)

    features = spec["features"]
    for feature in features:
        readback.add_place(file, file.name, "unit", feature["id"])
    if bare := sum(feature["geometry"] is None for feature in features):
        sentence = f"{bare:,} of {len(features):,} units have neither polygon nor point."
        readback.findings.append(FileFinding(file.name, sentence, fault=False))


def _check_shapes(readback: Readback, file: ExportFile, text: str) -> None:
    """Check that shapes are valid and on earth.

    GEOS parses the coordinates; Python alone takes two to three times as long.
    """
    collection = shapely.from_geojson(
        text.replace('"geometry":null', f'"geometry":{_EMPTY_GEOMETRY}')
    )
    shapes = shapely.get_parts(collection)
    west, south, east, north = shapely.total_bounds(shapes)
    on_earth = -180 <= west <= east <= 180 and -90 <= south <= north <= 90  # noqa: PLR2004  degrees
    readback.require(
        file,
        on_earth or shapely.is_empty(shapes).all(),
        "a shape lies beyond 180 or 90 degrees",
    )
    readback.require(file, shapely.is_valid(shapes).all(), "a polygon crosses itself")


READER = FileReader(read_geojson, by_unit=True)
