"""The best source of ZIP shares is used, and notes report it and the next best."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from geo.boundaries import read_boundaries
from geo.boundary_layers import LAYERS
from geo.crosswalk.sources import ZCTA_RELATIONSHIP
from geo.zip_crosswalk import ZipRequest, find_zips
from outreach.errors import GeographyError, InputError
from outreach.sandbox.county.world import InventedCounty
from outreach.transport import FILES_URL, Transport

STATE = "99"
BLOCKS = LAYERS["block"].address(2020, STATE, "tiger").removeprefix(FILES_URL)
ZCTAS = LAYERS["zcta"].address(2020, STATE, "cartographic").removeprefix(FILES_URL)
RELATIONSHIP = ZCTA_RELATIONSHIP.removeprefix(FILES_URL)


@pytest.fixture(scope="module")
def county() -> InventedCounty:
    return InventedCounty()


@pytest.fixture(scope="module")
def files(county: InventedCounty) -> dict[str, bytes]:
    return {path: bytes(county.file(path) or b"") for path in (BLOCKS, ZCTAS, RELATIONSHIP)}


@pytest.fixture(scope="module")
def tracts(county: InventedCounty, tmp_path_factory: pytest.TempPathFactory) -> gpd.GeoDataFrame:
    path = tmp_path_factory.mktemp("tracts") / "tracts.zip"
    path.write_bytes(
        county.file(LAYERS["tract"].address(2020, STATE, "cartographic").removeprefix(FILES_URL))
        or b""
    )
    areas, _, _ = read_boundaries(path, "tract", "tracts")
    housing = county.ground.blocks.groupby("tract20")["housing"].sum()
    return areas.assign(households_count=housing.reindex(areas.index).astype(float))


@pytest.mark.slow
def test_blocks_give_true_shares_and_show_the_error_of_area(
    county: InventedCounty,
    files: dict[str, bytes],
    tracts: gpd.GeoDataFrame,
    file_server: Any,
    transport: Transport,
    tmp_path: Path,
) -> None:
    file_server.files |= files
    source = find_zips(tracts, ZipRequest(blocks="auto"), STATE, 2020, transport, tmp_path)
    true = county.ground.blocks.groupby(["tract20", "zip"])["housing"].sum()
    true = true / true.groupby(level=0).transform("sum")
    weights = source.crosswalk[source.crosswalk["unit"] == "housing_units"].set_index(
        ["source", "target"]
    )["weight"]
    off = pd.concat([true, weights], axis=1, keys=["true", "found"]).fillna(0.0)
    off = off[off.index.get_level_values(0).isin(weights.index.get_level_values(0))]
    wrong = (off["true"] - off["found"]).abs().groupby(level=0).sum() / 2
    # The blocks' points are laid into a simplified map of the ZCTAs, so that a block on a border
    # may go astray.
    assert wrong.mean() < 0.01
    assert set(source.crosswalk["target_kind"]) == {"zcta"}
    assert source.blocks is not None
    assert source.notes[0] == (
        "Tracts are split over ZCTAs (the Bureau's ZIP map) by housing units,"
        " from the Bureau's blocks."
    )
    assert "relationship (land_area, zcta) puts" in source.notes[1]
    assert "elsewhere than blocks (housing_units, zcta)" in source.notes[1]


def test_without_blocks_the_bureaus_file_is_used_and_compared_with_the_overlay(
    files: dict[str, bytes],
    tracts: gpd.GeoDataFrame,
    file_server: Any,
    transport: Transport,
    tmp_path: Path,
) -> None:
    file_server.files |= {ZCTAS: files[ZCTAS], RELATIONSHIP: files[RELATIONSHIP]}
    source = find_zips(tracts, ZipRequest(), STATE, 2020, transport, tmp_path)
    assert set(source.crosswalk["method"]) == {"relationship"}
    assert set(source.crosswalk["source"]) <= set(tracts.index)
    assert source.blocks is None
    assert "overlay (land_area, zcta) puts" in source.notes[1]


def test_files_missing_from_the_server_are_noted_and_skipped(
    files: dict[str, bytes],
    tracts: gpd.GeoDataFrame,
    file_server: Any,
    transport: Transport,
    tmp_path: Path,
) -> None:
    file_server.files[ZCTAS] = files[ZCTAS]
    source = find_zips(tracts, ZipRequest(blocks="auto"), STATE, 2020, transport, tmp_path)
    assert set(source.crosswalk["method"]) == {"overlay"}
    assert source.notes[0].startswith("No blocks: The file server has no file")
    assert source.notes[1].startswith("No file of ZCTAs and tracts: The file server has no file")
    assert source.notes[2].endswith("by land area, from an overlay of polygons.")
    assert len(source.notes) == 3


@pytest.mark.slow
def test_user_polygons_are_zips_and_blocks_from_elsewhere_are_refused(
    files: dict[str, bytes], tracts: gpd.GeoDataFrame, transport: Transport, tmp_path: Path
) -> None:
    blocks, zips = tmp_path / "blocks.zip", tmp_path / "zips.zip"
    blocks.write_bytes(files[BLOCKS])
    zips.write_bytes(files[ZCTAS])
    request = ZipRequest(str(zips), "ZCTA5CE20", str(blocks))
    source = find_zips(tracts, request, STATE, 2020, transport, tmp_path)
    assert set(source.crosswalk["target_kind"]) == {"zip"}
    assert set(source.crosswalk["method"]) == {"blocks"}
    elsewhere = tracts.set_axis("98" + tracts.index.str[2:])
    with pytest.raises(GeographyError, match=r"No block in .*blocks\.zip lies in the tracts"):
        find_zips(elsewhere, request, STATE, 2020, transport, tmp_path)


@pytest.mark.parametrize(("first", "is_whole"), [(0, True), (1, True), (400, False)])
def test_huds_file_must_hold_the_tracts(
    tracts: gpd.GeoDataFrame, transport: Transport, tmp_path: Path, *, first: int, is_whole: bool
) -> None:
    """All but one tract give a note; half of them, or the tracts of another census, are refused."""
    inhabited = tracts.index[tracts["households_count"] > 0]
    path = tmp_path / "TRACT_ZIP.csv"
    rows = [f"{tract},01001,1" for tract in inhabited[first:]]
    path.write_text("\n".join(["TRACT,ZIP,RES_RATIO", *rows]))
    request = ZipRequest(str(path))
    if not is_whole:
        with pytest.raises(InputError, match=r"400 of \d+ tracts with households .*HUD's file"):
            find_zips(tracts, request, STATE, 2020, transport, tmp_path)
        return
    source = find_zips(tracts, request, STATE, 2020, transport, tmp_path)
    assert set(source.crosswalk["target"]) == {"01001"}
    assert sum("is no tract of HUD's file" in note for note in source.notes) == first
