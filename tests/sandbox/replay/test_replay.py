"""A replayed season answers with what had been published on the day, and nothing else."""

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from outreach.errors import ArchiveError
from outreach.sandbox.replay.season import ReplayedSeason

SHAPES = "/geo/tiger/GENZ2020/shp"
RELATIONSHIP = "/geo/maps/DC2020/SR20/rr_tract_rel.zip"
COOK = ["17031010100", "17031010201", "17031010202"]

#: The counts of the predictors that the world reads.
COUNTS = (
    "TotPop TotUnder5 TotHH TotPopinHHs GroupQuarter LEPHHs LEPspanHHs LEPindoeurHHs LEPapacHHs "
    "LEPotherHHs Owner_TOTAL Renter_TOTAL HH_SingleParent HH_Crowded HH_Owner_Crowded "
    "HH_Renter_Crowded Poverty_TOTAL Poverty_Less100 Poverty_Less200 HousingUnits_TOTAL "
    "Units_2Plus Units_10Plus NoInternet Internet_NoSub Internet DialUpOnly Broadband_Any "
    "Broadband_CableFiberOpticDSL Broadband_CableFiberOpticDSLOnly Cellular CellularOnly "
    "Satellite SatelliteOnly OtherOnly HHer15to34 HHer65plus Moved2015later Moved1989earlier "
    "Hispanic BlackAloneOrCombo AmerIndAloneorCombo AsianAloneOrCombo NatHawAloneOrCombo"
)


def rates_on(world: ReplayedSeason, prefix: str = "") -> pd.DataFrame:
    """Return the tract rows that a world serves, by GEOID, for codes that start with ``prefix``."""
    served = world.dataset(2020, "dec/responserate")
    assert served is not None
    rows = served.rows["tract"]
    rows = rows.set_axis(rows["GEO_ID"].str[-11:].rename("geoid"))
    return rows[rows.index.str.startswith(prefix)]


def tract_rows(
    world: ReplayedSeason, vintage: int, path: str, identifier: str = "GEO_ID"
) -> pd.DataFrame:
    served = world.dataset(vintage, path)
    assert served is not None
    rows = served.rows["tract"]
    return rows.set_axis(rows[identifier].str[-11:].rename("geoid"))


def shapes(world: ReplayedSeason, path: str) -> gpd.GeoDataFrame:
    content = world.file(path)
    assert content is not None
    return gpd.read_file(io.BytesIO(content))


def relationship(world: ReplayedSeason) -> pd.DataFrame:
    content = world.file(RELATIONSHIP)
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("rr_tract_rel.txt") as text:
        return pd.read_csv(text, dtype={"GEOID10": str, "GEOID20": str})


def publish(
    geoids: list[str], data_date: str, cumulative: list[float], fetch_date: str | None = None
) -> pd.DataFrame:
    """Make rows as the collectors of 2020 stored them, with float32 percentages."""
    percent = np.array(cumulative, dtype="float32")
    geoid = pd.Series(geoids)
    rows = pd.DataFrame(
        {
            "GEO_ID": "1400000US" + geoid,
            "RESP_DATE": dt.date.fromisoformat(data_date),
            "CRRALL": percent,
            "CRRINT": percent / 2,
            "DRRALL": percent * 0,
            "DRRINT": percent * 0,
            "state": geoid.str[:2],
            "county": geoid.str[2:5],
            "tract": geoid.str[5:],
        }
    )
    return rows if fetch_date is None else rows.assign(FETCH_DATE=dt.date.fromisoformat(fetch_date))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Make a small archive.

    It has Cook County with the City's downloads, another county, and a state that failed once.
    """
    folder = tmp_path / "archive"
    (folder / "responserate").mkdir(parents=True)
    (folder / "responserate_cook").mkdir()
    other = ["17043840100"]
    illinois = [
        publish([*COOK[:2], *other, "17089850101"], "2020-06-11", [50.0, 60.0, 70.0, 80.0]),
        publish(COOK[:2] + other, "2020-06-12", [50.5, 60.1, 70.2]),
        publish(COOK[:2] + other, "2020-06-15", [51.0, 60.4, 70.9]),
        publish(COOK[:1] + other, "2020-06-16", [51.1, 71.0]),
    ]
    dc = [
        publish(["11001000101"], day, [rate])
        for day, rate in (("2020-06-11", 65.0), ("2020-06-15", 66.0))
    ]
    fetches = [
        publish(COOK[:2], "2020-06-12", [50.5, 60.1], "2020-06-12"),
        publish(COOK[:2], "2020-06-12", [50.5, 60.1], "2020-06-13"),
        publish(COOK[:2], "2020-06-12", [50.5, 60.1], "2020-06-15"),
    ]
    pd.concat(illinois).to_parquet(folder / "responserate" / "state_17.parquet")
    pd.concat(dc).to_parquet(folder / "responserate" / "state_11.parquet")
    pd.concat(fetches).to_parquet(folder / "responserate_cook" / "cook_fetches.parquet")
    return folder


def write_data(archive: Path) -> Path:
    """Add predictors, polygons, and a relationship file for three tracts to the rates."""
    counts = {name: [100 + place, 200 + place] for place, name in enumerate(COUNTS.split())}
    names = {
        "StateFIPS": "17",
        "StateName": "Illinois",
        "CountyFIPS": "031",
        "CountyName": "Cook County",
    }
    scores = {"LowResponseScore": [30.5, 99999.0], "MailReturnRateCen2010": [69.9, 99999.0]}
    (archive / "predictors").mkdir()
    pd.DataFrame({"GEOIDtxt": COOK[:2], **names, **scores, **counts}).to_parquet(
        archive / "predictors" / "cook_planning_database.parquet"
    )
    (archive / "relationship").mkdir()
    pd.DataFrame(
        {
            "GEOID10": COOK,
            "STATEFP20": "17",
            "GEOID20": COOK,
            "AREA20": [100, 200, 300],
            "AREALAND20": [100, 150, 0],
            "HUCURPCT_T10": [100.0, 99.5, None],
        }
    ).to_parquet(archive / "relationship" / "rr_tract_rel.parquet")
    (archive / "tracts").mkdir()
    gpd.GeoDataFrame(
        {
            "GEO_ID": ["1400000US" + geoid for geoid in COOK],
            "TRACT": [geoid[5:] for geoid in COOK],
            "ward": ["1", "2", None],
        },
        geometry=[box(place, 0, place + 1, 1) for place in (0, 1, 2)],
        crs="EPSG:4326",
    ).to_parquet(archive / "tracts" / "cook_2020.parquet")
    return archive


@pytest.mark.parametrize(
    ("today", "data_dates"),
    [
        ("2020-06-11", {"11": "2020-06-11", "17031": "2020-06-11", "17043": "2020-06-11"}),
        ("2020-06-14", {"11": "2020-06-11", "17031": "2020-06-12", "17043": "2020-06-12"}),
        ("2020-06-15", {"11": "2020-06-15", "17031": "2020-06-12", "17043": "2020-06-15"}),
        ("2021-06-01", {"11": "2020-06-15", "17031": "2020-06-16", "17043": "2020-06-16"}),
    ],
    ids=[
        "a publication day",
        "a Sunday is stale",
        "a download before the release is repeated",
        "long after",
    ],
)
def test_a_county_answers_as_it_did_that_day(
    archive: Path, today: str, data_dates: dict[str, str]
) -> None:
    world = ReplayedSeason(archive, dt.date.fromisoformat(today))
    for prefix, data_date in data_dates.items():
        assert set(rates_on(world, prefix)["RESP_DATE"]) == {data_date}


def test_a_county_without_new_rates_keeps_its_last_snapshot(archive: Path) -> None:
    world = ReplayedSeason(archive, dt.date(2020, 6, 16))
    assert rates_on(world, "17089")["RESP_DATE"].tolist() == ["2020-06-11"]


def test_a_tract_that_a_snapshot_lacks_is_absent(archive: Path) -> None:
    world = ReplayedSeason(archive, dt.date(2020, 6, 16))
    assert list(rates_on(world, "17031").index) == COOK[:1]


def test_before_the_first_publication_there_are_no_rows(archive: Path) -> None:
    world = ReplayedSeason(archive, dt.date(2020, 6, 10))
    assert rates_on(world).empty
    assert "nothing" in world.describe()


def test_no_row_is_repeated_and_figures_are_text_with_one_decimal(archive: Path) -> None:
    rows = rates_on(ReplayedSeason(archive, dt.date(2020, 6, 14)))
    assert rows.index.is_unique
    assert rows.loc[COOK[1], ["CRRALL", "CRRINT", "DRRALL"]].tolist() == ["60.1", "30.0", "0.0"]
    assert rows.loc[COOK[1], ["state", "county", "tract"]].tolist() == ["17", "031", "010201"]
    assert rows.loc[COOK[1], "NAME"] == "Census Tract 102.01, Cook County, Illinois"
    assert rows[["CAVG", "DINTMIN"]].isna().all(axis=None)


def write_segment(published: pd.DataFrame, segment: Path, downloaded_at: str) -> None:
    """Write rows of API columns as a segment of the archive."""
    shares = published[["CRRALL", "CRRINT", "DRRALL", "DRRINT"]].astype(float) / 100
    shares.columns = pd.Index(
        ["cumulative_share", "internet_share", "daily_share", "daily_internet_share"]
    )
    geoid = published["GEO_ID"].str[-11:].astype("category")
    segment.parent.mkdir(parents=True, exist_ok=True)
    shares.assign(
        geoid=geoid,
        data_date=published["RESP_DATE"],
        downloaded_at=pd.Timestamp(downloaded_at, tz="UTC"),
    ).to_parquet(segment)


def test_an_archive_is_replayed_like_the_bureaus_columns(archive: Path, tmp_path: Path) -> None:
    published = pd.read_parquet(archive / "responserate")
    for state, rows in published.groupby("state"):
        write_segment(
            rows, tmp_path / f"segments/rates/2020/state={state}/all.parquet", "2026-11-01 12:00"
        )
    day = dt.date(2020, 6, 14)
    pd.testing.assert_frame_equal(
        rates_on(ReplayedSeason(tmp_path / "segments", day)),
        rates_on(ReplayedSeason(archive / "responserate", day)),
    )


@pytest.mark.parametrize(
    ("today", "figure"),
    [("2020-06-11", "50.0"), ("2020-06-12", "50.0"), ("2020-06-14", "55.0")],
    ids=[
        "the first before any download",
        "the first while it was current",
        "the second from its download",
    ],
)
def test_a_changed_figure_is_replayed_from_its_download(
    tmp_path: Path, today: str, figure: str
) -> None:
    folder = tmp_path / "rates" / "2020" / "state=17"
    write_segment(
        publish(COOK, "2020-06-11", [50.0, 60.0, 70.0]), folder / "b.parquet", "2020-06-12 09:00"
    )
    write_segment(publish(COOK[:1], "2020-06-11", [55.0]), folder / "a.parquet", "2020-06-14 23:30")
    rows = rates_on(ReplayedSeason(tmp_path, dt.date.fromisoformat(today)))
    assert list(rows.index) == COOK
    assert rows["CRRALL"].tolist() == [figure, "60.0", "70.0"]


def test_a_folder_without_rates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no Parquet file with published response rates"):
        ReplayedSeason(tmp_path, dt.date(2020, 6, 1))


def test_a_damaged_file_is_named(archive: Path) -> None:
    (archive / "half.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(ArchiveError, match=r"half\.parquet is not a Parquet file"):
        ReplayedSeason(archive, dt.date(2020, 6, 12))


def test_a_wrong_data_folder_is_refused(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="not a folder of real 2020 data"):
        ReplayedSeason(archive, dt.date(2020, 6, 12), tmp_path)


def test_an_archive_alone_serves_only_rates(archive: Path) -> None:
    world = ReplayedSeason(archive, dt.date(2020, 6, 12))
    assert world.dataset(2018, "acs/acs5") is None
    assert world.file(f"{SHAPES}/cb_2020_17_tract_500k.zip") is None


def test_a_dataset_without_a_source_is_empty(archive: Path) -> None:
    world = ReplayedSeason(archive, dt.date(2020, 6, 12))
    now, past = world.dataset(2020, "dec/responserate"), world.dataset(2010, "dec/responserate")
    assert now is not None
    assert past is not None
    assert now.rows["county"].empty
    assert past.rows["tract"].empty
    assert "FSRR2010" in past.rows["tract"]


def test_acs_cells_are_the_real_figures_and_the_rest_is_missing(archive: Path) -> None:
    acs = tract_rows(ReplayedSeason(write_data(archive), dt.date(2020, 6, 12)), 2018, "acs/acs5")
    source = pd.read_parquet(archive / "predictors").set_index("GEOIDtxt").loc[COOK[0]]
    first = acs.loc[COOK[0]]
    assert first["B25003_001E"] == str(source["TotHH"])
    assert first["B28002_013E"] == str(source["NoInternet"])
    assert first[["B19013_001E", "B25003_001M", "B28001_006E", "C16001_005E"]].isna().all()


def test_cells_that_the_source_sums_add_up_and_say_so(archive: Path) -> None:
    served = ReplayedSeason(write_data(archive), dt.date(2020, 6, 12)).dataset(2018, "acs/acs5")
    source = pd.read_parquet(archive / "predictors").set_index("GEOIDtxt").loc[COOK[0]]
    assert served is not None
    first = served.rows["tract"].iloc[0]
    cells = [f"B25007_{cell:03d}E" for cell in (3, 4, 13, 14)]
    assert first[cells].astype(int).sum() == source["HHer15to34"]
    assert "only the sum" in served.notes[cells[0]]
    assert "Not an estimate" in served.notes[cells[1]]
    small = [f"B25024_{cell:03d}E" for cell in (4, 5, 6)]
    assert first[small].astype(int).sum() == source["Units_2Plus"] - source["Units_10Plus"]


def test_a_score_that_was_never_calculated_is_missing(archive: Path) -> None:
    world = ReplayedSeason(write_data(archive), dt.date(2020, 6, 12))
    planning = tract_rows(world, 2020, "pdb/tract", "GIDTR")
    scores = planning[["Low_Response_Score", "Mail_Return_Rate_CEN_2010"]]
    assert scores.loc[COOK[0]].tolist() == ["30.5", "69.9"]
    assert scores.loc[COOK[1]].isna().all()


def test_boundary_files_have_land_water_and_unions_of_tracts(archive: Path) -> None:
    world = ReplayedSeason(write_data(archive), dt.date(2020, 6, 12))
    tracts = shapes(world, f"{SHAPES}/cb_2020_17_tract_500k.zip").set_index("GEOID")
    assert tracts["ALAND"].tolist() == [100, 150, 0]
    assert tracts["AWATER"].tolist() == [0, 50, 300]
    assert tracts["NAME"].tolist() == ["101", "102.01", "102.02"]
    chicago = shapes(world, f"{SHAPES}/cb_2020_17_place_500k.zip")
    assert chicago["GEOID"].tolist() == ["1714000"]
    assert chicago.total_bounds.tolist() == [0, 0, 2, 1]
    assert world.file(f"{SHAPES}/cb_2020_36_tract_500k.zip") is None
    assert world.file(f"{SHAPES}/cb_2020_10_tract_500k.zip") is None
    assert world.file("/no/such/file.zip") is None


def test_an_unknown_percentage_stays_empty_in_the_relationship_file(archive: Path) -> None:
    percentages = relationship(ReplayedSeason(write_data(archive), dt.date(2020, 6, 12)))[
        "HUCURPCT_T10"
    ]
    assert percentages.iloc[:2].tolist() == [100, 99.5]
    assert percentages.isna().tolist() == [False, False, True]


@pytest.mark.real
@pytest.mark.parametrize(
    ("today", "data_date"),
    [
        ("2020-03-27", "2020-03-27"),
        ("2020-05-01", "2020-05-01"),
        ("2020-06-14", "2020-06-12"),
        ("2020-10-16", "2020-10-16"),
        ("2020-04-22", "2020-04-21"),
        ("2020-05-16", "2020-05-15"),
    ],
    ids=[
        "March",
        "May",
        "a Sunday in June",
        "the last day",
        "a call before the release",
        "a day without a fetch",
    ],
)
def test_cook_county_has_all_its_tracts_and_the_right_data_date(
    real_data: Path, today: str, data_date: str
) -> None:
    rows = rates_on(ReplayedSeason(real_data, dt.date.fromisoformat(today)), "17031")
    assert len(rows) == 1328
    assert rows.index.is_unique
    assert rows.index.str.fullmatch(r"17031\d{6}").all()
    assert (rows["tract"].str[0] == "0").sum() == 146
    assert set(rows["RESP_DATE"]) == {data_date}


@pytest.mark.real
def test_the_reply_equals_one_that_was_saved_that_day(real_data: Path) -> None:
    saved = pd.read_csv(
        real_data / "responserate" / "api_example" / "2020-10-16_state_11.csv",
        dtype=str,
        keep_default_na=False,
    )
    served = rates_on(ReplayedSeason(real_data, dt.date(2020, 10, 16)), "11")[saved.columns]
    figures: dict[str, Any] = {"check_dtype": False, "check_index_type": False}
    pd.testing.assert_frame_equal(
        served.fillna("").sort_values("GEO_ID", ignore_index=True),
        saved.sort_values("GEO_ID", ignore_index=True).astype(object),
        **figures,
    )


@pytest.mark.real
@pytest.mark.parametrize(
    ("today", "weight", "cook", "chicago"),
    [
        ("2020-10-16", "B25003_001E", 68.37, 61.75),
        ("2020-10-16", "B25001_001E", 67.64, 61.10),
        ("2020-03-27", "B25003_001E", 28.88, 24.71),
        ("2020-05-01", "B25003_001E", 56.48, 49.26),
    ],
)
def test_the_served_figures_reproduce_the_published_rates(
    real_data: Path, today: str, weight: str, cook: float, chicago: float
) -> None:
    world = ReplayedSeason(real_data, dt.date.fromisoformat(today))
    rates = rates_on(world, "17031")["CRRALL"].astype(float)
    units = tract_rows(world, 2018, "acs/acs5")[weight].astype(float)
    records = relationship(world)
    carried = records["GEOID10"].map(units) * records["HUCURPCT_T10"] / 100
    weights = carried.groupby(records["GEOID20"]).sum().reindex(rates.index)
    tracts = pd.read_parquet(real_data / "tracts" / "cook_2020.parquet", columns=["GEO_ID", "ward"])
    in_city = rates.index.isin(tracts.loc[tracts["ward"].notna(), "GEO_ID"].str[-11:])
    assert in_city.sum() == 789
    assert round(np.average(rates, weights=weights), 2) == cook
    assert round(np.average(rates[in_city], weights=weights[in_city]), 2) == chicago


@pytest.mark.real
def test_land_and_water_are_the_area_of_the_polygon(real_data: Path) -> None:
    world = ReplayedSeason(real_data, dt.date(2020, 10, 16))
    tracts = shapes(world, f"{SHAPES}/cb_2020_17_tract_500k.zip")
    area = tracts.to_crs("EPSG:6933").area
    assert len(tracts) == 1332
    assert tracts.crs.to_epsg() == 4269
    np.testing.assert_allclose(tracts["ALAND"] + tracts["AWATER"], area, rtol=1e-3)


@pytest.mark.real
def test_every_state_and_county_with_polygons_is_served_by_name(real_data: Path) -> None:
    world = ReplayedSeason(real_data, dt.date(2020, 10, 16))
    counts = {
        state: len(
            shapes(world, f"{SHAPES}/cb_2020_{state}_tract_500k.zip").dropna(subset=["NAMELSADCO"])
        )
        for state in ("10", "11", "15", "33", "50")
    }
    assert counts == {"10": 262, "11": 206, "15": 422, "33": 351, "50": 194}
    counties = shapes(world, f"{SHAPES}/cb_2020_us_county_500k.zip")
    assert len(counties) == 34
    assert counties["NAME"].notna().all()


@pytest.mark.real
def test_chicago_has_its_own_tracts_and_no_others(real_data: Path) -> None:
    world = ReplayedSeason(real_data, dt.date(2020, 10, 16))
    city = shapes(world, f"{SHAPES}/cb_2020_17_place_500k.zip").geometry.iloc[0]
    tracts = gpd.read_parquet(real_data / "tracts" / "cook_2020.parquet").to_crs("EPSG:4269")
    assert (tracts.representative_point().within(city) == tracts["ward"].notna()).all()


@pytest.mark.real
def test_zips_and_districts_are_the_citys(real_data: Path) -> None:
    world = ReplayedSeason(real_data, dt.date(2020, 10, 16))
    assert shapes(world, f"{SHAPES}/cb_2020_us_zcta520_500k.zip")["ZCTA5CE20"].nunique() == 59
    assert shapes(world, "/districts/wards.zip")["ward"].nunique() == 50
    assert shapes(world, "/districts/community_areas.zip")["community"].nunique() == 77


@pytest.mark.real
def test_the_relationship_file_is_whole(real_data: Path) -> None:
    served = relationship(ReplayedSeason(real_data, dt.date(2020, 10, 16)))
    source = pd.read_parquet(real_data / "relationship" / "rr_tract_rel.parquet")
    assert list(served.columns) == list(source.columns)
    assert len(served) == 104_884
    np.testing.assert_array_equal(served["HUCURPCT_T20"], source["HUCURPCT_T20"])
    assert (served["GEOID20"] == source["GEOID20"]).all()
