"""What a planner types into a form becomes a checked request."""

import datetime as dt
from pathlib import Path

import pytest

from flows.steps.service.request import change_budget, list_missing_days, parse_day
from outreach.archive import Archive
from outreach.errors import CampaignError
from tests.builders import make_campaign


def test_a_day_is_read_and_a_day_that_is_none_is_refused() -> None:
    assert parse_day("2020-05-28") == dt.date(2020, 5, 28)
    assert parse_day("") is None
    with pytest.raises(CampaignError, match="There is no day '2020-02-30'"):
        parse_day("2020-02-30")


def test_another_budget_changes_nothing_else_and_is_checked() -> None:
    campaign = make_campaign()
    changed = change_budget(campaign, 12_345)
    assert changed.budget_usd == 12_345
    assert changed == campaign.model_copy(update={"budget_usd": 12_345.0})
    assert change_budget(campaign, None) is campaign
    with pytest.raises(CampaignError, match="budget_usd"):
        change_budget(campaign, -1)


def test_a_period_ends_after_it_begins(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    with pytest.raises(CampaignError, match="before it begins"):
        list_missing_days(archive, make_campaign(), [], dt.date(2020, 5, 2), dt.date(2020, 5, 1))
