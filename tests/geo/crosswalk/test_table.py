"""Carrying preserves counts, keeps means within bounds, and reports coverage."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crosswalk.carry import carry_counts, carry_shares
from geo.crosswalk.table import find_main_targets, make_crosswalk
from outreach.errors import GeographyError

KINDS = ("tract2010", "tract2020")


def crosswalk_of(*pairs: tuple[str, str, float]) -> pd.DataFrame:
    return make_crosswalk(
        pd.DataFrame(pairs, columns=["source", "target", "weight"]),
        "households",
        "user",
        KINDS,
        "here",
    )


@st.composite
def crosswalks(draw: st.DrawFn) -> pd.DataFrame:
    """Draw up to 8 sources, each in 1 to 4 of 6 targets; the empty target is nowhere."""
    pairs = []
    for source in range(draw(st.integers(1, 8))):
        targets = draw(
            st.lists(
                st.sampled_from(["", "t1", "t2", "t3", "t4", "t5"]),
                min_size=1,
                max_size=4,
                unique=True,
            )
        )
        weights = draw(
            st.lists(st.floats(0, 100), min_size=len(targets), max_size=len(targets)).filter(
                lambda all_: sum(all_) > 0.01
            )
        )
        pairs += [
            (f"s{source}", target, weight) for target, weight in zip(targets, weights, strict=True)
        ]
    return crosswalk_of(*pairs)


@settings(deadline=None)
@given(crosswalks())
def test_weights_of_every_source_sum_to_one(crosswalk: pd.DataFrame) -> None:
    assert np.allclose(crosswalk.groupby("source")["weight"].sum(), 1, atol=1e-12)
    assert crosswalk["weight"].between(0, 1).all()


@settings(deadline=None)
@given(crosswalks(), st.data())
def test_counts_are_preserved_to_the_last_household(
    crosswalk: pd.DataFrame, data: st.DataObject
) -> None:
    sources = [*crosswalk["source"].unique(), "stranger"]
    counts = [float(data.draw(st.integers(0, 10_000))) for _ in sources]
    table = pd.DataFrame({"a_count": counts}, index=sources)
    carried = carry_counts(table, crosswalk)
    lost = (carried.left_out.reindex(table.index, fill_value=0.0) * table["a_count"]).sum()
    assert carried.table["a_count"].sum() + lost == pytest.approx(table["a_count"].sum(), abs=0.1)
    assert carried.left_out["stranger"] == 1.0


@settings(deadline=None)
@given(crosswalks(), st.data())
def test_a_carried_share_lies_between_the_shares_it_is_made_of(
    crosswalk: pd.DataFrame, data: st.DataObject
) -> None:
    targets = [target for target in crosswalk["target"].unique() if target]
    shares = [data.draw(st.floats(0, 1) | st.just(float("nan"))) for _ in targets]
    table = pd.DataFrame({"a_share": shares}, index=targets)
    carried = carry_shares(table, crosswalk)
    shares_carried = carried.table["a_share"].dropna()
    assert shares_carried.between(
        np.nanmin([*shares, 2]) - 1e-9, np.nanmax([*shares, -1]) + 1e-9
    ).all()
    assert carried.coverage["a_share"].between(0, 1).all()
    assert (carried.coverage["a_share"].gt(0) == carried.table["a_share"].notna()).all()


def test_counts_are_split_and_their_margins_carried_as_a_root_of_squares() -> None:
    crosswalk = crosswalk_of(("a", "x", 3), ("a", "y", 1), ("b", "y", 1))
    table = pd.DataFrame({"h_count": [100.0, 10.0], "h_count_moe": [20.0, 12.0]}, index=["a", "b"])
    carried = carry_counts(table, crosswalk).table
    assert list(carried["h_count"]) == [75.0, 35.0]
    assert list(carried["h_count_moe"]) == [15.0, 13.0]


def test_a_mean_is_over_the_areas_with_a_value_and_its_coverage_says_so() -> None:
    back = crosswalk_of(("x", "a", 0.6), ("x", "b", 0.3), ("x", "", 0.1))
    table = pd.DataFrame(
        {"r_share": [0.5, np.nan], "r_share_moe": [0.1, 0.2], "q_score": [10.0, 40.0]},
        index=["a", "b"],
    )
    carried = carry_shares(table, back)
    assert carried.table.loc["x", "r_share"] == pytest.approx(0.5)
    assert carried.table.loc["x", "r_share_moe"] == pytest.approx(0.1)
    assert carried.table.loc["x", "q_score"] == pytest.approx(20.0)
    assert carried.coverage.loc["x", "r_share"] == pytest.approx(0.6)
    assert carried.coverage.loc["x", "q_score"] == pytest.approx(0.9)


def test_an_unchanged_tract_keeps_its_figures_exactly() -> None:
    carried = carry_shares(
        pd.DataFrame({"r_share": [0.1 + 0.2]}, index=["a"]), crosswalk_of(("x", "a", 7.3))
    )
    assert carried.table.loc["x", "r_share"] == 0.1 + 0.2
    assert carried.coverage.loc["x", "r_share"] == 1.0


def test_a_margin_is_missing_where_a_figure_that_went_in_has_none() -> None:
    crosswalk = crosswalk_of(("a", "x", 1), ("b", "x", 1), ("b", "y", 0))
    table = pd.DataFrame({"h_count": [5.0, 6.0], "h_count_moe": [1.0, np.nan]}, index=["a", "b"])
    carried = carry_counts(table, crosswalk).table
    assert carried.loc["x", "h_count"] == 11.0
    assert np.isnan(carried.loc["x", "h_count_moe"])


def test_a_target_with_no_known_source_is_missing_and_not_zero() -> None:
    crosswalk = crosswalk_of(("a", "x", 1), ("b", "x", 0), ("b", "y", 1))
    carried = carry_counts(pd.DataFrame({"h_count": [np.nan, 4.0]}, index=["a", "b"]), crosswalk)
    assert np.isnan(carried.table.loc["x", "h_count"])
    assert carried.coverage.loc["x", "h_count"] == 0
    assert carried.table.loc["y", "h_count"] == 4.0


def test_a_sliver_without_units_gets_a_count_of_zero() -> None:
    carried = carry_counts(
        pd.DataFrame({"h_count": [9.0]}, index=["a"]),
        crosswalk_of(("a", "x", 1), ("a", "water", 0)),
    )
    assert carried.table.loc["water", "h_count"] == 0
    assert carried.coverage.loc["water", "h_count"] == 1


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("a", "x", 1), ("a", "x", 2)], "the pair a - x appears twice"),
        ([("a", "x", 1), ("b", "x", 0)], "the area b has no weight"),
    ],
)
def test_pairs_that_cannot_make_a_crosswalk_are_refused(
    pairs: list[tuple[str, str, float]], message: str
) -> None:
    with pytest.raises(GeographyError, match=message):
        crosswalk_of(*pairs)


def test_a_table_with_a_repeated_area_or_a_bare_margin_is_refused() -> None:
    crosswalk = crosswalk_of(("a", "x", 1))
    with pytest.raises(GeographyError, match="a appears twice"):
        carry_counts(pd.DataFrame({"h_count": [1.0, 2.0]}, index=["a", "a"]), crosswalk)
    with pytest.raises(GeographyError, match="'h_count_moe' but no figures 'h_count'"):
        carry_counts(pd.DataFrame({"h_count_moe": [1.0]}, index=["a"]), crosswalk)


def test_the_main_target_is_the_biggest_and_the_first_of_equals() -> None:
    main = find_main_targets(
        crosswalk_of(("a", "x", 1), ("a", "", 2), ("b", "z", 1), ("b", "y", 1))
    )
    assert main["target"].to_dict() == {"a": "", "b": "y"}
    assert main.loc["b", "weight"] == 0.5
