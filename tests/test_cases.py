"""Every kept input that once failed ends as its README says, with the right value.

The inputs lie beside the real data and are no part of this project; what each kind stands for is
tested with inputs of our own where its reader is tested.
"""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from flows.steps.sources.division import match_crosswalk
from geo.boundaries import read_boundaries
from geo.boundary_layers import LAYERS
from geo.crosswalk.sources import read_hud, read_user_crosswalk
from geo.districts import assign_districts, read_districts
from outreach.archive import Archive, import_files
from outreach.errors import GeographyError, InputError, OutreachError
from outreach.exporters.base.place_ids import read_geotargets
from outreach.exporters.base.rules import load_rules
from outreach.sandbox.county.world import InventedCounty
from outreach.transport import FILES_URL

pytestmark = pytest.mark.real

STATE = "99"
OCTOBER_16 = dt.date(2020, 10, 16)
CHICAGO = {"17031010100": 0.613, "17031010201": 0.55}
#: Housing units of the invented county's first ward, and of all its wards.
FIRST_WARD, ALL_WARDS = 39_838, 12


@pytest.fixture(scope="module")
def cases(real_data: Path) -> Path:
    """Return the folder of inputs that failed, or skip."""
    folder = real_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip("the inputs that failed are not here (a folder cases beside the real data)")
    return folder


@pytest.fixture(scope="module")
def tracts(tmp_path_factory: pytest.TempPathFactory) -> gpd.GeoDataFrame:
    """Return the invented county's tracts with their housing units as households."""
    county = InventedCounty()
    address = LAYERS["tract"].address(2020, STATE, "cartographic").removeprefix(FILES_URL)
    path = tmp_path_factory.mktemp("tracts") / "tracts.zip"
    path.write_bytes(county.file(address) or b"")
    areas, _, _ = read_boundaries(path, "tract", "tracts")
    housing = county.ground.blocks.groupby("tract20")["housing"].sum()
    return areas.assign(households_count=housing.reindex(areas.index).astype(float))


@pytest.mark.parametrize(
    ("file", "shares"),
    [
        ("01-json-column-twice/dupcols.json", {"17031010100": 0.613}),
        ("01-json-column-twice/dupgeo.json", {"17031010100": 0.613}),
        ("03-date-with-utc-offset-moves-a-day/tz.csv", {"17031010100": 0.613}),
        ("03-date-with-utc-offset-moves-a-day/fetch.csv", {"17031010100": 0.613}),
        ("05-geoid-guarded-as-text/guard.csv", CHICAGO),
        ("05-geoid-guarded-as-text/apos.csv", {"17031010100": 0.613}),
        ("09-csv-in-cp1252/cp1252.csv", {"35013000101": 0.613}),
        ("11-header-with-trailing-blanks/trail.csv", {"17031010100": 0.613}),
        ("11-header-with-trailing-blanks/lower.csv", CHICAGO),
    ],
)
def test_rates_come_in_with_their_day_and_tracts(
    cases: Path, tmp_path: Path, file: str, shares: dict[str, float]
) -> None:
    archive = Archive(tmp_path / "archive")
    import_files([cases / file], archive)
    assert archive.data_dates() == [OCTOBER_16]
    assert archive.read()["cumulative_share"].to_dict() == pytest.approx(shares)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("04-geoid-in-scientific-notation/sci.csv", r"'1\.7031E\+10': a spreadsheet rounded"),
        ("04-geoid-in-scientific-notation/sci_exact.csv", "a spreadsheet rounded the code"),
        ("07-tract-label-read-as-code/label.csv", r"label of tract 101 \(code 010100\)"),
    ],
)
def test_spoiled_codes_of_rates_are_named_and_nothing_is_kept(
    cases: Path, tmp_path: Path, file: str, sentence: str
) -> None:
    archive = Archive(tmp_path / "archive")
    with pytest.raises(InputError, match=sentence):
        import_files([cases / file], archive)
    assert archive.data_dates() == []


@pytest.mark.parametrize(
    ("file", "layer", "name"),
    [
        ("13-ward-as-geometrycollection/w.geojson", None, "Harrowgate"),
        ("16-geopackage-with-two-layers/w.gpkg", "wards", "Harrowgate"),
        ("18-zip-with-a-folder-in-it/w.zip", None, "Harrowgate"),
        ("20-socrata-csv-with-the_geom/w.csv", None, "Harrowgate"),
        ("22-shapefile-with-wrong-cpg/w.shp", None, "Doña Ana"),
    ],
)
def test_wards_have_their_households(
    cases: Path, tracts: gpd.GeoDataFrame, file: str, layer: str | None, name: str
) -> None:
    wards, report = read_districts("Wards", str(cases / file), "ward", "name", layer=layer)
    assert len(wards) == ALL_WARDS
    assert wards.loc["1", "name"] == name
    assert report.without_polygon == ()
    shares = assign_districts(tracts, wards, "ward")
    households = shares["weight"] * shares["source"].map(tracts["households_count"])
    first = households.groupby(shares["target"]).sum()["1"]
    assert first == pytest.approx(FIRST_WARD, abs=1)


@pytest.mark.parametrize(
    ("file", "error", "sentence"),
    [
        ("14-citywide-outline-among-wards/w.geojson", InputError, "overlap: 0 and 9 share 100%"),
        ("16-geopackage-with-two-layers/w.gpkg", GeographyError, "2 layers: precincts, wards"),
    ],
)
def test_wards_that_cannot_be_told_apart_are_refused(
    cases: Path, file: str, error: type[OutreachError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        read_districts("Wards", str(cases / file), "ward", "name")


def test_huds_workbook_is_read(cases: Path, tracts: gpd.GeoDataFrame) -> None:
    shares = read_hud(cases / "25-hud-workbook" / "TRACT_ZIP_122023.xlsx")
    assert set(shares["source"]) == set(tracts.index)
    assert shares["target"].nunique() == 41
    assert (shares["source"].iloc[0], shares["target"].iloc[0]) == ("99001010100", "01001")


def test_huds_row_twice_is_named(cases: Path) -> None:
    with pytest.raises(InputError, match="TRACT 99001010100 and ZIP 01001 appear in more than one"):
        read_hud(cases / "27-hud-row-twice" / "t.csv")


@pytest.mark.parametrize(
    "file",
    [
        "28-geotargets-zip-with-folder/g4_folder.zip",
        "31-geotargets-removal-planned-before-active/g6_removal_first.csv",
    ],
)
def test_a_zip_has_its_active_id(cases: Path, file: str) -> None:
    ids = read_geotargets(cases / file, load_rules("google"))
    assert len(ids) == 41
    assert ids["01001"] == "9000000"


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("30-geotargets-empty-archive/g12_empty.zip", "is an empty zip archive"),
        ("33-geotargets-ids-in-scientific-notation/g10_sci.csv", r"'9\.00E\+06': a spreadsheet"),
    ],
)
def test_a_spoiled_list_of_ids_is_refused(cases: Path, file: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read_geotargets(cases / file, load_rules("google"))


def test_a_crosswalk_whose_targets_are_no_district_is_refused(
    cases: Path, tracts: gpd.GeoDataFrame
) -> None:
    folder = cases / "35-crosswalk-targets-that-are-no-district"
    wards, _ = read_districts("Wards", str(folder / "wards.geojson"), "ward", "name")
    land = assign_districts(tracts, wards, "ward")
    file = folder / "x2_target01.csv"
    crosswalk = read_user_crosswalk(file, "households", ("tract2020", "ward"))
    households: pd.Series[float] = tracts["households_count"]
    with pytest.raises(
        InputError,
        match=r"9 of 12 targets of the crosswalk \(such as 01\).* of the file \(such as 1\)\.",
    ):
        match_crosswalk(crosswalk, land, wards.index, households, str(file))
