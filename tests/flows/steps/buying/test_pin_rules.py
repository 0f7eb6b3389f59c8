"""Circles are drawn on a step that every platform of the campaign takes."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from flows.steps.buying.cover import find_common_step, read_pin_rules
from outreach.campaign import parse_campaign
from outreach.settings import Settings


def read(*platforms: str, rules: Path | None = None, **more: Any) -> Any:
    values: dict[str, Any] = {
        "name": "Test",
        "census_year": 2020,
        "areas": [{"state": "01"}],
        "goal_percent": 70,
        "deadline": dt.date(2020, 10, 15),
        "budget_usd": 1000,
        "creative_languages": ["en"],
        "platforms": list(platforms),
    }
    return read_pin_rules(parse_campaign(values | more, "test"), Settings(platform_rules=rules))


@pytest.mark.parametrize(
    ("platforms", "name", "step", "most", "largest"),
    [
        (("google",), "Google Ads", 0.1, 500, 800),
        (("meta",), "Meta", 0.01, 200, 80),
        (("google", "microsoft"), "Google Ads and Microsoft Advertising", 1, 500, 800),
        (("meta", "excel", "dv360", "tiktok"), "Meta and Display & Video 360", 1, 200, 80),
        (("excel", "tiktok"), "Google Ads", 0.1, 500, 800),
    ],
)
def test_the_strictest_rule_of_all_platforms_holds(
    platforms: tuple[str, ...], name: str, step: float, most: int, largest: float
) -> None:
    rules = read(*platforms)
    assert (rules.platform, rules.minimum_km, rules.step_km) == (name, 1, step)
    assert (rules.maximum_count, rules.maximum_km) == (most, largest)


def test_a_step_of_the_users_own_counts(tmp_path: Path) -> None:
    (tmp_path / "google.toml").write_text("radius.step = {value = 0.3}")
    assert read("google", "meta", rules=tmp_path).step_km == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("steps", "common"),
    [
        ([0.1], 0.1),
        ([0.1, 1], 1),
        ([0.4, 0.6], 1.2),
        ([0.01, 0.1, 1], 1),
        ([1, 1.609344], 1.609344),
    ],
)
def test_the_common_step_is_a_whole_number_of_each(steps: list[float], common: float) -> None:
    assert find_common_step(steps) == pytest.approx(common)
