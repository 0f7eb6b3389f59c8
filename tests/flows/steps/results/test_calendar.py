"""The calendar has every week, all media, and the events of the census in their weeks."""

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from flows.steps.results.calendar import plan_calendar
from outreach.campaign import Campaign, parse_campaign
from outreach.exporters.base.views import list_view_cells
from outreach.rates import Event
from outreach.tables import Targets, as_table

EVENTS = [
    Event("Mailing", dt.date(2020, 6, 10), dt.date(2020, 6, 10)),
    Event("Field operation", dt.date(2020, 6, 12), dt.date(2020, 6, 22)),
    Event("Another census", dt.date(2030, 6, 12), dt.date(2030, 6, 22)),
]


def make_campaign(**more: Any) -> Campaign:
    values = {
        "name": "Test",
        "census_year": 2020,
        "areas": [{"state": "01"}],
        "goal_percent": 70,
        "deadline": dt.date(2020, 7, 1),
        "budget_usd": 1000,
        "creative_languages": ["en"],
    }
    return parse_campaign(values | more, "test")


def make_targets() -> Any:
    table = pd.DataFrame(
        {
            "arm": ["treat", "treat", "holdout"],
            "data_date": pd.Timestamp("2020-05-28"),
            "budget_usd": [115.0, 57.5, 0.0],
            "media_usd": [100.0, 50.0, 0.0],
            "media_google_usd": [60.0, 50.0, 0.0],
        }
    )
    return as_table(table, Targets)


def test_weeks_hold_all_media_and_each_event() -> None:
    flight = {"start": dt.date(2020, 6, 3), "end": dt.date(2020, 6, 17)}
    view = plan_calendar(make_targets(), make_campaign(flight=flight), EVENTS)
    table = view.table
    assert table["first_day"].tolist() == [f"2020-06-{day:02d}" for day in (1, 8, 15, 22, 29)]
    assert table["flight_days"].tolist() == [5, 7, 3, 0, 0]
    assert table["media_usd"].tolist() == [50.0, 70.0, 30.0, 0.0, 0.0]
    assert table["media_google_usd"].sum() == pytest.approx(110)
    assert table["total_media_usd"].tolist() == [50.0, 120.0, 150.0, 150.0, 150.0]
    assert table["events"].tolist() == [
        "",
        "Mailing (June 10, 2020); Field operation (June 12, 2020)",
        "Field operation",
        "Field operation",
        "deadline of the goal (July 1, 2020)",
    ]
    header, rows = list_view_cells(view)
    assert header[0] == "week"
    assert len(rows) == 5


def test_without_a_flight_ads_run_from_the_data_to_the_deadline() -> None:
    table = plan_calendar(make_targets(), make_campaign(), EVENTS).table
    assert table["flight_days"].sum() == 35
    assert table["media_usd"].sum() == pytest.approx(150, abs=0.05)
