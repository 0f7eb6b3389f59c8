"""Round money to whole cents without missing a floor."""

import numpy as np
import pandas as pd
import pytest

from flows.steps.buying.budget import make_terms, round_to_cents
from models.budget.channels import DISPLAY, META
from outreach.campaign import Campaign, parse_campaign
from outreach.errors import CampaignError

ASKED = {
    "name": "Town",
    "census_year": 2020,
    "areas": [{"state": "99"}],
    "goal_percent": 70,
    "deadline": "2020-10-15",
    "budget_usd": 1000,
    "cpm_usd": 12.5,
}


def ask(**changes: object) -> Campaign:
    return parse_campaign(ASKED | changes, "test")


def test_amounts_in_whole_cents_keep_the_budget_and_every_floor() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        count = int(rng.integers(1, 40))
        group = pd.Series(rng.choice(["a", "b", None], count))
        exact = pd.Series(rng.uniform(0, 500, count) * rng.integers(0, 2, count))
        if exact[group == "a"].sum() > 0:
            exact[group == "a"] *= 750 / exact[group == "a"].sum()  # a floor, met exactly
        found = round_to_cents(exact, group)
        assert ((found * 100).round(6) % 1 == 0).all()
        assert (found - exact).abs().max() < 0.01 + 1e-6
        assert found[exact == 0].eq(0).all()
        assert round(100 * found.sum()) == (100 * exact.sum() + 1e-4) // 1
        if exact[group == "a"].sum() > 0:
            assert found[group == "a"].sum() == pytest.approx(750, abs=1e-9)


def test_without_channels_there_is_one_at_the_campaigns_price() -> None:
    terms = make_terms(ask())
    assert [(channel.name, channel.cpm_usd.mid) for channel in terms.channels] == [("meta", 12.5)]
    assert terms.max_impressions_per_household == 9
    assert terms.least_value_share == 0.05
    assert make_terms(ask(spend_all=True)).least_value_share == 0
    assert make_terms(ask(effective_exposures=5)).curve.exposures.mid == 5


def test_what_a_planner_leaves_out_of_a_channel_is_the_planning_default() -> None:
    channels = [
        {"name": "meta", "cpm_usd": 15},
        {
            "name": "tiktok",
            "cpm_usd": 4,
            "reach_percent": 60,
            "click_percent": 0.3,
            "impressions_per_household": 9,
        },
        {"name": "google"},
    ]
    floors = [{"channel": "tiktok", "percent": 25}]
    terms = make_terms(ask(channels=channels, floors=floors))
    meta, tiktok, google = terms.channels
    assert google.cpm_usd.mid == 3
    assert meta.penetration == META.penetration
    assert (tiktok.cpm_usd.high, tiktok.penetration.mid, tiktok.click_share.mid) == (4, 0.6, 0.003)
    assert google.click_share == DISPLAY.click_share
    assert terms.channel_frequency == {"tiktok": 9}
    assert terms.floors_by_channel
    assert [(floor.group, floor.usd) for floor in terms.floors] == [("tiktok", 250)]


def test_a_channel_that_is_no_platform_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(CampaignError, match=r"'gogle' is no platform.* Did you mean 'google'\?"):
        make_terms(ask(channels=[{"name": "gogle", "cpm_usd": 3}]))
