"""Make a town to report on: 36 tracts, three districts, hostile names, a season."""

import datetime as dt
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.spend import PlannedSpend
from outreach.reports.text.result_parts import Span, WindowEstimate
from outreach.reports.text.test_result import Readout
from outreach.tables import (
    Crosswalk,
    DataFrame,
    DistrictShapes,
    ResponseRates,
    Scores,
    Targets,
    TractActivity,
    Tracts,
    as_geo_table,
    as_table,
)

SPEND = PlannedSpend(budget_usd=1000, planned_usd=400, targets_count=6, cpm_usd=20)
HOSTILE_NAMES = (
    "<script>window.hacked = true</script>",
    "\"><img src=x onerror='window.hacked = true'>",
    "\u202eright to left\u2069\u202c عربى",
    "Long " * 40,
)


def make_view(date: dt.date = dt.date(2020, 6, 12), *, forecast: bool = True) -> ReportView:
    """Make the town's view; its rates grow with the date."""
    geoids = pd.Index([f"99001{number:04d}00" for number in range(1, 37)], name="geoid")
    rate = np.round(
        np.linspace(0.31, 0.83, 36) * (1 - np.exp(-((date - dt.date(2020, 3, 20)).days) / 25)), 3
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
            "data_date": pd.Timestamp(date),
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
        {"data_date": pd.Timestamp(date), "rank": np.arange(1, len(rated) + 1)}, index=rated.index
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
        data_date=date,
        deadline=dt.date(2020, 7, 31),
        goal_share=0.75,
        census_year=2020,
        tracts=as_geo_table(tracts, Tracts),
        scores=as_table(scores, Scores),
        districts=as_geo_table(districts, DistrictShapes),
        crosswalk=_divide(geoids),
        history=_grow(tracts, date),
        targets=_select(tracts, rated.index[:6]),
        activity=_log_activity(geoids),
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


def _log_activity(geoids: pd.Index) -> DataFrame[TractActivity]:
    """Log doors in ward 1, and calls in a tract that wards 1 and 2 share; nothing in ward 3."""
    rows = [
        (geoids[0], "2020-06-02", "Library <b>", "doors", 40.0),
        (geoids[0], "2020-06-07", "Library <b>", "doors", 2.0),
        (geoids[6], "2020-06-08", "Union", "doors", 8.0),
        (geoids[2], "2020-06-09", "Union", "calls", 100.0),
    ]
    log = pd.DataFrame(rows, columns=["geoid", "day", "organization", "kind", "contacts_count"])
    log["day"] = pd.to_datetime(log["day"])
    return as_table(log.set_index("geoid"), TractActivity)


def _select(tracts: gpd.GeoDataFrame, selection: pd.Index) -> DataFrame[Targets]:
    arms = np.resize(["treat", "treat", "holdout"], len(selection))
    targets = pd.DataFrame(
        {
            "kind": "tract",
            "place": selection,
            "arm": arms,
            "budget_usd": np.where(arms == "treat", 100.0, 0.0),
            "households_count": tracts.loc[selection, "households_count"].to_numpy(),
        },
        index=pd.Index([f"tract-{geoid}" for geoid in selection], name="unit_id"),
    )
    return as_table(targets, Targets)


def make_readout(low: float) -> Readout:
    """Make the result of a test with an effect of 1.2 points."""
    return Readout(
        run_id="2020-run",
        design_run_id="2020-run",
        campaign="<script>",
        plan_digest="0" * 64,
        made_at=dt.datetime(2020, 6, 13, tzinfo=dt.UTC),
        flight_start=dt.date(2020, 5, 1),
        flight_end=dt.date(2020, 6, 11),
        provisional=False,
        outcome="change",
        plan_method="ANCOVA",
        method="ANCOVA",
        permutations_count=999,
        permutation_seed=1,
        confidence=0.95,
        flight=WindowEstimate(
            first=dt.date(2020, 4, 30),
            last=dt.date(2020, 6, 12),
            effect=Span(low=low, middle=0.012, high=0.021),
            p_value=0.02,
            standard_error_share=0.005,
        ),
        placebo=None,
        treated_households_count=10_000,
        responses=Span(low=10_000 * low, middle=120, high=210),
        spent_usd=1200,
        spend_reported=False,
        cost_usd=Span(low=5.71, middle=10, high=None),
        mde_share=None,
        units_count={"treat": 20, "holdout": 5, "buffer": 0},
        tracts_count=50,
        left_out_units=(),
        left_out_tracts=(),
        notes=(),
        versions={},
    )


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text without style sheets."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._hidden = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag == "style"

    def handle_endtag(self, _tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data
