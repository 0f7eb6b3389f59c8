"""Every tract is accounted for, and the real county gives the published figures."""

import json
from dataclasses import asdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crosswalk.table import make_crosswalk
from geo.join import join_tracts, measure_rate
from geo.profiles import ProfileSource
from outreach.errors import DataError, GeographyError, NothingThere

A, B, C, D = (f"9900100{number:04d}" for number in (100, 200, 300, 400))
WATER = "99001990000"


def boundaries_of(*geoids: str, land: float = 1.0) -> gpd.GeoDataFrame:
    shapes = [shapely.box(at, 0, at + 1, 1) for at in range(len(geoids))]
    columns = {"name": [f"n{geoid[-3:]}" for geoid in geoids], "land_km2": land, "water_km2": 0.0}
    return gpd.GeoDataFrame(
        columns, index=pd.Index(geoids, name="geoid", dtype="str"), geometry=shapes, crs="EPSG:4326"
    )


def rates_of(*geoids: str, share: float = 0.5, date: str = "2020-05-01") -> pd.DataFrame:
    columns = {
        "cumulative_share": share,
        "internet_share": share / 2,
        "daily_share": 0.01,
        "daily_internet_share": 0.0,
    }
    return pd.DataFrame(
        {"data_date": pd.Timestamp(date), **columns},
        index=pd.Index(geoids, name="geoid", dtype="str"),
    )


def profile_of(name: str, year: int, rows: dict[str, dict[str, float]]) -> ProfileSource:
    table = pd.DataFrame.from_dict(rows, orient="index")
    return ProfileSource(name, table.rename_axis("geoid"), year)


def both_ways(*pairs: tuple[str, str, float, float]) -> dict[str, pd.DataFrame]:
    """Build both crosswalks from (2010 tract, 2020 tract, old share, new share)."""
    old, new, there, back = zip(*pairs, strict=True)
    forward = pd.DataFrame({"source": old, "target": new, "weight": there})
    backward = pd.DataFrame({"source": new, "target": old, "weight": back})
    return {
        "forward": make_crosswalk(
            forward, "housing_units", "relationship", ("tract2010", "tract2020"), "here"
        ),
        "backward": make_crosswalk(
            backward, "housing_units", "relationship", ("tract2020", "tract2010"), "here"
        ),
    }


def test_each_tract_gets_its_rate_its_polygon_and_its_status() -> None:
    tracts, report = join_tracts(boundaries_of(A, B, WATER), rates_of(A, C), [])
    assert tracts["status"].to_dict() == {A: "rated", B: "rateless", C: "rated", WATER: "water"}
    assert (report.matched, report.rateless, report.water, report.without_polygon) == (
        (A,),
        (B,),
        (WATER,),
        (C,),
    )
    assert tracts.loc[C, "geometry"] is None
    assert tracts.loc[C, "name"] == "3"
    assert np.isnan(tracts.loc[B, "cumulative_share"])
    assert pd.isna(tracts.loc[B, "data_date"])
    assert any(C in line and "no polygon" in line for line in report.lines())


def test_a_tract_without_land_is_water_whatever_its_code() -> None:
    boundaries = boundaries_of(A, B)
    boundaries.loc[B, "land_km2"] = 0.0
    _, report = join_tracts(boundaries, rates_of(A), [])
    assert report.water == (B,)


def test_a_split_a_merged_and_an_unchanged_tract_get_their_figures() -> None:
    old1, old2, old3, old4 = ("99001000001", "99001000002", "99001000003", D)
    ways = both_ways(
        (old1, A, 0.25, 1.0),
        (old1, B, 0.75, 1.0),
        (old2, C, 1.0, 0.6),
        (old3, C, 1.0, 0.4),
        (old4, D, 1.0, 1.0),
    )
    profile = profile_of(
        "acs5",
        2010,
        {
            old1: {
                "households_count": 100,
                "households_count_moe": 20,
                "low_response_score": 10,
                "income_usd": 1000,
            },
            old2: {
                "households_count": 60,
                "households_count_moe": 3,
                "low_response_score": 20,
                "income_usd": 2000,
            },
            old3: {
                "households_count": 40,
                "households_count_moe": 4,
                "low_response_score": 30,
                "income_usd": np.nan,
            },
            old4: {
                "households_count": 7,
                "households_count_moe": 1,
                "low_response_score": 5,
                "income_usd": 3000,
            },
        },
    )
    tracts, report = join_tracts(boundaries_of(A, B, C, D), rates_of(A, B, C, D), [profile], **ways)
    assert tracts["households_count"].to_dict() == {A: 25, B: 75, C: 100, D: 7}
    assert tracts["households_count_moe"].to_dict() == {A: 5, B: 15, C: 5, D: 1}
    assert tracts["low_response_score"].to_dict() == {A: 10, B: 10, C: pytest.approx(24), D: 5}
    assert tracts["income_usd"].to_dict() == {A: 1000, B: 1000, C: 2000, D: 3000}
    assert report.by_code == (D,)
    assert report.carried_over == (A, B)
    assert report.partly_covered == {C: {"income_usd": pytest.approx(0.6)}}


def test_a_new_tract_takes_the_class_that_holds_most_of_it() -> None:
    crosswalks = both_ways(
        ("99001000100", "99001000101", 0.5, 1.0),
        ("99001000100", "99001000102", 0.5, 1.0),
        ("99001000200", "99001000201", 1.0, 0.3),
        ("99001000300", "99001000201", 1.0, 0.7),
        ("99001000400", "99001000400", 1.0, 1.0),
    )
    geoids = [f"99001000{end}" for end in ("101", "102", "201", "400")]
    source = profile_of(
        "contact",
        2010,
        {
            "99001000100": {"contact_class": "Mail"},
            "99001000200": {"contact_class": "Mail"},
            "99001000300": {"contact_class": "Visit"},
            "99001000400": {"contact_class": None},
        },
    )
    tracts, report = join_tracts(
        boundaries_of(*geoids), rates_of(*geoids), [source], **crosswalks, census_tract_year=2020
    )
    words = tracts["contact_class"]
    assert words.iloc[:3].tolist() == ["Mail", "Mail", "Visit"]
    assert words.isna().iloc[3]
    assert report.sources[0].not_carried == ()
    assert report.sources[0].gave == {"contact_class": 3}


def test_the_second_source_fills_gaps_of_the_first_with_its_own_margin() -> None:
    first = profile_of(
        "acs5",
        2020,
        {A: {"x_count": 1, "x_count_moe": 0.1}, B: {"x_count": np.nan, "x_count_moe": np.nan}},
    )
    second = profile_of(
        "planning_database",
        2020,
        {A: {"x_count": 9, "y_score": 4}, B: {"x_count": 8, "y_score": 5}},
    )
    tracts, report = join_tracts(boundaries_of(A, B), rates_of(A, B), [first, second])
    assert tracts["x_count"].to_dict() == {A: 1, B: 8}
    assert tracts.loc[A, "x_count_moe"] == 0.1
    assert np.isnan(tracts.loc[B, "x_count_moe"])
    assert [use.gave for use in report.sources] == [{"x_count": 1}, {"x_count": 1, "y_score": 2}]


def test_a_margin_never_joins_the_figure_of_another_source() -> None:
    first = profile_of("planning_database", 2020, {A: {"x_count": 1}, B: {"x_count": np.nan}})
    second = profile_of(
        "acs5", 2020, {A: {"x_count": 9, "x_count_moe": 3}, B: {"x_count": 8, "x_count_moe": 2}}
    )
    tracts, _ = join_tracts(boundaries_of(A, B), rates_of(A, B), [first, second])
    assert np.isnan(tracts.loc[A, "x_count_moe"])
    assert tracts.loc[B, "x_count_moe"] == 2


def test_profiles_from_elsewhere_and_columns_without_a_unit_are_named() -> None:
    old = ("99001000001", "99001000002", "99001000003")
    ways = both_ways(
        (old[0], A, 1.0, 1.0),
        (old[1], "99003000100", 1.0, 1.0),
        (old[2], A, 0.0, 0.0),
        (old[2], B, 1, 1),
    )
    profile = profile_of(
        "acs5",
        2010,
        {geoid: {"x_count": 5, "flag": 1, "bare_count_moe": 2} for geoid in (*old, "99009009900")},
    )
    _, report = join_tracts(boundaries_of(A, B), rates_of(A, B), [profile], **ways)
    use = report.sources[0]
    assert (use.rows, use.placed) == (4, 2)
    assert use.unplaced == (old[1], "99009009900")
    assert use.not_carried == ("flag", "bare_count_moe")
    assert any("flag, bare_count_moe" in line for line in report.lines())


def test_a_source_on_other_tracts_needs_the_right_crosswalk() -> None:
    profile = profile_of("acs5", 2010, {A: {"x_count": 5}})
    with pytest.raises(
        GeographyError, match="acs5 is on tracts of 2010, the rates are on tracts of 2020"
    ):
        join_tracts(boundaries_of(A), rates_of(A), [profile])
    ways = both_ways((A, A, 1, 1))
    with pytest.raises(GeographyError, match="no crosswalk from tract2010 to tract2020"):
        join_tracts(boundaries_of(A), rates_of(A), [profile], ways["backward"], ways["forward"])


def test_rates_that_cannot_be_joined_are_refused() -> None:
    with pytest.raises(NothingThere, match="No tract has a rate"):
        join_tracts(boundaries_of(A), rates_of(), [])
    with pytest.raises(DataError, match="several data dates"):
        join_tracts(
            boundaries_of(A, B), pd.concat([rates_of(A), rates_of(B, date="2020-05-02")]), []
        )
    with pytest.raises(DataError, match=f"{A} twice"):
        join_tracts(boundaries_of(A), rates_of(A, A), [])
    with pytest.raises(NothingThere, match=r"None of the rated tracts \(1\) is among"):
        join_tracts(boundaries_of(A), rates_of(B), [])


def test_a_weighted_rate_names_the_tracts_it_leaves_out() -> None:
    profile = profile_of(
        "acs5",
        2020,
        {A: {"households_count": 30}, B: {"households_count": 10}, D: {"households_count": 99}},
    )
    rates = pd.concat([rates_of(A, share=0.4), rates_of(B, share=0.8), rates_of(C, share=0.1)])
    tracts, _ = join_tracts(boundaries_of(A, B, C, D), rates, [profile])
    rate = measure_rate(tracts)
    assert rate.share == pytest.approx(0.5)
    assert (rate.tracts_count, rate.weight_total, rate.without_weight) == (2, 40, (C,))
    with pytest.raises(NothingThere, match="housing_units_count above 0"):
        measure_rate(tracts, "housing_units_count")


GEOIDS = [f"9900100{number:02d}00" for number in range(1, 8)] + [WATER]


@given(
    drawn=st.sets(st.sampled_from(GEOIDS)),
    rated=st.sets(st.sampled_from(GEOIDS), min_size=1),
    known=st.dictionaries(st.sampled_from(GEOIDS), st.none() | st.integers(0, 99)),
    shift=st.integers(0, 3),
)
def test_every_tract_is_in_one_group(
    drawn: set[str], rated: set[str], known: dict[str, int | None], shift: int
) -> None:
    """Each tract is in one group by rate and polygon, and in one by predictor."""
    if not drawn & rated:
        return
    pairs = [
        (old, new, 1.0, 1.0)
        for old, new in zip(GEOIDS, GEOIDS[shift:] + GEOIDS[:shift], strict=True)
    ]
    pairs.append((GEOIDS[0], GEOIDS[(shift + 1) % len(GEOIDS)], 1.0, 1.0))
    rows = {
        old: {"x_count": np.nan if count is None else float(count)} for old, count in known.items()
    }
    profiles = [profile_of("acs5", 2010, rows)] if rows else []
    tracts, report = join_tracts(
        boundaries_of(*sorted(drawn)), rates_of(*sorted(rated)), profiles, **both_ways(*pairs)
    )
    assert set(tracts.index) == drawn | rated
    for groups in (
        (report.matched, report.without_polygon, report.water, report.rateless),
        (
            report.by_code,
            report.carried_over,
            tuple(report.partly_covered),
            report.without_predictor,
        ),
    ):
        assert sorted(geoid for group in groups for geoid in group) == sorted(tracts.index)
    assert {*report.matched, *report.water, *report.rateless} == drawn
    assert set(report.matched) | set(report.without_polygon) == rated
    for use in report.sources:
        assert use.placed + len(use.partly_placed) + len(use.unplaced) == use.rows == len(known)
    counts = {"matched_count": len(report.matched), "tracts_count": len(tracts)}
    manifest = json.loads(json.dumps(report.to_manifest()))
    assert {name: manifest[name] for name in counts} == counts


@pytest.mark.real
def test_all_of_cook_has_polygons_and_predictors_with_one_gap(real_cook: Any) -> None:
    tracts, report = join_tracts(
        real_cook.boundaries,
        real_cook.rates,
        [real_cook.profile],
        real_cook.forward,
        real_cook.backward,
    )
    assert len(report.matched) == 1_328
    assert report.without_polygon == ()
    assert report.without_predictor == ()
    assert report.water == (WATER.replace("99001", "17031"),)
    assert report.rateless == ("17031381700", "17031980000", "17031980100")
    assert len(report.by_code) == 1_275
    assert report.partly_covered == {
        "17031844600": {"low_response_score": pytest.approx(0.766, abs=0.001)}
    }
    assert report.missing_in_rated == {}
    assert report.sources[0].unplaced == ()
    assert (
        tracts.loc[list(report.matched), ["households_count", "low_response_score"]]
        .notna()
        .all()
        .all()
    )
    assert asdict(report)["data_date"].isoformat() == "2020-10-16"


@pytest.mark.real
def test_a_join_by_bare_code_would_lose_44_tracts(real_cook: Any) -> None:
    rated, known = real_cook.rates.index, real_cook.profile.table.index
    assert len(rated.intersection(known)) == 1_284
    assert len(rated.difference(known)) == 44


@pytest.mark.real
def test_the_countys_weighted_rates_match_the_published_ones(real_cook: Any) -> None:
    tracts, _ = join_tracts(
        real_cook.boundaries,
        real_cook.rates,
        [real_cook.profile],
        real_cook.forward,
        real_cook.backward,
    )
    households, units = measure_rate(tracts), measure_rate(tracts, "housing_units_count")
    assert round(households.share * 100, 2) == 68.37
    assert round(units.share * 100, 2) == 67.64
    assert households.weight_total == pytest.approx(1_963_070, abs=2)
    assert households.without_weight == ()
    city = tracts[real_cook.boundaries["community"].notna().reindex(tracts.index)]
    assert round(measure_rate(city).share * 100, 2) == 61.75
    assert round(measure_rate(city, "housing_units_count").share * 100, 2) == 61.10
