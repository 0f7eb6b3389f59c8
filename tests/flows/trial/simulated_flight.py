"""Simulate what platforms report of a flight that went as planned."""

import pandas as pd

from flows.steps.delivering.plan import find_flight, gather_plan
from outreach.settings import Settings
from outreach.store import Store
from tests.delivery.platforms import Row
from tests.flows.trial.tested_town import START

DAYS = 28


def name_campaign(settings: Settings) -> str:
    flight = find_flight(Store(settings.runs_folder), "latest")
    return f"Town | treat | {flight.tag} | en"


def fly(settings: Settings, days: int = DAYS) -> list[Row]:
    """Spend what the list planned for each ZIP evenly, to the cent."""
    store = Store(settings.runs_folder)
    plan = gather_plan(store, find_flight(store, "latest"))
    money = plan.cells.groupby("unit_id")["media_usd"].sum()
    rows = []
    for unit_id, usd in money[money > 0].items():
        cents = [round(usd * 100 * day / DAYS) for day in range(DAYS + 1)]
        rows += [
            Row(
                pd.Timestamp(START) + pd.Timedelta(days=day),
                name_campaign(settings),
                str(unit_id).removeprefix("zip-"),
                240,
                1,
                (cents[day + 1] - cents[day]) / 100,
                200,
            )
            for day in range(days)
        ]
    return rows
