"""Make a town to report on: 36 tracts, three districts, hostile names, a season."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from outreach.reports.data.inputs import EarlierReport, ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.tables import (
    Crosswalk,
    DataFrame,
    ResponseRates,
    Scores,
    Targets,
    Tracts,
    as_geo_table,
    as_table,
)
from tests.browser import OfflineBrowser

HOSTILE_NAMES = (
    "<script>window.hacked = true</script>",
    "\"><img src=x onerror='window.hacked = true'>",
    "\u202eright to left\u2069\u202c عربى",
    "Long " * 40,
)


def make_view(when: dt.date = dt.date(2020, 6, 12), *, forecast: bool = True) -> ReportView:
    """Make the town's view; its rates grow with the date."""
    geoids = pd.Index([f"99001{number:04d}00" for number in range(1, 37)], name="geoid")
    rate = np.round(
        np.linspace(0.31, 0.83, 36) * (1 - np.exp(-((when - dt.date(2020, 3, 20)).days) / 25)), 3
    )
    rate[[20, 35]] = np.nan
    status = np.full(36, "rated", dtype=object)
    status[[20, 35]] = ["rateless", "water"]
    names = [str(number) for number in range(1, 37)]
    names[: len(HOSTILE_NAMES)] = HOSTILE_NAMES
    households = np.arange(100.0, 1900.0, 50.0)
    households[35], households[5] = 0.0, 7.0
    boxes = [
        shapely.box(-90 + x / 100, 40 + y / 100, -89.99 + x / 100, 40.01 + y / 100)
        for y in range(6)
        for x in range(6)
    ]
    tracts = gpd.GeoDataFrame(
        {
            "name": names,
            "status": status,
            "land_km2": 1.2,
            "data_date": pd.Timestamp(when),
            "cumulative_share": rate,
            "internet_share": rate * 0.8,
            "households_count": households,
            "housing_units_count": households * 1.1,
            "offline_households_count": households * 0.2,
            "limited_english_households_spanish_count": households * 0.06,
            "low_response_score": np.linspace(40, 10, 36),
        },
        index=geoids,
        geometry=boxes,
        crs="EPSG:4326",
    )
    rated = tracts[tracts["status"] == "rated"]
    scores = pd.DataFrame(
        {"data_date": pd.Timestamp(when), "rank": np.arange(1, len(rated) + 1)}, index=rated.index
    )
    if forecast:
        final = rated["cumulative_share"] + 0.05
        scores = scores.assign(
            final_share=final, final_low80_share=final - 0.02, final_high80_share=final + 0.04
        )
    districts = gpd.GeoDataFrame(
        {"name": [HOSTILE_NAMES[0], "Ward 2", HOSTILE_NAMES[2]]},
        index=pd.Index(["1", "../2", "<3>"], name="district_id"),
        geometry=[
            shapely.box(-90, 40, -89.975, 40.06),
            shapely.box(-89.975, 40, -89.94, 40.03),
            shapely.box(-89.975, 40.03, -89.94, 40.06),
        ],
        crs="EPSG:4326",
    )
    return ReportView(
        title='Town <script>window.hacked = true</script> & "friends"',
        kind="Ward",
        data_date=when,
        deadline=dt.date(2020, 7, 31),
        goal_share=0.75,
        source="An invented town",
        tracts=as_geo_table(tracts, Tracts),
        scores=as_table(scores, Scores),
        districts=districts,
        crosswalk=_divide(geoids),
        history=_grow(tracts, when),
        targets=_choose(tracts, rated.index[:6]),
    )


def _divide(geoids: pd.Index) -> DataFrame[Crosswalk]:
    """Give the left half to ward 1, and the right half to wards 2 and 3.

    The third column of tracts is shared, 70% to 30%.
    """
    pairs = []
    for place, geoid in enumerate(geoids):
        right = "../2" if place < 18 else "<3>"
        column = place % 6
        shares = (
            {"1": 1.0} if column < 2 else {"1": 0.7, right: 0.3} if column == 2 else {right: 1.0}
        )
        pairs += [(geoid, target, weight) for target, weight in shares.items()]
    table = pd.DataFrame(pairs, columns=["source", "target", "weight"])
    table = table.assign(
        unit="households", method="user", source_kind="tract2020", target_kind="Ward"
    )
    return as_table(table, Crosswalk)


def _grow(tracts: gpd.GeoDataFrame, last: dt.date) -> DataFrame[ResponseRates]:
    days = pd.bdate_range(pd.Timestamp(last) - pd.Timedelta(days=60), last)
    parts = [
        pd.DataFrame(
            {
                "data_date": day,
                "cumulative_share": (
                    tracts["cumulative_share"] * (0.5 + 0.5 * step / (len(days) - 1))
                ).round(4),
            },
            index=tracts.index,
        )
        for step, day in enumerate(days)
    ]
    return as_table(pd.concat(parts).dropna(), ResponseRates)


def _choose(tracts: gpd.GeoDataFrame, chosen: pd.Index) -> DataFrame[Targets]:
    arms = np.resize(["treat", "treat", "holdout"], len(chosen))
    targets = pd.DataFrame(
        {
            "kind": "tract",
            "place": chosen,
            "arm": arms,
            "budget_usd": np.where(arms == "treat", 100.0, 0.0),
            "households_count": tracts.loc[chosen, "households_count"].to_numpy(),
        },
        index=pd.Index([f"tract-{geoid}" for geoid in chosen], name="unit_id"),
    )
    return as_table(targets, Targets)


@pytest.fixture(scope="session")
def view() -> ReportView:
    """The town with a forecast and an earlier report."""
    now, then = make_view(), make_view(dt.date(2020, 6, 5))
    return dataclasses.replace(
        now, earlier=EarlierReport(then.data_date, measure_districts(then).table)
    )


@pytest.fixture(scope="session")
def bare() -> ReportView:
    """The town without forecast, history, targets and earlier report."""
    return dataclasses.replace(make_view(forecast=False), history=None, targets=None)


@pytest.fixture(scope="session")
def figures(view: ReportView) -> Figures:
    return measure_districts(view)


class Reader(OfflineBrowser):
    """Opens report pages from a folder of the test."""

    def __init__(self, browser: Any, folder: Path) -> None:
        super().__init__(browser)
        self._folder = folder

    def open(self, html: str, *, width: int = 1280) -> Any:
        """Open a page from a file."""
        file = self._folder / "page.html"
        file.write_text(html, encoding="utf-8")
        return self.open_address(file.as_uri(), width=width, height=900)


@pytest.fixture
def reader(chromium: Any, tmp_path: Path) -> Iterator[Reader]:
    """A reader whose page must not have complained by the end of the test."""
    person = Reader(chromium, tmp_path)
    yield person
    assert person.complaints == []
