"""Planned against delivered: every part adds up, leaks are named, and the end has a range."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

from outreach.delivery.pacing import forecast_end, share_days
from outreach.delivery.places import match_places, name_place
from outreach.delivery.plan import FlightPlan
from outreach.delivery.reconcile import DIMENSIONS, Reconciliation, reconcile
from outreach.delivery.warnings import list_warnings
from outreach.tables import DataFrame, Delivery, Targets, as_table, check

FIRST, LAST = dt.date(2020, 6, 3), dt.date(2020, 6, 30)
CODES = [f"606{number:02d}" for number in range(10)]
ARMS = ["treat"] * 6 + ["holdout"] * 3 + ["buffer"]


def make_targets(kind: str = "zip") -> DataFrame[Targets]:
    table = pd.DataFrame(
        {
            "kind": kind,
            "place": CODES,
            "label": [f"ZIP {code}" for code in CODES],
            "data_date": pd.Timestamp("2020-05-28"),
            "arm": ARMS,
            "latitude": 41.7 + np.arange(10) / 100 if kind == "pin" else np.nan,
            "longitude": -87.6 if kind == "pin" else np.nan,
            "radius_km": 1.0 if kind == "pin" else np.nan,
            "households_count": 1000.0,
            "missing_households_count": 400.0,
            "budget_usd": [100.03] * 6 + [0.0] * 4,
            "impressions_count": [7000.0] * 6 + [0.0] * 4,
            "rank": range(1, 11),
            "why": "",
        },
        index=pd.Index([f"{kind}-{code}" for code in CODES], name="unit_id"),
    )
    return as_table(table, Targets)


def make_plan(channels: tuple[str, ...] = ("google", "meta"), kind: str = "zip") -> FlightPlan:
    targets = make_targets(kind)
    cells = pd.DataFrame(
        [
            {
                "unit_id": unit_id,
                "arm": row["arm"],
                "channel": channel,
                "language": language,
                "media_usd": round(row["budget_usd"] * share / len(channels), 2),
                "impressions_count": row["impressions_count"] * share / len(channels),
                "reached_count": 600.0 * share / len(channels),
            }
            for unit_id, row in targets.iterrows()
            for channel in channels
            for language, share in (("en", 0.75), ("es", 0.25))
        ]
    )
    bought = frozenset(targets.index[:6])
    return FlightPlan(targets, cells, bought, FIRST, LAST)


def make_delivery(rows: list[dict[str, object]]) -> DataFrame[Delivery]:
    usual = {
        "platform": "google",
        "channel": "google",
        "campaign": "Town | treat | 96fd442c511320813ff | en",
        "version": "96fd442c511320813ff",
        "arm": "treat",
        "language": "en",
        "place": CODES[0],
        "impressions_count": 100,
        "reach_count": math.nan,
        "frequency": math.nan,
        "clicks_count": 1,
        "spend_usd": 1.0,
        "currency": "USD",
    }
    return check(pd.DataFrame([{**usual, **row} for row in rows]), Delivery, "test")


def fly(plan: FlightPlan, days: int, factor: float = 1.0) -> list[dict[str, object]]:
    """Spend each cell evenly, to the cent, over the first days of the flight."""
    rows: list[dict[str, object]] = []
    length = (plan.last - plan.first).days + 1
    for cell in plan.cells[plan.cells["media_usd"] > 0].to_dict("records"):
        cents = [
            round(cell["media_usd"] * factor * 100 * day / length) for day in range(length + 1)
        ]
        rows += [
            {
                "day": pd.Timestamp(plan.first) + pd.Timedelta(days=day),
                "channel": cell["channel"],
                "campaign": f"{cell['channel']} {cell['language']}",
                "language": cell["language"],
                "place": str(cell["unit_id"]).removeprefix("zip-"),
                "spend_usd": (cents[day + 1] - cents[day]) / 100,
                "impressions_count": 70,
                "reach_count": 50.0,
            }
            for day in range(days)
        ]
    return rows


def pick(made: Reconciliation, dimension: str) -> pd.DataFrame:
    return made.lines[made.lines["dimension"] == dimension].set_index("key")


def test_a_whole_flight_reconciles_to_the_cent_in_every_part() -> None:
    plan = make_plan()
    made = reconcile(plan, make_delivery(fly(plan, 28)))
    assert made.is_over
    for dimension in DIMENSIONS:
        lines = pick(made, dimension)
        assert round(lines["planned_usd"].sum(), 2) == 600.12, dimension
        assert round(lines["delivered_usd"].sum(), 2) == 600.12, dimension
        assert lines["due_usd"].sum() == pytest.approx(600.12), dimension
        if dimension != "week":
            difference = lines["delivered_usd"] - lines["planned_usd"]
            assert (difference.abs() < 0.005).all(), dimension
    assert made.leaks.empty
    assert made.unserved.empty
    assert list_warnings(plan, made).empty
    assert made.pacing["pace"].round(6).tolist() == [1, 1, 1]
    assert made.pacing["end_usd"].round(2).tolist()[0] == 600.12


def test_every_dimension_holds_what_no_plan_has() -> None:
    plan = make_plan()
    extra = [
        {"day": pd.Timestamp(FIRST), "place": "60699", "spend_usd": 3.10},
        {"day": pd.Timestamp(FIRST), "place": "", "spend_usd": 2.20},
        {"day": pd.Timestamp(FIRST), "place": "Illinois", "spend_usd": 1.05},
        {"day": pd.Timestamp(FIRST), "place": CODES[6], "spend_usd": 0.99},
        {"day": pd.Timestamp("2020-07-02"), "place": CODES[0], "language": "pl"},
        {"day": pd.Timestamp(FIRST), "channel": "tiktok", "place": CODES[9], "spend_usd": 0.5},
    ]
    made = reconcile(plan, make_delivery([*fly(plan, 9), *extra]))
    total = pick(made, "total")["delivered_usd"].sum()
    for dimension in DIMENSIONS:
        delivered = pick(made, dimension)["delivered_usd"].sum()
        assert delivered == pytest.approx(total, abs=1e-9), dimension
        assert pick(made, dimension)["planned_usd"].sum() == pytest.approx(600.12), dimension
    units = pick(made, "unit")
    assert units.loc["not bought", "delivered_usd"] == pytest.approx(3.10)
    assert units.loc["not reported", "delivered_usd"] == pytest.approx(2.20)
    assert units.loc["not comparable", "delivered_usd"] == pytest.approx(1.05)
    arms = pick(made, "arm")
    assert arms.loc["holdout", "delivered_usd"] == pytest.approx(0.99)
    assert arms.loc["buffer", "delivered_usd"] == pytest.approx(0.5)

    # Held-out ground first, whatever it cost.
    assert made.leaks["ground"].tolist() == ["holdout", "buffer", "not bought"]
    assert made.leaks["place"].tolist() == [CODES[6], CODES[9], "60699"]
    kinds = list_warnings(plan, made)["kind"].tolist()
    assert kinds[:3] == ["holdout", "buffer", "unbought"]
    assert kinds[-1] == "outside"


@pytest.mark.parametrize(
    ("factor", "warned"), [(1.0, False), (0.81, False), (0.7, True), (1.3, True)]
)
def test_pacing_is_warned_about_when_it_is_off_by_a_fifth(factor: float, warned: bool) -> None:  # noqa: FBT001  a case of the table
    plan = make_plan()
    made = reconcile(plan, make_delivery(fly(plan, 10, factor)))
    warnings = list_warnings(plan, made)
    assert (warnings["kind"] == "pace").any() == warned
    assert made.pacing["pace"].iloc[0] == pytest.approx(factor, abs=0.02)
    if warned:
        assert set(warnings["channel"]) == {"google", "meta"}
    # On the second day it is too early, and after the flight too late.
    early = reconcile(plan, make_delivery(fly(plan, 2, factor)))
    assert not (list_warnings(plan, early)["kind"] == "pace").any()
    over = reconcile(plan, make_delivery(fly(plan, 28, factor)))
    assert not (list_warnings(plan, over)["kind"] == "pace").any()


def test_days_without_a_report_of_a_channel_are_counted() -> None:
    plan = make_plan()
    rows = [
        row
        for row in fly(plan, 10)
        if row["channel"] == "meta" or row["day"] != pd.Timestamp("2020-06-05")
    ]
    warnings = list_warnings(plan, reconcile(plan, make_delivery(rows)))
    (gap,) = warnings[warnings["kind"] == "gap"].to_dict("records")
    assert (gap["channel"], gap["days_count"]) == ("google", 1)
    assert gap["first_day"] == pd.Timestamp("2020-06-05")


def test_a_bought_place_without_ads_is_named_if_places_are_reported() -> None:
    plan = make_plan()
    rows = [row for row in fly(plan, 10) if row["place"] != CODES[2]]
    made = reconcile(plan, make_delivery(rows))
    assert made.unserved.index.tolist() == [f"zip-{CODES[2]}"]
    assert made.unserved["planned_usd"].tolist() == [pytest.approx(100.02)]
    blind = pd.DataFrame([{**row, "place": ""} for row in rows]).to_dict("records")
    nowhere = pd.DataFrame(blind).groupby(
        ["day", "channel", "campaign", "language"], as_index=False
    )
    summed = nowhere["spend_usd"].sum().assign(place="").to_dict("records")
    made = reconcile(plan, make_delivery([{str(k): v for k, v in row.items()} for row in summed]))
    assert made.unserved.empty
    assert pick(made, "unit").loc["not reported", "delivered_usd"] > 0


def test_the_plan_of_no_channel_belongs_to_the_one_that_delivers() -> None:
    plan = make_plan(channels=("",))
    one = [{**row, "channel": "meta"} for row in fly(plan, 10)]
    made = reconcile(plan, make_delivery(one))
    assert pick(made, "channel").loc["meta", "planned_usd"] == pytest.approx(600.18, abs=0.1)
    two = [*one, {"day": pd.Timestamp(FIRST), "channel": "tiktok"}]
    made = reconcile(plan, make_delivery(two))
    assert pick(made, "channel").loc["meta", "planned_usd"] == 0
    assert made.pacing.set_index("channel").loc["meta", "pace"] != made.pacing["pace"].iloc[0]
    assert math.isnan(made.pacing.set_index("channel").loc["meta", "planned_usd"])


def test_reach_is_bounded_and_never_added_as_if_people_were_others() -> None:
    plan = make_plan()
    rows = [
        {"day": pd.Timestamp(FIRST), "reach_count": 60.0, "impressions_count": 120},
        {"day": pd.Timestamp("2020-06-04"), "reach_count": 50.0, "impressions_count": 80},
    ]
    line = pick(reconcile(plan, make_delivery(rows)), "total").iloc[0]
    assert (line["reach_low_count"], line["reach_high_count"]) == (60, 110)
    assert line["frequency_low"] == pytest.approx(200 / 110)
    assert line["frequency_high"] == pytest.approx(200 / 60)
    without = [*rows, {"day": pd.Timestamp("2020-06-05")}]
    line = pick(reconcile(plan, make_delivery(without)), "total").iloc[0]
    assert math.isnan(line["reach_low_count"])


def test_the_range_of_the_end_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    last, through = dt.date(2020, 6, 28), dt.date(2020, 6, 10)
    held = 0
    for _ in range(600):
        days = rng.normal(100, 15, 28).clip(0)
        seen = pd.Series(days[:10], index=pd.date_range("2020-06-01", periods=10))
        end = forecast_end(seen, last, through)
        held += end.low_usd <= days.sum() <= end.high_usd
    assert 0.75 <= held / 600 <= 0.85


def test_the_end_is_known_when_it_is_over_and_has_no_range_after_two_days() -> None:
    days = pd.Series([10.0, 20.0], index=pd.date_range("2020-06-01", periods=2))
    over = forecast_end(days, dt.date(2020, 6, 2), dt.date(2020, 6, 2))
    assert (over.low_usd, over.middle_usd, over.high_usd) == (30, 30, 30)
    ahead = forecast_end(days, dt.date(2020, 6, 4), dt.date(2020, 6, 2))
    assert ahead.middle_usd == 60
    assert math.isnan(ahead.low_usd)
    assert share_days(FIRST, LAST, dt.date(2020, 6, 16)) == 0.5
    assert share_days(FIRST, LAST, dt.date(2020, 5, 1)) == 0


@pytest.mark.parametrize(
    ("text", "column", "place"),
    [
        ("60608", "", "60608"),
        ("60608-1234", "", "60608"),
        ("US:60608", "", "60608"),
        ("60608, Illinois, United States", "", "60608"),
        ("98052|Washington|United States", "", "98052"),
        ("2138", "Zip Code", "02138"),
        ("2138", "City", "2138"),
        ("17031010100", "", "17031010100"),
        ("1400000US17031010100", "", "17031010100"),
        ("(1km:41.740077:-39.955451)", "", "41.7401,-39.9555"),
        ("41.740077, -39.955451", "", "41.7401,-39.9555"),
        (" --", "", ""),
        ("Unknown", "", ""),
        ("Illinois,  United States", "", "Illinois, United States"),
    ],
)
def test_a_place_has_one_name(text: str, column: str, place: str) -> None:
    assert name_place(text.strip(), column) == place


def test_places_meet_units_by_id_code_label_and_point() -> None:
    targets = make_targets("pin")
    places = pd.Series(["pin-60600", "60601", "zip 60602", "41.7300,-87.6000", "Illinois", ""])
    units = ["pin-60600", "pin-60601", "pin-60602", "pin-60603", "", ""]
    assert match_places(places, targets).tolist() == units


def test_a_zip_cannot_be_compared_with_circles() -> None:
    plan = make_plan(kind="pin")
    made = reconcile(plan, make_delivery([{"day": pd.Timestamp(FIRST), "place": "60699"}]))
    assert made.rows["ground"].tolist() == ["not comparable"]
    assert made.leaks.empty
