"""Display & Video 360 gets regions by ID and one list of points for each radius."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.dv360 import write_dv360


def parse_line_items(file: ExportFile) -> list[dict[str, str]]:
    """Return the rows of a structured data file; targeting stands on line items only."""
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8"), newline="")))
    assert all(None not in row for row in rows)
    assert all("Line Item Id" in row and "Io Id" in row for row in rows)
    return rows


def test_the_frequency_cap_is_over_the_flight(bench: Any) -> None:
    targets = bench.targets(pins=[(41.0, -87.5, 1.0)], frequency_cap=24)
    (item,) = parse_line_items(write_dv360(targets, bench.context())[-1])
    assert [item[f"Frequency {name}"] for name in ("Enabled", "Exposures", "Amount")] == [
        "TRUE",
        "24",
        "141",
    ]


def test_points_are_grouped_by_radius_and_written_as_ids(bench: Any) -> None:
    targets = bench.targets(
        pins=[(40.7414691, -74.003387, 1.0), (41.0, -87.5, 1.4), (41.5, -87.25, 2.0)]
    )
    one, two, items = write_dv360(targets, bench.context())
    assert [one.name, two.name, items.name] == [
        "dv360-proximity-list-1km.json",
        "dv360-proximity-list-2km.json",
        "dv360-sdf-line-items.csv",
    ]
    (item,) = parse_line_items(items)
    assert item["Proximity Location List Targeting"] == (
        "ID OF dv360-proximity-list-1km; ID OF dv360-proximity-list-2km;"
    )
    assert item["Geography Targeting - Include"] == ""
    spec = json.loads(one.content)
    # The example of reference 5.1.
    assert spec["bulkEdit"] == {
        "createdAssignedLocations": [{"targetingOptionId": "40741469;-74003387"}]
    }
    assert spec["locationList"]["locationType"] == "TARGETING_LOCATION_TYPE_PROXIMITY"
    assert spec["assignment"] == {
        "proximityRadius": 1,
        "proximityRadiusUnit": "PROXIMITY_RADIUS_UNIT_KILOMETERS",
    }
    spec = json.loads(two.content)
    assert [
        entry["targetingOptionId"] for entry in spec["bulkEdit"]["createdAssignedLocations"]
    ] == [
        "41000000;-87500000",
        "41500000;-87250000",
    ]


def test_zips_are_regions_and_unmatched_ones_are_listed(bench: Any, tmp_path: Path) -> None:
    path = bench.geotargets(tmp_path, ["60601", "00501", "60602"])
    targets = bench.targets(
        zips=["00501", "60601", "60699", "60602"],
        arm=["treat", "treat", "treat", "holdout"],
        households_count=[1000.0, 1000.0, 10.0, 1000.0],
    )
    regions, items, unmatched = write_dv360(
        targets, bench.context(geotargets=path, exclude_holdout=True)
    )
    spec = json.loads(regions.content)
    assert spec["locationList"]["locationType"] == "TARGETING_LOCATION_TYPE_REGIONAL"
    assert [
        entry["targetingOptionId"] for entry in spec["bulkEdit"]["createdAssignedLocations"]
    ] == [
        "9000501",
        "9060601",
    ]
    (item,) = parse_line_items(items)
    assert item["Geography Targeting - Include"] == "9000501; 9060601;"
    assert item["Geography Targeting - Exclude"] == "9060602;"
    assert item["Name"] == "Census 2020 | treat | 2020-05-29T10-00-00 | en+es"
    assert (item["Start Date"], item["End Date"]) == ("05/28/2020 00:00", "10/15/2020 23:59")
    assert (item["Budget Type"], item["Budget Amount"]) == ("Amount", "282")
    assert (item["Status"], item["Contains EU Political Ads"]) == ("Draft", "No")
    assert item["Frequency Enabled"] == "FALSE"
    assert b"\r\n60699," in unmatched.content


def test_zips_without_the_list_stop_the_export(bench: Any) -> None:
    with pytest.raises(ExportError, match="--geotargets"):
        write_dv360(bench.targets(zips=["60601"]), bench.context())


@settings(max_examples=30)
@given(st.text(min_size=1, max_size=190).filter(lambda text: text.strip()))
@example("人口普查" * 40)
@example("0" + "\u0800" * 189)
def test_a_lists_name_fits_into_240_bytes(bench: Any, name: str) -> None:
    file, _ = write_dv360(
        bench.targets(pins=[(41.0, -87.0, 1.0)]), bench.context(bench.brief(name))
    )
    spec = json.loads(file.content)
    assert len(spec["locationList"]["displayName"].encode()) <= 240
    assert "| treat | 2020-05-29T10-00-00 | en+es | 1 km" in spec["locationList"]["displayName"]
    assert spec["source"] == {
        "run": bench.run,
        "version": bench.run,
        "arm": "treat",
        "approval": "DRAFT",
    }
