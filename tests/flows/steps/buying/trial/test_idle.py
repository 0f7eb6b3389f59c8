"""Money that a test keeps from its units without ads is named as the cause that it is."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from flows.steps.buying.trial.idle import explain_idle
from outreach.campaign import parse_campaign

CAMPAIGN = {
    "name": "Town",
    "census_year": 2020,
    "areas": [{"state": "99"}],
    "goal_percent": 70,
    "deadline": dt.date(2020, 7, 31),
    "budget_usd": 1000,
    "cpm_usd": 10,
    "fee_percent": 0,
    "impressions_per_household": 10,
}


def explain(arms: list[str], budgets: list[float], **units: Any) -> str:
    targets = pd.DataFrame({"arm": arms, "budget_usd": budgets, "households_count": 200.0})
    campaign = parse_campaign(CAMPAIGN | {"units": {"kind": "pins", **units}}, "test")
    return explain_idle(targets, campaign)  # type: ignore[arg-type]  only the columns that it reads


@pytest.mark.parametrize(("units", "room"), [({}, "$40.00"), ({"maximum_spend_usd": 15}, "$30.00")])
def test_what_would_fit_into_held_out_units_and_buffers_is_said(
    units: dict[str, Any], room: str
) -> None:
    found = explain(["treat", "treat", "holdout", "buffer"], [700.0, 0.0, 0.0, 0.0], **units)
    assert found.startswith(
        f"Of the $300.00 that stay unspent, {room} would fit into the pins that the test keeps"
        " without ads (1 held out and 1 in buffers)."
    )


def test_no_more_than_what_is_left_would_fit() -> None:
    assert "$5.00 would fit" in explain(["treat", "holdout"], [995.0, 0.0])


@pytest.mark.parametrize(
    ("arms", "budgets"), [(["treat", "holdout"], [1000.0, 0.0]), (["treat"], [400.0])]
)
def test_money_that_is_spent_or_idle_for_other_reasons_is_not_blamed_on_a_test(
    arms: list[str], budgets: list[float]
) -> None:
    assert explain(arms, budgets) == ""
