"""Test that work orders name the languages without creative, the largest first."""

import pandas as pd
import pytest

from models.audience.describe import describe_areas
from models.audience.languages import describe_basis
from models.audience.work_orders import order_creative
from outreach.exporters.base.traits import refuse_protected_traits
from tests.models.audience.areas import areas, count


def order(*rows: dict[str, float], languages: tuple[str, ...] = ("en", "es")) -> pd.DataFrame:
    table = areas(*rows)
    audience = describe_areas(table, languages).assign(
        label=[f"ZIP {n}" for n in range(60601, 60601 + len(table))]
    )
    return order_creative(audience, languages, describe_basis(table))


def test_work_orders_are_ordered_by_households_and_name_places() -> None:
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


def test_a_language_that_there_may_be_no_speakers_of_says_so() -> None:
    assert "there may be none" in str(
        order(count({"asian_pacific": 5}, {"korean": 5})).loc[1, "why"]
    )


def test_no_order_is_written_for_creative_that_is_there() -> None:
    assert order(count({"spanish": 80}, {}), languages=("en", "es")).empty
    assert order(count({"spanish": 80}, {}), languages=("en",))["code"].tolist() == ["es"]
