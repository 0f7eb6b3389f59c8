"""Test that languages add up to the households they were counted from."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.audience.languages import (
    LANGUAGES,
    OTHER,
    count_languages,
    describe_basis,
    name_count,
)
from tests.models.audience.areas import GROUPS, PEOPLE, areas, count

EVERY = [name_count(code) for code in (*LANGUAGES, OTHER)]


def test_a_group_is_split_by_who_speaks_what() -> None:
    row = count(
        {"spanish": 80, "asian_pacific": 60}, {"spanish": 200, "chinese": 100, "korean": 50}
    )
    area = count_languages(areas(row)).iloc[0]
    assert area[name_count("es")] == 80
    assert area[f"{name_count('es')}_moe"] == 10
    assert area[name_count("zh")] == pytest.approx(40)
    assert area[name_count("ko")] == pytest.approx(20)
    assert area[name_count("vi")] == 0
    assert area[name_count("en")] == 1000 - 140


def test_a_split_has_the_margin_of_a_product() -> None:
    row = count({"asian_pacific": 60}, {"chinese": 100, "korean": 50})
    area = count_languages(areas(row)).iloc[0]
    # Chinese are two thirds, of five counts with a margin of 12 each: ACS handbook, chapter 8.
    share, base, base_margin = 2 / 3, 150.0, 12 * math.sqrt(5)
    inner = 12**2 - (share * base_margin) ** 2
    assert inner < 0, "the handbook's other form is needed"
    margin = math.sqrt(12**2 + (share * base_margin) ** 2) / base
    assert area[f"{name_count('zh')}_moe"] == pytest.approx(math.hypot(share * 10, 60 * margin))


def test_languages_that_share_a_group_share_its_people_and_it_is_said() -> None:
    table = areas(count({"indo_european": 50}, {"slavic": 80, "other_indo_european": 20}))
    area = count_languages(table).iloc[0]
    assert area[name_count("ru")] == area[name_count("pl")] == pytest.approx(20)
    assert area[name_count("pt")] == pytest.approx(0.15 * 10)
    assert area[name_count(OTHER)] == pytest.approx(0.85 * 10)
    basis = describe_basis(table)
    assert "ASSUMED" in basis["pl"]
    assert "ASSUMED" not in basis["zh"]
    assert basis["es"] == "ACS C16002"


def test_an_area_where_the_sample_met_no_speaker_takes_the_shares_of_all() -> None:
    table = count_languages(
        areas(
            count({"asian_pacific": 30}, {"chinese": 30, "korean": 10}),
            count({"asian_pacific": 8}, {}),
        )
    )
    assert table[name_count("zh")].iloc[1] == pytest.approx(6)


def test_arabic_is_as_many_to_a_household_as_the_others_and_no_more_than_its_group() -> None:
    people = {"spanish": 300, "arabic": 60}
    table = count_languages(
        areas(count({"spanish": 100, "other": 50}, people), count({"other": 10}, {"arabic": 900}))
    )
    assert table[name_count("ar")].tolist() == pytest.approx([20, 10])
    assert table[name_count(OTHER)].tolist() == pytest.approx([30, 0])


def test_without_people_the_nation_splits_the_groups_and_it_is_said() -> None:
    table = areas(count({"asian_pacific": 100}))
    area = count_languages(table).iloc[0]
    assert area[name_count("zh")] == pytest.approx(45)
    assert all(
        "ASSUMED" in text
        for code, text in describe_basis(table).items()
        if code not in ("es", "en", OTHER)
    )


@settings(max_examples=60)
@given(
    households=st.lists(st.tuples(*[st.integers(0, 200)] * 4), min_size=1, max_size=4),
    people=st.lists(st.tuples(*[st.integers(0, 400)] * len(PEOPLE)), min_size=4, max_size=4),
    known=st.booleans(),
)
def test_no_household_is_lost_or_counted_twice(
    households: list[tuple[int, ...]], people: list[tuple[int, ...]], *, known: bool
) -> None:
    rows = [
        count(
            dict(zip(GROUPS, own, strict=True)),
            dict(zip(PEOPLE, them, strict=True)) if known else None,
        )
        for own, them in zip(households, people, strict=False)
    ]
    area = count_languages(areas(*rows))
    assert (area[EVERY] >= 0).all(axis=None)
    assert np.allclose(area[EVERY].sum(axis=1), 1000)
