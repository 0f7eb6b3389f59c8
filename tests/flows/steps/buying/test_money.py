"""Random campaigns never spend more than their budget, and every figure can be recomputed."""

import csv
import datetime as dt
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.steps.buying.budget import SplitBudget, split_budget
from flows.steps.buying.fees import complete_money
from flows.steps.results.brief import make_brief
from outreach.campaign import Campaign, parse_campaign
from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportContext
from outreach.exporters.check.preflight import export_targets, fund_targets
from outreach.spreadsheet import write_csv
from outreach.tables import DataFrame, Targets, check
from tests.flows.steps.buying.recheck import recheck_row

FORMATS = {
    "meta": ("social",),
    "google": ("display", "demand_gen", "video"),
    "tiktok": ("short_video",),
    "dv360": ("display", "video"),
}
FIRST, LAST = dt.date(2020, 6, 1), dt.date(2020, 6, 28)
DAYS = 28


def draw_campaign(rng: np.random.Generator) -> Campaign:
    """Draw a campaign: its money, channels with and without figures of their own, and floors."""
    budget = float(np.round(10 ** rng.uniform(1, 6), 2))
    names = rng.choice(list(FORMATS), rng.integers(0, 4), replace=False)
    channels: list[dict[str, Any]] = []
    for name in names:
        channel: dict[str, Any] = {"name": str(name)}
        if rng.random() < 0.5:
            channel["ad_format"] = str(rng.choice(FORMATS[str(name)]))
        if rng.random() < 0.5:
            channel["cpm_usd"] = float(np.round(rng.uniform(0.5, 40), 2))
        if rng.random() < 0.3:
            channel["impressions_per_household"] = float(rng.integers(1, 40))
        if rng.random() < 0.3:
            channel["reach_percent"] = float(rng.integers(5, 100))
        channels.append(channel)
    return parse_campaign(
        {
            "name": "Random",
            "census_year": 2020,
            "areas": [{"state": "17"}],
            "goal_percent": 75,
            "deadline": dt.date(2020, 10, 15),
            "flight": {"start": FIRST, "end": LAST},
            "budget_usd": budget,
            "fee_percent": float(np.round(rng.uniform(0, 40), 1)),
            "impressions_per_household": float(rng.integers(1, 30)),
            "effective_exposures": float(np.round(rng.uniform(1, 7), 1)),
            "spend_all": bool(rng.random() < 0.5),
            "channels": channels,
            "units": {"kind": "zips", "minimum_spend_usd": float(rng.choice([0, 0, budget / 50]))},
        },
        "random",
    )


def draw_targets(rng: np.random.Generator) -> tuple[DataFrame[Targets], pd.DataFrame]:
    """Draw ZIPs in both arms, and what is known of each."""
    count = int(rng.integers(3, 60))
    places = [f"{60000 + 7 * number:05d}" for number in range(count)]
    households = rng.integers(0, 20_000, count).astype(float)
    missing = rng.uniform(0, 0.7, count)
    arms = np.where(rng.random(count) < 0.2, "holdout", "treat")
    arms[0] = "treat"
    table = pd.DataFrame(
        {
            "kind": "zip",
            "place": places,
            "label": "ZIP",
            "data_date": pd.Timestamp("2020-05-28"),
            "arm": arms,
            "latitude": np.nan,
            "longitude": np.nan,
            "radius_km": np.nan,
            "households_count": households,
            "missing_households_count": households * missing,
            "budget_usd": 0.0,
            "impressions_count": 0.0,
            "rank": range(1, count + 1),
            "why": "low rate.",
        },
        index=pd.Index([f"zip-{place}" for place in places], name="unit_id", dtype=str),
    )
    traits = pd.DataFrame(
        {
            "missing_share": missing,
            "addressable_share": rng.uniform(0, 1, count),
            "persuadable_share": rng.uniform(0, 1, count),
            "group": None,
        },
        index=table.index,
    )
    return check(table, Targets, "random"), traits


def spend(seed: int) -> tuple[Campaign, SplitBudget, DataFrame[Targets]]:
    rng = np.random.default_rng(seed)
    campaign = draw_campaign(rng)
    split = split_budget(*draw_targets(rng), campaign)
    return campaign, split, complete_money(split.targets, campaign)


def cents(money: Any) -> int:
    return round(100 * float(np.sum(money)))


@pytest.mark.parametrize("seed", range(20))
def test_what_leaves_the_account_never_exceeds_the_budget(seed: int) -> None:
    campaign, split, targets = spend(seed)
    fee = campaign.fee_percent / 100
    budget = cents(campaign.budget_usd)

    # Media and what is billed on it, in all and by channel; nobody pays for held-out places.
    assert cents(targets["media_usd"]) * (1 + fee) <= budget + 1e-3
    assert cents(targets["media_usd"]) + cents(targets["fee_usd"]) <= budget
    for channel, cells in split.by_channel.groupby("channel"):
        assert cents(cells["media_usd"]) * (1 + fee) <= cents(cells["budget_usd"]) + 1e-3
        if campaign.channels:
            assert cents(cells["media_usd"]) == cents(targets[f"media_{channel}_usd"])
    held = targets["arm"] == "holdout"
    assert targets.loc[held, ["budget_usd", "media_usd", "fee_usd"]].to_numpy().sum() == 0

    # What every ad file of the campaign carries, with its fees.
    platforms = [channel.name for channel in campaign.channels] or ["meta"]
    carried = 0
    for platform in platforms:
        funded = fund_targets(platform, targets)
        assert (funded.loc[funded["arm"] == "treat", "budget_usd"] >= 0.01).all()
        carried += cents(funded["budget_usd"])
    assert carried == cents(targets["media_usd"])


@pytest.mark.parametrize("seed", range(20))
def test_every_cell_can_be_recomputed_from_the_files_alone(seed: int) -> None:
    _, split, _ = spend(seed)
    facts = split.describe()["assumptions"]
    assert isinstance(facts, list)
    assumed = {(each["channel"], each["assumption"]): each["mid"] for each in facts}
    text = write_csv(split.by_channel)
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline="")))
    assert len(rows) == len(split.by_channel)
    assert [fault for row in rows for fault in recheck_row(row, assumed)] == []
    rows[0]["reached_share"] = "0.123"
    assert recheck_row(rows[0], assumed)


@pytest.mark.parametrize("seed", range(12))
def test_daily_budgets_of_google_with_fees_stay_within_its_channel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    campaign = draw_campaign(rng).model_copy(
        update={"channels": draw_campaign(rng).channels, "platforms": ("google",)}
    )
    targets = complete_money(split_budget(*draw_targets(rng), campaign).targets, campaign)
    context = ExportContext(brief=make_brief(campaign), run_id="run-1")
    own = "budget_google_usd" if campaign.channels else "budget_usd"
    try:
        files = export_targets("google", targets, context).files
    except ExportError as error:
        sentence = str(error)
        assert "no money" in sentence or "no target" in sentence or "a day" in sentence
        return
    rows = [
        row
        for file in files
        if file.name.startswith("google-editor")
        for row in csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline=""))
    ]
    daily = sum(float(row["Budget"]) for row in rows if row["Budget"])
    fee = campaign.fee_percent / 100
    assert 0 < daily * DAYS * (1 + fee) <= targets[own].sum() + 1e-6
    unfunded = targets.loc[targets[own.replace("budget", "media")] < 0.01, "place"]
    assert not any(row["Location"][:5] in set(unfunded) for row in rows if row["Location"])
