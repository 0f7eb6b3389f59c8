"""Files fetched over HTTP give the same county as the local data."""

from pathlib import Path
from typing import Any

import pytest

from geo.boundaries import fetch_boundaries
from geo.crosswalk.relationship import fetch_relationship, find_relationship, read_relationship
from geo.districts import assign_districts, find_tracts_in_place, read_districts
from geo.join import join_tracts, measure_rate
from outreach.sandbox.replay.shapes import build_file
from outreach.transport import FILES_URL, Transport

pytestmark = pytest.mark.real

PATHS = (
    "/geo/tiger/GENZ2020/shp/cb_2020_17_tract_500k.zip",
    "/geo/tiger/GENZ2020/shp/cb_2020_17_place_500k.zip",
    "/geo/maps/DC2020/SR20/rr_tract_rel.zip",
    "/districts/wards.zip",
)


def test_fetched_files_give_the_same_chicago_as_the_local_data(
    real_data: Path, real_cook: Any, file_server: Any, transport: Transport, tmp_path: Path
) -> None:
    for path in PATHS:
        content = build_file(real_data, path)
        assert content is not None
        file_server.files[path] = content
    boundaries, report = fetch_boundaries(transport, 2020, "17", tmp_path)
    places, _ = fetch_boundaries(transport, 2020, "17", tmp_path, "place")
    forward, backward = read_relationship(
        fetch_relationship(transport, find_relationship(2010, 2020), tmp_path).path.read_bytes()
    )
    wards, _ = read_districts(
        "Wards",
        f"{FILES_URL}/districts/wards.zip",
        "ward",
        transport=transport,
        cache_folder=tmp_path,
    )
    city = boundaries.loc[find_tracts_in_place(boundaries, places.loc[["1714000"]])]
    rates = real_cook.rates[real_cook.rates.index.isin(city.index)]
    tracts, joined = join_tracts(city, rates, [real_cook.profile], forward, backward)
    crosswalk = assign_districts(tracts, wards, "ward")

    assert (report.rows, report.repaired, report.without_polygon) == (1_332, (), ())
    assert len(city) == 791
    assert len(joined.matched) == 789
    assert round(measure_rate(tracts).share * 100, 2) == 61.75
    assert set(crosswalk["target"]) - {""} == set(wards.index)
    assert [status for _, status in file_server.asked] == [200] * 4
