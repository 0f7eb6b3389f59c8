import csv
import datetime as dt
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.steps.results.brief import make_brief
from models.trial.plan import read_plan, rebuild_design
from outreach.errors import CampaignError, ModelError
from outreach.exporters.base.exporter import ExportContext
from outreach.exporters.check.preflight import export_targets
from outreach.store import Store
from tests.flows.steps.buying.planner import (
    DATE,
    Plan,
    Planner,
    count_cents,
    keep_plan,
)


def test_tracts_alone_are_bought_in_full_flights_if_all_is_spent(plan: Planner) -> None:
    made = plan()
    assert made.trial is None
    assert made.targets["arm"].eq("treat").all()
    assert 19_000 < made.targets["budget_usd"].sum() <= 20_000
    flights = made.targets["budget_usd"] - made.chosen["budget_usd"]
    assert flights.abs().max() < 0.02  # impressions were rounded to whole ones
    np.testing.assert_allclose(made.targets["ads_per_reached_household"], 24, rtol=1e-3)
    together = made.targets["media_usd"] + made.targets["fee_usd"]
    assert count_cents(together.sum()) == count_cents(made.targets["budget_usd"].sum())
    assert made.targets["media_usd"].sum() * 1.15 <= made.targets["budget_usd"].sum() + 1e-6
    assert made.targets["frequency_cap"].eq(24).all()


def test_zips_with_a_holdout_spend_the_budget_on_the_treated_alone(zips: Plan) -> None:
    targets = zips.targets
    arms = targets["arm"].value_counts()
    assert targets["kind"].eq("zip").all()
    assert targets["place"].str.fullmatch("[0-9]{5}").all()
    assert arms["holdout"] == pytest.approx(0.25 * len(targets), abs=1)
    assert set(arms.index) == {"treat", "holdout"}
    assert targets.loc[targets["arm"] == "holdout", "budget_usd"].eq(0).all()
    assert count_cents(targets["budget_usd"].sum()) == 2_000_000
    assert (targets["budget_usd"] * 100 % 1).round(6).isin([0, 1]).all()
    assert targets.loc[targets["arm"] == "holdout", "why"].str.endswith("Held out: no ads.").all()
    assert (
        targets.loc[targets["arm"] == "treat", "why"]
        .str.contains("Marginal value|Capped|first dollar")
        .all()
    )


def test_the_certificate_of_the_split_closes_and_is_written_down(zips: Plan) -> None:
    assert zips.budget is not None
    proof = zips.budget.allocation.certificate
    assert proof.gap_responses_count < 1e-6 * proof.bound_responses_count
    assert proof.marginal_error < 1e-9
    told = json.loads(json.dumps(zips.budget.describe()))
    assert told["planned_usd"] == 20_000
    assert told["unspent_usd"] == 0
    assert told["certificate"]["shadow_price_responses_per_usd"] > 0
    assert {"all", "meta"} == {line["channel"] for line in told["assumptions"]}


def test_the_plan_says_what_effect_it_could_see_and_whether_the_ads_win_as_much(zips: Plan) -> None:
    assert zips.power is not None
    assert zips.trial is not None
    assert set(zips.power["weeks"]) == {2, 4, 6, 8}
    assert 0.25 in set(zips.power["holdout_share"])
    own = zips.power[(zips.power["weeks"] == 4) & (zips.power["holdout_share"] == 0.25)].set_index(
        "window"
    )
    assert zips.trial.mde_share == own.loc[0, "flight_mde_share"]
    assert own.loc[0, "flight_mde_share"] == own.loc[0, "mde_share"] * own.loc[0, "spread_ratio"]
    arms = zips.targets["arm"].value_counts()
    said = next(note for note in zips.notes if "minimum detectable effect" in note)
    assert said.startswith(
        f"With {arms['treat']} + {arms['holdout']} ZIPs and 4 weeks, the minimum detectable effect"
    )
    assert f"is {100 * zips.trial.mde_share:.2f} points" in said
    low, high = (100 * own.loc[0, f"flight_mde_{end}_share"] for end in ("low", "high"))
    assert f"no past tells it exactly: {low:.2f} points to {high:.2f} points in 4 of 5" in said
    assert "too little for this test to detect" in said  # ads add tenths of a point


def test_a_flight_that_meets_a_field_operation_is_warned_of(zips: Plan) -> None:
    assert any("Update/Leave" in note for note in zips.notes)


def test_a_season_that_is_too_short_is_said_to_be(plan: Planner) -> None:
    short = plan.season[plan.season["data_date"] > DATE - pd.Timedelta(days=10)]
    asked = {"units": {"kind": "tracts"}, "holdout": {"percent": 20}}
    late = plan(history=short, **asked)
    assert late.power is None
    assert late.trial is not None
    assert late.trial.mde_share is None
    assert any("not known. The history covers 9 days" in note for note in late.notes)
    none = plan(history=None, **asked)
    assert any("These units have no rates history" in note for note in none.notes)
    middling = plan(
        history=plan.season[plan.season["data_date"] > DATE - pd.Timedelta(days=40)], **asked
    )
    assert middling.power is not None
    assert any(
        "covers 39 days, too few to compute the minimum detectable effect for flights of these"
        " weeks: 6, 8." in note
        for note in middling.notes
    )


def test_polygons_are_planned_and_paid_for(plan: Planner) -> None:
    made = plan(units={"kind": "polygons", "zips": plan.files["zip"]})
    assert made.targets["kind"].eq("polygon").all()
    assert count_cents(made.targets["budget_usd"].sum()) <= 2_000_000
    assert made.comparison is not None


def test_a_language_gets_its_floor_to_the_cent(plan: Planner) -> None:
    often = [{"name": "meta", "cpm_usd": 14.75, "impressions_per_household": 100}]
    free = plan(floors=[{"language": "es", "usd": 1}], channels=often)
    spanish = free.floor_groups.index if free.floor_groups is not None else []
    assert len(spanish) == 16
    before = free.targets.loc[free.targets["place"].isin(spanish), "budget_usd"].sum()
    asked = plan(floors=[{"language": "es", "percent": 50}], channels=often)
    got = asked.targets.loc[asked.targets["place"].isin(spanish), "budget_usd"].sum()
    assert before < 9_000
    assert count_cents(got) == 1_000_000
    assert count_cents(asked.targets["budget_usd"].sum()) <= 2_000_000
    assert asked.targets["why"].str.contains("Raised to the floor of es").any()


def test_a_district_gets_its_floor_also_where_zips_are_bought(plan: Planner) -> None:
    wards = [{"name": "Ward", "file": plan.files["ward"], "id_column": "ward"}]
    units = {"kind": "zips", "zips": plan.files["zip"], "coverage_percent": 100}
    made = plan(districts=wards, floors=[{"district": "4", "usd": 8000}], units=units)
    row, column = np.divmod(made.targets["place"].astype(int) - 60600, 10)
    own = made.targets[(row >= 3) & (column >= 3)]
    assert count_cents(own["budget_usd"].sum()) == 800_000
    assert own["why"].str.contains("Raised to the floor of 4").any()


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        (
            {"floors": [{"language": "ko", "usd": 10}]},
            CampaignError,
            r"'ko' has a floor, but nothing here is spoken.* What there is: es\.",
        ),
        (
            {"floors": [{"district": "12", "usd": 10}]},
            CampaignError,
            r"'12' has a floor, but nothing here is a district of Ward .*What there is: 1, 2, 3",
        ),
        (
            {"floors": [{"language": "es", "percent": 95}], "units": {"maximum_spend_usd": 30}},
            ModelError,
            r"'es' can take at most .* less than its floor of \$19,000\.00",
        ),
    ],
)
def test_a_floor_that_cannot_be_met_is_one_sentence(
    plan: Planner, changes: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    if "district" in changes["floors"][0]:
        wards = {"name": "Ward", "file": plan.files["ward"], "id_column": "ward"}
        changes = changes | {"districts": [wards]}
    with pytest.raises(error, match=sentence):
        plan(**changes)


def test_each_channel_has_its_own_price_budget_and_cap(plan: Planner) -> None:
    channels = [
        {"name": "meta", "cpm_usd": 14.75},
        {"name": "google", "cpm_usd": 3.0, "reach_percent": 80, "impressions_per_household": 10},
        {"name": "tiktok", "cpm_usd": 8.0, "click_percent": 0.5, "reach_percent": 90},
    ]
    made = plan(channels=channels)
    assert made.budget is not None
    cells = made.budget.by_channel
    assert len(cells) == 3 * len(made.targets)
    assert (
        count_cents(cells["budget_usd"].sum())
        == count_cents(made.targets["budget_usd"].sum())
        <= 2_000_000
    )
    sums = cells.groupby("channel")["budget_usd"].sum()
    assert made.targets["budget_google_usd"].sum() == pytest.approx(sums["google"])
    assert made.targets["budget_meta_usd"].sum() == pytest.approx(sums["meta"])
    assert made.targets["media_tiktok_usd"].sum() <= sums["tiktok"] / 1.15
    google = cells[cells["channel"] == "google"]
    assert google["seen_per_household"].max() <= 10 * (1 + 1e-3)  # whole cents
    paid = google[google["impressions_count"] > 1000]
    assert (1000 * paid["budget_usd"] / paid["impressions_count"]).mean() == pytest.approx(
        3.0 * 1.15, rel=1e-3
    )
    floored = plan(channels=channels, floors=[{"channel": "tiktok", "percent": 60}])
    assert floored.budget is not None
    radio = floored.budget.by_channel.groupby("channel")["budget_usd"].sum()["tiktok"]
    assert radio >= 12_000 - 1e-6
    assert sums["tiktok"] < 12_000


def test_the_plan_is_dated_and_hashed_and_every_export_joins_back_to_it(
    plan: Planner, zips: Plan, tmp_path: Path
) -> None:
    assert zips.trial is not None
    store = Store(tmp_path)
    name = keep_plan(store, plan, zips)
    written = store.find(name)[1] / "plan.json"
    assert hashlib.sha256(written.read_bytes().rstrip(b"\n")).hexdigest() == zips.trial.digest
    assert json.loads(written.read_text())["made_at"][:4] >= "2026"
    assert not rebuild_design(read_plan(written.read_text())).buffered
    assert set(store.read_table(name, "members")["unit_id"]) == set(zips.targets.index)
    assert {"power.csv", "by_channel.csv", "budget.json"} <= {
        path.name for path in written.parent.iterdir()
    }
    context = ExportContext(brief=make_brief(plan.ask()), run_id=name, version=zips.trial.digest)
    sheet = export_targets("google", zips.targets, context).files[0].content.decode("utf-8-sig")
    assert f"Town | treat | {zips.trial.digest[:19]} | en," in sheet
    assert "DRAFT" in sheet  # among the labels, for a name stays when the list is approved
    assert not any(
        code in sheet for code in zips.targets.loc[zips.targets["arm"] == "holdout", "place"]
    )


def test_a_platform_called_like_a_channel_gets_the_money_of_that_channel(
    plan: Planner, zips: Plan
) -> None:
    targets = zips.targets.assign(media_google_usd=zips.targets["media_usd"] / 4)
    context = ExportContext(brief=make_brief(plan.ask()), run_id="run-1")
    sheets = {
        platform: export_targets(platform, targets, context).files[0].content.decode("utf-8-sig")
        for platform in ("google", "csv")
    }
    daily = next(csv.DictReader(io.StringIO(sheets["google"])))["Budget"]
    assert float(daily) == pytest.approx(20_000 / 1.15 / 4 / 28, abs=0.01)
    money = sum(float(row["budget_usd"]) for row in csv.DictReader(io.StringIO(sheets["csv"])))
    assert count_cents(money) == 2_000_000


def test_money_that_wins_too_little_stays_unspent_and_is_said_to(plan: Planner) -> None:
    rich: dict[str, Any] = {"max_targets": 20, "spend_all": False}
    made = plan(**rich)
    assert made.budget is not None
    spent = made.targets["budget_usd"].sum()
    assert spent == pytest.approx(made.budget.saturation.knee_usd, abs=0.01)
    assert made.targets["ads_per_reached_household"].max() <= 9
    warning = next(note for note in made.notes if "lies beyond the knee" in note)
    assert warning.startswith(f"${20_000 - spent:,.0f} of the budget lies beyond the knee")
    assert "It stays unspent." in warning
    all_spent = plan(**rich | {"spend_all": True})
    assert all_spent.targets["budget_usd"].sum() > spent
    assert any("It is spent all the same" in note for note in all_spent.notes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"deadline": dt.date(2020, 5, 27), "flight": None}, "The deadline was May 27, 2020"),
        (
            {"flight": {"start": dt.date(2020, 5, 1), "end": dt.date(2020, 5, 27)}},
            "The flight ended on May 27, 2020",
        ),
    ],
)
def test_a_deadline_or_flight_that_has_passed_buys_nothing(
    plan: Planner, changes: dict[str, Any], sentence: str
) -> None:
    late = plan(**changes)
    assert late.targets.empty
    assert late.budget is None
    assert any(sentence in note and "nothing is bought" in note for note in late.notes)
    today = {"deadline": DATE.date(), "flight": None}
    assert not plan(**today).targets.empty
