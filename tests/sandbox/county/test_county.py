"""The invented county is the same everywhere, whole on the ground, and behaves as a real season does."""

import datetime as dt
import io
import os
import subprocess
import sys
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from outreach.sandbox.county.season import DAYS, FIRST_DAY, LAST_DAY, STALE_DAY, is_published
from outreach.sandbox.county.world import InventedCounty

CARTOGRAPHIC = "/geo/tiger/GENZ2020/shp/cb_2020_99_tract_500k.zip"
DETAILED = "/geo/tiger/TIGER2020/TRACT/tl_2020_99_tract.zip"
FORMER = "/geo/tiger/GENZ2018/shp/cb_2018_99_tract_500k.zip"
BLOCKS = "/geo/tiger/TIGER2020/TABBLOCK20/tl_2020_99_tabblock20.zip"
ZIPS = "/geo/tiger/GENZ2020/shp/cb_2020_us_zcta520_500k.zip"
WARDS = "/districts/wards.geojson"
RELATIONSHIP = "/geo/maps/DC2020/SR20/rr_tract_rel.zip"

_DIGEST = """
import hashlib
from outreach.sandbox.county.world import InventedCounty
county, digest = InventedCounty(), hashlib.sha256()
for vintage, path in ((2020, "dec/responserate"), (2010, "dec/responserate"), (2018, "acs/acs5"), (2022, "acs/acs5"), (2020, "pdb/tract")):
    for rows in county.dataset(vintage, path).rows.values():
        digest.update(rows.to_csv().encode())
for path in ("{files}").split():
    digest.update(county.file(path))
print(digest.hexdigest())
""".replace("{files}", f"{CARTOGRAPHIC} {WARDS} {RELATIONSHIP} {ZIPS}")


def read(county: InventedCounty, path: str) -> gpd.GeoDataFrame:
    content = county.file(path)
    assert content is not None
    return gpd.read_file(io.BytesIO(content))


def rows(county: InventedCounty, vintage: int, path: str) -> pd.DataFrame:
    served = county.dataset(vintage, path)
    assert served is not None
    table = served.rows["tract"]
    return table.set_index(table["state"] + table["county"] + table["tract"])


def share(table: pd.DataFrame, part: str, whole: str) -> "pd.Series[float]":
    return pd.to_numeric(table[part]) / pd.to_numeric(table[whole]).replace(0, np.nan)


def day_number(day: dt.date) -> int:
    return (day - FIRST_DAY).days


# --- the same everywhere, and quick
# -------------------------------------------------------------------------------------------------


def test_two_processes_with_other_hash_seeds_draw_the_same_county() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_another_seed_draws_another_county(county: InventedCounty) -> None:
    other = InventedCounty(seed=7)
    assert 700 < len(other.season.geoids) < 900
    assert not np.array_equal(other.season.addresses[:50], county.season.addresses[:50])
    assert shapely.coverage_is_valid(other.plan.ground.geometry.to_numpy())


# --- the ground
# ---------------------------------------------------------------------------------------------------------------------


def test_about_800_tracts_of_every_kind(county: InventedCounty) -> None:
    tracts = read(county, CARTOGRAPHIC)
    codes = tracts["TRACTCE"]
    assert 750 <= len(tracts) <= 850
    assert codes.str.startswith("99").sum() == 3
    assert (tracts.loc[codes.str.startswith("99"), "ALAND"] == 0).all()
    assert codes.str.startswith("98").sum() == 5
    rateless = set(tracts["GEOID"]) - set(county.season.geoids)
    assert len(rateless) >= 3 + 5 + 4
    assert set(county.season.geoids) <= set(tracts["GEOID"])


@pytest.mark.parametrize("path", [CARTOGRAPHIC, DETAILED, FORMER, BLOCKS, ZIPS, WARDS])
def test_polygons_are_valid_and_share_their_edges_without_gap_or_overlap(
    county: InventedCounty, path: str
) -> None:
    areas = read(county, path)
    assert areas.is_valid.all()
    assert shapely.coverage_is_valid(areas.geometry.to_numpy())
    plane = areas.to_crs("EPSG:6933")
    united = shapely.union_all(plane.geometry.to_numpy())
    assert plane.area.sum() == pytest.approx(united.area, rel=1e-9)


def test_the_detailed_tracts_leave_no_hole_and_have_the_stated_area(county: InventedCounty) -> None:
    tracts = read(county, DETAILED)
    whole = shapely.union_all(tracts.geometry.to_numpy())
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    area = tracts.to_crs("EPSG:6933").area
    assert ((tracts["ALAND"] + tracts["AWATER"]) / area).between(0.98, 1.02).all()


def test_it_lies_at_sea_under_a_code_that_no_state_has(county: InventedCounty) -> None:
    tracts = read(county, CARTOGRAPHIC)
    left, low, right, high = tracts.total_bounds
    assert -41 < left < right < -39
    assert 41 < low < high < 42
    assert set(tracts["STATEFP"]) == {"99"}


def test_tracts_are_small_in_the_middle_and_large_outside_and_no_squares(
    county: InventedCounty,
) -> None:
    tracts = county.plan.dissolve("tract20")
    tracts = tracts[tracts["housing"] > 0]
    distance = np.hypot(tracts.centroid.x, tracts.centroid.y)
    assert tracts.area[distance < 3_000].median() * 5 < tracts.area[distance > 18_000].median()
    filled = tracts.area / tracts.minimum_rotated_rectangle().area
    assert filled.std() > 0.05
    assert tracts["housing"].quantile(0.05) > 300
    assert tracts["housing"].quantile(0.95) < 3_500


def test_zips_and_wards_cut_through_tracts(county: InventedCounty) -> None:
    blocks = county.plan.blocks
    for column, number in (("zip", 40), ("ward", 12)):
        inside = blocks[blocks[column] != ""]
        assert len(set(inside[column])) == number
        assert inside.drop_duplicates(["tract20", column])["tract20"].duplicated().sum() > 20
    assert (blocks.loc[blocks["ward"] != "", "place"] != "").all()
    assert set(read(county, ZIPS)["ZCTA5CE20"].str.len()) == {5}


def test_blocks_nest_in_tracts_and_carry_their_housing(county: InventedCounty) -> None:
    blocks = read(county, BLOCKS)
    tracts = blocks.groupby(blocks["GEOID20"].str[:11])["HOUSING20"].sum()
    season = pd.Series(county.season.addresses, county.season.geoids)
    assert (tracts.reindex(season.index) - season).abs().sum() <= 0.0001 * season.sum()
    assert 8 <= len(blocks) / len(tracts) <= 12
    assert blocks["GEOID20"].is_unique
    assert blocks["GEOID20"].str.fullmatch(r"99001\d{10}").all()


def test_three_per_cent_of_tracts_differ_from_2010_and_the_relationship_file_adds_up(
    county: InventedCounty,
) -> None:
    content = county.file(RELATIONSHIP)
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        table = pd.read_csv(
            archive.open(archive.namelist()[0]), dtype={"GEOID10": str, "GEOID20": str}
        )
    assert not table.duplicated(["GEOID10", "GEOID20"]).any()
    assert set(table["GEOID20"]) == set(read(county, CARTOGRAPHIC)["GEOID"])
    assert set(table["GEOID10"]) == set(read(county, FORMER)["GEOID"])
    changed = table[table["GEOID10"] != table["GEOID20"]]
    assert 0.02 < changed["GEOID20"].nunique() / table["GEOID20"].nunique() < 0.05
    assert changed["GEOID20"].duplicated().any()
    assert changed["GEOID10"].duplicated().any()
    for year in ("10", "20"):
        sums = table.groupby(f"GEOID{year}")[[f"HUCURPCT_T{year}", f"AREAPCT{year}PT"]].sum(
            min_count=1
        )
        assert (sums - 100).abs().max(axis=None) < 0.1  # missing where nobody lives
        assert sums[f"AREAPCT{year}PT"].notna().all()


def test_predictors_stand_on_the_tracts_of_their_vintage(county: InventedCounty) -> None:
    former, present = (set(read(county, path)["GEOID"]) for path in (FORMER, CARTOGRAPHIC))
    assert former != present
    assert set(rows(county, 2018, "acs/acs5").index) == former
    assert set(rows(county, 2020, "pdb/tract").index) == former
    assert set(rows(county, 2022, "acs/acs5").index) == present
    assert set(rows(county, 2010, "dec/responserate").index) == set(county.season.geoids)


def test_unknown_files_are_not_invented(county: InventedCounty) -> None:
    for path in (
        "/geo/tiger/GENZ2020/shp/cb_2019_99_tract_500k.zip",
        "/geo/tiger/GENZ2020/shp/cb_2020_us_tract_500k.zip",
        "/geo/tiger/GENZ2020/shp/cb_2020_17_tract_500k.zip",
        "/geo/tiger/GENZ2020/shp/cb_2020_99_tabblock20_500k.zip",
        "/districts/none.geojson",
    ):
        assert county.file(path) is None


# --- the people
# ---------------------------------------------------------------------------------------------------------------------


def test_predictors_go_with_response_as_in_reality(county: InventedCounty) -> None:
    final = county.truth.final_share
    acs, planning = rows(county, 2022, "acs/acs5"), rows(county, 2020, "pdb/tract")

    def correlate(figure: "pd.Series[float]") -> float:
        return float(pd.concat([figure, final], axis=1).dropna().corr().iloc[0, 1])

    assert -0.92 < correlate(pd.to_numeric(planning["Low_Response_Score"])) < -0.83
    assert -0.85 < correlate(share(acs, "B25003_003E", "B25003_001E")) < -0.4
    assert -0.8 < correlate(share(acs, "B17001_002E", "B17001_001E")) < -0.3
    assert -0.7 < correlate(share(acs, "B28002_013E", "B28002_001E")) < -0.1
    assert 0.8 < correlate(pd.to_numeric(rows(county, 2010, "dec/responserate")["FSRR2010"])) < 0.95
    assert 0.08 < final.std() < 0.16


def test_factors_are_smooth_in_space(county: InventedCounty) -> None:
    tracts = county.plan.dissolve("tract20")
    poverty = county.people[2020].table["poverty"]
    middle = tracts.centroid
    tree = shapely.STRtree(middle.to_numpy())
    near = tree.query(middle.to_numpy(), predicate="dwithin", distance=1_500)
    pairs = near[:, near[0] < near[1]]
    assert np.corrcoef(poverty.to_numpy()[pairs[0]], poverty.to_numpy()[pairs[1]])[0, 1] > 0.5


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        ("B25003_001", ["B25003_002", "B25003_003"]),
        ("B25003_001", ["B28002_002", "B28002_012", "B28002_013"]),
        ("B17001_002", ["C17002_002", "C17002_003"]),
        ("C17002_001", [f"C17002_{number:03d}" for number in range(2, 9)]),
        ("B25003_001", ["B28001_002", "B28001_011"]),
        ("B25003_002", [f"B25007_{number:03d}" for number in range(3, 12)]),
        ("B25003_001", ["C16002_002", "C16002_003", "C16002_006", "C16002_009", "C16002_012"]),
        ("B25001_001", ["B25002_002", "B25002_003"]),
        ("B01001_001", ["B25008_001", "B26001_001"]),
        ("C16001_001", ["C16001_002", *(f"C16001_{number:03d}" for number in range(3, 39, 3))]),
    ],
)
def test_the_cells_of_a_table_add_up(county: InventedCounty, total: str, parts: list[str]) -> None:
    acs = rows(county, 2018, "acs/acs5")
    summed = sum(pd.to_numeric(acs[f"{part}E"]) for part in parts)
    assert (summed == pd.to_numeric(acs[f"{total}E"])).all()


def test_margins_of_error_are_those_of_the_survey(county: InventedCounty) -> None:
    surveys = [rows(county, year, "acs/acs5") for year in (2020, 2021, 2022, 2023, 2024)]
    renters = pd.concat([pd.to_numeric(survey["B25003_003E"]) for survey in surveys], axis=1)
    inhabited = renters.mean(axis=1) > 100
    seen = renters[inhabited].std(axis=1).median()
    stated = pd.to_numeric(surveys[0]["B25003_003M"])[inhabited].median() / 1.645
    assert 0.5 < seen / stated < 1.5


def test_where_nobody_lives_the_median_is_a_jam_value(county: InventedCounty) -> None:
    acs = rows(county, 2018, "acs/acs5")
    empty = acs[pd.to_numeric(acs["B25003_001E"]) == 0]
    assert len(empty) >= 8
    assert set(empty["B19013_001E"]) == {"-666666666"}
    assert set(empty["B19013_001M"]) == {"-222222222"}
    assert rows(county, 2020, "pdb/tract").loc[empty.index, "Low_Response_Score"].isna().all()


# --- the season
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "low", "high"),
    [
        ("2020-03-26", 24, 32),
        ("2020-03-31", 34, 42),
        ("2020-04-30", 51, 60),
        ("2020-05-31", 58, 64),
        ("2020-10-16", 65, 71),
    ],
)
def test_the_county_grows_as_the_nation_did(
    county: InventedCounty, day: str, low: float, high: float
) -> None:
    season = county.season
    at = day_number(dt.date.fromisoformat(day))
    assert low < 100 * season.cumulative[:, at].sum() / season.addresses.sum() < high


def test_rates_never_fall_and_internet_stays_within_all(county: InventedCounty) -> None:
    season = county.season
    assert (np.diff(season.cumulative, axis=1) >= 0).all()
    assert (season.internet <= season.cumulative).all()
    assert (season.cumulative <= season.addresses[:, None]).all()


def test_a_mailing_lifts_the_days_after_it(county: InventedCounty) -> None:
    daily = np.diff(county.season.cumulative.sum(axis=0))
    for mailing in (dt.date(2020, 4, 8), dt.date(2020, 4, 27), dt.date(2020, 7, 22)):
        at = day_number(mailing)
        assert daily[at : at + 7].mean() > 1.15 * daily[at - 7 : at].mean()


def test_the_daily_figure_is_not_quite_the_difference(county: InventedCounty) -> None:
    season = county.season
    difference = 100 * np.diff(season.cumulative, axis=1) / season.addresses[:, None]
    gap = np.abs(season.daily_percent[:, 1:] - difference)
    july = DAYS[1:].month == 7
    assert (
        np.corrcoef(season.daily_percent[:, 1:60].ravel(), difference[:, :59].ravel())[0, 1] > 0.99
    )
    assert 0.1 < (gap[:, july] > 0.051).mean() < 0.9
    assert (
        season.daily_percent <= 100 * season.cumulative / season.addresses[:, None] + 0.05
    ).all()


def test_nothing_is_published_at_weekends_from_june_and_on_the_stale_day(
    county: InventedCounty,
) -> None:
    sunday = dt.date(2020, 6, 14)
    assert county.published_on(sunday) == dt.date(2020, 6, 12)
    assert county.published_on(dt.date(2020, 5, 31)) == dt.date(2020, 5, 31)
    assert county.published_on(STALE_DAY) == STALE_DAY - dt.timedelta(days=1)
    assert county.published_on(dt.date(2020, 9, 7)) == dt.date(2020, 9, 4)
    assert county.published_on(dt.date(2021, 3, 1)) == LAST_DAY
    assert county.published_on(dt.date(2020, 3, 19)) is None
    assert sum(is_published(day.date()) for day in DAYS) == 211 - 2 * 19 - 3 - 1


def test_the_same_county_can_be_met_on_another_day(county: InventedCounty) -> None:
    later = county.on(dt.date(2020, 6, 14))
    assert set(rows(later, 2020, "dec/responserate")["RESP_DATE"]) == {"2020-06-12"}
    assert set(rows(county, 2020, "dec/responserate")["RESP_DATE"]) == {"2020-05-28"}
    assert rows(later, 2018, "acs/acs5").equals(rows(county, 2018, "acs/acs5"))


def test_published_rates_have_one_decimal_and_follow_the_truth(county: InventedCounty) -> None:
    final = rows(county.on(LAST_DAY), 2020, "dec/responserate")["CRRALL"]
    assert final.str.fullmatch(r"\d{1,2}\.\d").all()
    assert (final.astype(float) / 100 - county.truth.final_share).abs().max() <= 0.000501


# --- the hidden truths
# --------------------------------------------------------------------------------------------------------------


def test_one_ward_lags_from_the_planted_day(county: InventedCounty) -> None:
    truth, season = county.truth, county.season
    slow = np.isin(season.geoids, truth.lagging_tracts)
    behind = truth.final_share - truth.expected_share
    others = set(county.plan.blocks["ward"]) - {"", truth.lagging_ward}
    assert len(others) == 11
    assert 20 < slow.sum() < 60
    assert behind[slow].mean() < behind[~slow].mean() - 0.08
    before = day_number(truth.lag_from) - 1
    early = season.cumulative[:, before] / season.addresses / truth.expected_share.to_numpy()
    assert abs(early[slow].mean() - early[~slow].mean()) < 0.04


def test_tracts_invited_by_hand_start_late_and_catch_up(county: InventedCounty) -> None:
    season = county.season
    for geoid, start in county.truth.update_leave.items():
        share_by_day = (
            season.cumulative[season.geoids.index(geoid)]
            / season.addresses[season.geoids.index(geoid)]
        )
        assert share_by_day[day_number(start) - 1] < 0.06
        assert share_by_day[-1] > 0.25


def test_advertising_wins_what_the_truth_says_and_changes_nothing_else(
    county: InventedCounty,
) -> None:
    start = dt.date(2020, 5, 1)
    shown = dict.fromkeys(county.season.geoids[::2], 24.0)
    advertised = InventedCounty(advertising=shown, advertising_from=start)
    truth = county.truth
    won = advertised.truth.final_share - truth.final_share
    missing = 1 - county.season.cumulative[:, day_number(start)] / county.season.addresses
    expected = truth.ad_effect * truth.persuadability * (1 - np.exp(-1)) * missing
    assert (won[1::2] == 0).all()
    assert np.corrcoef(won[::2], expected[::2])[0, 1] > 0.98
    assert won[::2].mean() == pytest.approx(expected[::2].mean(), rel=0.03)
    before = day_number(start)
    assert np.array_equal(
        advertised.season.cumulative[:, :before], county.season.cumulative[:, :before]
    )


def test_the_persuadable_are_behind_expectation_and_online(county: InventedCounty) -> None:
    truth = county.truth
    table = county.people[2020].table.loc[list(county.season.geoids)]
    assert truth.persuadability.between(0, 1).all()
    assert truth.persuadability.std() > 0.1
    assert np.corrcoef(truth.persuadability, table["unexplained"])[0, 1] < -0.5
