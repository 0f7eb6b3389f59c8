"""Display & Video 360 gets regions by ID and one list of points for each radius."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.errors import ExportError
from outreach.exporters.dv360 import write_dv360


def test_points_are_grouped_by_radius_and_written_as_ids(bench: Any) -> None:
    targets = bench.targets(
        pins=[(40.7414691, -74.003387, 1.0), (41.0, -87.5, 1.4), (41.5, -87.25, 2.0)]
    )
    one, two = write_dv360(targets, bench.context())
    assert [one.name, two.name] == [
        "dv360-proximity-list-1km.json",
        "dv360-proximity-list-2km.json",
    ]
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
    regions, cells, unmatched = write_dv360(
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
    header, row, _ = cells.content.decode().split("\r\n")
    assert header == (
        "Name,Geography Targeting - Include,Geography Targeting - Exclude,Proximity Targeting,"
        "Proximity Location List Targeting"
    )
    assert row.endswith(",9000501;9060601,9060602,,")
    assert b"\r\n60699," in unmatched.content


def test_zips_without_the_list_stop_the_export(bench: Any) -> None:
    with pytest.raises(ExportError, match="--geotargets"):
        write_dv360(bench.targets(zips=["60601"]), bench.context())


@settings(max_examples=30)
@given(st.text(min_size=1, max_size=190).filter(lambda text: text.strip()))
def test_a_lists_name_fits_into_240_bytes(bench: Any, name: str) -> None:
    (file,) = write_dv360(
        bench.targets(pins=[(41.0, -87.0, 1.0)]), bench.context(bench.brief(name))
    )
    spec = json.loads(file.content)
    assert len(spec["locationList"]["displayName"].encode()) <= 240
    assert "| treat | 2020-05-29T10-00-00 | DRAFT" in spec["locationList"]["displayName"]
    assert spec["source"] == {
        "run": bench.run,
        "version": bench.run,
        "arm": "treat",
        "approval": "DRAFT",
    }
