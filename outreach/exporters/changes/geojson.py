"""Write the features to add to and remove from a GeoJSON list, and the rows beside it."""

import json
from typing import Any

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.changes.changer import Changer, Difference
from outreach.exporters.changes.lists import write_list_changes


def write_changes(difference: Difference) -> list[ExportFile]:
    """Write a collection of what is new or different, and one of what is gone or was different."""
    old, new = (
        {
            feature["id"]: feature
            for file in files
            if file.name.endswith(".geojson")
            for feature in json.loads(file.content)["features"]
        }
        for files in (difference.old, difference.new)
    )
    files = [
        _write_features(f"targets-{verb}.geojson", features)
        for verb, features in (("add", _subtract(new, old)), ("remove", _subtract(old, new)))
        if features
    ]
    lists = [
        file
        for beginning in ("points", "polygons_wkt")
        for file in write_list_changes(difference, beginning)
    ]
    return files + lists


def _subtract(
    features: dict[str, dict[str, Any]], others: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the features that the others do not have in this form."""
    return [feature for key, feature in features.items() if others.get(key) != feature]


def _write_features(name: str, features: list[dict[str, Any]]) -> ExportFile:
    """Write a collection of features (RFC 7946)."""
    collection = {"type": "FeatureCollection", "features": features}
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    return ExportFile(name, text.encode("utf-8"))


CHANGER = Changer(write_changes)
