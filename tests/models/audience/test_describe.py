"""Test that shares have the margins of the ACS handbook, and creative decides who goes without."""

import math

import pandas as pd
import pytest

from models.audience.describe import describe_areas, list_counts
from outreach.exporters.base.traits import refuse_protected_traits
from tests.models.audience.areas import areas, count


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
