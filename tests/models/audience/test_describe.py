"""Test that languages add up to households, margins follow the handbook, and gaps are ordered."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.audience.describe import describe_areas, list_counts
from models.audience.languages import (
    LANGUAGES,
    OTHER,
    count_languages,
    describe_basis,
    name_count,
)
from models.audience.work_orders import order_creative
from outreach.exporters.base.traits import refuse_protected_traits

GROUPS = ("spanish", "indo_european", "asian_pacific", "other")
PEOPLE = (
    "spanish", "french_haitian", "slavic", "korean", "chinese", "vietnamese", "tagalog", "arabic",
    "other_indo_european", "other_asian",
)  # fmt: skip
EVERY = [name_count(code) for code in (*LANGUAGES, OTHER)]


def count(
    households: Mapping[str, float], people: Mapping[str, float] | None = None, **more: float
) -> dict[str, float]:
    """Return 1,000 households, those of each group with little English, and its people."""
    row = {"households_count": 1000.0, "households_count_moe": 50.0}
    row |= {
        f"limited_english_households_{group}_count": households.get(group, 0.0) for group in GROUPS
    }
    row |= {f"limited_english_households_{group}_count_moe": 10.0 for group in GROUPS}
    if people is not None:
        row |= {f"limited_english_{part}_count": people.get(part, 0.0) for part in PEOPLE}
        row |= {f"limited_english_{part}_count_moe": 12.0 for part in PEOPLE}
    return row | more


def areas(*rows: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        rows, index=pd.Index([f"1703101{n:04d}" for n in range(1, len(rows) + 1)], name="geoid")
    )


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


def test_telephones_and_no_internet_have_the_margin_of_a_proportion() -> None:
    row = count({}, None, offline_households_count=100.0, offline_households_count_moe=30.0)
    row |= {"internet_universe_count": 1000.0, "internet_universe_count_moe": 50.0}
    area = describe_areas(areas(row), ("en",)).iloc[0]
    assert area["offline_share"] == pytest.approx(0.1)
    assert area["offline_share_moe"] == pytest.approx(math.sqrt(30**2 - (0.1 * 50) ** 2) / 1000)
    assert math.isnan(area["smartphone_only_share"])


def test_creative_decides_who_goes_without() -> None:
    table = areas(count({"spanish": 80, "asian_pacific": 60}, {"chinese": 100, "korean": 50}))
    for creative, left in (
        (("en",), 140),
        (("en", "es"), 60),
        (("en", "es", "zh-Hant"), 20),
        (("es",), 920),
    ):
        area = describe_areas(table, creative).iloc[0]
        assert area["without_creative_households_count"] == pytest.approx(left), creative
    assert area["without_creative"].startswith("English 860")
    assert area["with_creative"] == "Spanish 80 ±10"
    assert area["languages"].startswith("Spanish 80 ±10, Chinese 40 ±")


def test_an_area_of_which_nothing_is_known_stays_unknown() -> None:
    area = describe_areas(areas({"households_count": 500.0}), ("en",)).iloc[0]
    assert math.isnan(area["limited_english_households_count"])
    assert math.isnan(area["without_creative_households_count"])
    assert area["languages"] == ""


def test_traits_that_are_protected_are_neither_read_nor_written() -> None:
    table = areas(count({"spanish": 80, "asian_pacific": 60}, {"chinese": 100}))
    traits = {
        name: [0.9]
        for name in (
            "hispanic_share",
            "asian_alone_count",
            "race_white_count",
            "foreign_born_count",
        )
    }
    rich = table.assign(**{name: values * len(table) for name, values in traits.items()})
    assert not set(traits) & set(list_counts(rich))
    pd.testing.assert_frame_equal(describe_areas(rich, ("en",)), describe_areas(table, ("en",)))
    refuse_protected_traits(describe_areas(rich, ("en",)))


def order(*rows: dict[str, float], languages: tuple[str, ...] = ("en", "es")) -> pd.DataFrame:
    table = areas(*rows)
    audience = describe_areas(table, languages).assign(
        label=[f"ZIP {n}" for n in range(60601, 60601 + len(table))]
    )
    return order_creative(audience, languages, describe_basis(table))


def test_work_orders_stand_by_households_and_name_where() -> None:
    rows = [
        count({"spanish": 300, "asian_pacific": 60}, {"chinese": 100, "korean": 50}),
        count({"asian_pacific": 50}, {"korean": 90, "chinese": 10}),
    ]
    orders = order(*rows)
    assert orders["language"].tolist() == ["Korean", "Chinese"]
    assert orders.index.tolist() == [1, 2]
    assert orders.loc[1, "households_count"] == pytest.approx(65)
    assert orders.loc[1, "where_most"] == "ZIP 60602 (45), ZIP 60601 (20)"
    assert "Ads and a landing page in Korean" in str(orders.loc[1, "missing"])
    assert "About 65 households do not read ads in en/es" in str(orders.loc[1, "why"])
    assert orders.loc[1, "worth_places_count"] == 0
    refuse_protected_traits(orders)


def test_work_orders_add_up_to_those_without_creative() -> None:
    table = areas(
        count(
            {"spanish": 9, "indo_european": 77, "other": 12},
            {"slavic": 40, "french_haitian": 13, "arabic": 4},
        )
    )
    orders = order(
        count(
            {"spanish": 9, "indo_european": 77, "other": 12},
            {"slavic": 40, "french_haitian": 13, "arabic": 4},
        )
    )
    without = describe_areas(table, ("en", "es"))["without_creative_households_count"].sum()
    assert orders["households_count"].sum() == pytest.approx(without)


def test_a_language_that_perhaps_nobody_speaks_says_so() -> None:
    assert "there may be none" in str(
        order(count({"asian_pacific": 5}, {"korean": 5})).loc[1, "why"]
    )


def test_no_order_is_written_for_creative_that_is_there() -> None:
    assert order(count({"spanish": 80}, {}), languages=("en", "es")).empty
    assert order(count({"spanish": 80}, {}), languages=("en",))["code"].tolist() == ["es"]
