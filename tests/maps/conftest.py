"""Make views to map: a small invented town and the real Cook County."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from maps.run.inputs import MapView
from outreach.rates import Event
from tests.browser import OfflineBrowser

HOSTILE_NAMES = (
    "<script>window.hacked = true</script>",
    "\"><img src=x onerror='window.hacked = true'>",
    '=HYPERLINK("http://example.org","x")',
    "\u202eright to left\u202c عربى",
    "Long " * 40,
    "</script><!-- ${7*7} {{ 7*7 }}",
)


def score_tracts(tracts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Invent scores as models would make them, from the tracts that have a rate."""
    rated = tracts[tracts["cumulative_share"].notna()]
    missing = (rated["households_count"] * (1 - rated["cumulative_share"])).fillna(0)
    priority = missing.rank(pct=True) * 0.6 + (1 - rated["cumulative_share"]) * 0.4
    rank = priority.rank(ascending=False, method="first").astype(int)
    return pd.DataFrame(
        {
            "data_date": rated["data_date"],
            "missing_households_count": missing,
            "priority": priority,
            "rank": rank,
            "rank_low": (rank - 20).clip(lower=1),
            "rank_high": (rank + 20).clip(upper=len(rank)),
            "reasons": [
                f"About {count:,.0f} of {homes:,.0f} households have not responded; the rate is"
                f" {rate:.1%}."
                for count, homes, rate in zip(
                    missing, rated["households_count"], rated["cumulative_share"], strict=True
                )
            ],
            "digital_reach_score": (
                rated["internet_households_count"] / rated["internet_universe_count"]
            ).clip(0, 1),
            "peer_share": (0.45 * rated["cumulative_share"] + 0.36).clip(0, 1),
            "final_share": (rated["cumulative_share"] + 0.01).clip(0, 1),
            "final_low80_share": (rated["cumulative_share"]).clip(0, 1),
            "final_high80_share": (rated["cumulative_share"] + 0.03).clip(0, 1),
        }
    )


def choose_targets(tracts: gpd.GeoDataFrame, scores: pd.DataFrame, count: int) -> pd.DataFrame:
    """Choose the first tracts by rank: two for ads, one for comparison, and so on."""
    first = scores.sort_values("rank").head(count)
    places = shapely.get_coordinates(
        shapely.point_on_surface(tracts.loc[first.index].geometry.to_numpy())
    )
    arm = np.resize(["treat", "treat", "holdout"], len(first))
    return pd.DataFrame(
        {
            "kind": "tract",
            "place": first.index,
            "label": tracts.loc[first.index, "name"],
            "data_date": first["data_date"],
            "arm": arm,
            "latitude": places[:, 1],
            "longitude": places[:, 0],
            "radius_km": np.nan,
            "households_count": tracts.loc[first.index, "households_count"],
            "missing_households_count": first["missing_households_count"],
            "budget_usd": np.where(arm == "treat", first["missing_households_count"] * 0.48, 0.0),
            "impressions_count": np.where(
                arm == "treat", first["missing_households_count"] * 24, 0.0
            ),
            "rank": first["rank"],
            "why": "first by rank",
        },
    ).set_index(pd.Index([f"tract-{geoid}" for geoid in first.index], name="unit_id"))


def choose_units(town: MapView) -> pd.DataFrame:
    """Choose two ZIPs at the lower corners of the town, the second held out, and a pin."""
    corners = [shapely.box(-90, 40, -89.98, 40.02), shapely.box(-89.96, 40, -89.94, 40.02), None]
    first = town.targets.head(3)
    return first.assign(
        kind=["zip", "zip", "pin"],
        place=["60601", "60602", "pin 1"],
        arm=["treat", "holdout", "treat"],
        latitude=[np.nan, np.nan, 40.045],
        longitude=[np.nan, np.nan, -89.97],
        radius_km=[np.nan, np.nan, 1.6],
        households_count=[900.0, 800.0, 700.0],
        budget_usd=[400.0, 0.0, 250.0],
        rank=[1, 2, 3],
        wkt=[corner and corner.wkt for corner in corners],
    ).set_index(pd.Index(["zip-60601", "zip-60602", "pin-1"], name="unit_id"))


def _grow_season(tracts: gpd.GeoDataFrame, last: pd.Timestamp) -> pd.DataFrame:
    days = pd.bdate_range(last - pd.Timedelta(days=70), last)
    parts = [
        pd.DataFrame(
            {
                "data_date": day,
                "cumulative_share": (
                    tracts["cumulative_share"] * (1 - np.exp(-(step + 5) / 20))
                ).round(3),
            },
            index=tracts.index,
        )
        for step, day in enumerate(days)
    ]
    return pd.concat(parts).dropna()


def _log_activity() -> pd.DataFrame:
    """Log all four kinds, calls in two tracts and once after the data date."""
    rows = [
        ("99001000100", "2020-06-02", "calls", 40.0),
        ("99001000100", "2020-06-09", "calls", 2.5),
        ("99001000200", "2020-06-09", "calls", 8.0),
        ("99001000200", "2020-06-13", "calls", 900.0),
        ("99001000300", "2020-06-03", "doors", 12.0),
        ("99001000400", "2020-06-04", "events", 60.0),
        ("99001000500", "2020-06-05", "texts", 300.0),
    ]
    log = pd.DataFrame(rows, columns=["geoid", "day", "kind", "contacts_count"])
    log["day"] = pd.to_datetime(log["day"])
    return log.assign(organization="Library").set_index("geoid")


@pytest.fixture(scope="session")
def town() -> MapView:
    """Make a town of 6 by 6 tracts with water, a missing rate, hostile names, and two wards."""
    names = [f"Tract {number}" for number in range(1, 37)]
    names[: len(HOSTILE_NAMES)] = HOSTILE_NAMES
    rate = np.round(np.linspace(0.31, 0.83, 36), 3)
    rate[[20, 35]] = np.nan
    status = np.full(36, "rated", dtype=object)
    status[[20, 35]] = ["rateless", "water"]
    when = pd.Timestamp("2020-06-12")
    tracts = gpd.GeoDataFrame(
        {
            "name": names,
            "status": status,
            "land_km2": 1.2,
            "data_date": when,
            "cumulative_share": rate,
            "internet_share": rate * 0.8,
            "households_count": np.where(np.isnan(rate), 0, np.arange(100, 1900, 50)),
            "housing_units_count": np.arange(110, 1910, 50),
            "internet_households_count": np.arange(70, 1870, 50) * 0.8,
            "internet_universe_count": np.arange(100, 1900, 50),
            "limited_english_households_spanish_count": np.arange(36) * 8.0,
            "final_2010_share": rate + 0.02,
            "final_2020_share": rate + 0.01,
        },
        index=pd.Index([f"99001{number:04d}00" for number in range(1, 37)], name="geoid"),
        geometry=[
            shapely.box(-90 + x / 100, 40 + y / 100, -90 + (x + 1) / 100, 40 + (y + 1) / 100)
            for y in range(6)
            for x in range(6)
        ],
        crs="EPSG:4326",
    )
    scores = score_tracts(tracts)
    wards = gpd.GeoDataFrame(
        {"name": ["Ward <b>1</b>", "Ward 2"], "kind": "Ward"},
        geometry=[shapely.box(-90, 40, -89.97, 40.06), shapely.box(-89.97, 40, -89.94, 40.06)],
        crs="EPSG:4326",
    )
    return MapView(
        title='Town <script>window.hacked = true</script> & "friends"',
        data_date=when.date(),
        census_year=2020,
        goal_share=0.75,
        tracts=tracts,
        scores=scores,
        targets=choose_targets(tracts, scores, 9),
        history=_grow_season(tracts, when),
        activity=_log_activity(),
        districts=wards,
        events=(Event("Postcard <i>mailed</i>", dt.date(2020, 5, 4), dt.date(2020, 5, 4)),),
        deadline=dt.date(2020, 7, 31),
    )


def build_cook(data: Path, when: dt.date) -> MapView:
    """Make a view of Cook County from real rates, boundaries, and predictors."""
    polygons = gpd.read_parquet(data / "tracts" / "cook_2020.parquet")
    polygons.index = pd.Index(polygons["GEO_ID"].str[-11:], name="geoid")
    rates = pd.read_parquet(
        data / "responserate" / "state_17.parquet", filters=[("county", "==", "031")]
    )
    history = pd.DataFrame(
        {
            "data_date": pd.to_datetime(rates["RESP_DATE"]),
            "cumulative_share": (rates["CRRALL"].astype(float) / 100).round(3),
            "internet_share": (rates["CRRINT"].astype(float) / 100).round(3),
        }
    ).set_index(pd.Index(rates["GEO_ID"].str[-11:], name="geoid"))
    today = history[history["data_date"] == pd.Timestamp(when)].reindex(polygons.index)
    counts = _carry_over(data, polygons.index)
    tracts = gpd.GeoDataFrame(
        {
            "name": "Tract " + polygons["NAME"].astype(str),
            "status": np.where(
                today["cumulative_share"].notna(),
                "rated",
                np.where(polygons["TRACT"].str.startswith("99"), "water", "rateless"),
            ),
            "land_km2": polygons.to_crs(3435).area / 1e6,
            **{column: today[column] for column in today},
            **counts,
        },
        index=polygons.index,
        geometry=polygons.geometry,
        crs="EPSG:4326",
    )
    scores = score_tracts(tracts)
    wards = gpd.read_parquet(data / "boundaries" / "chicago_wards.parquet")
    areas = gpd.read_parquet(data / "boundaries" / "chicago_community_areas.parquet")
    districts = pd.concat(
        [
            wards.assign(name="Ward " + wards["ward"], kind="Ward")[["name", "kind", "geometry"]],
            areas.assign(name=areas["community"].str.title(), kind="Community area")[
                ["name", "kind", "geometry"]
            ],
        ],
        ignore_index=True,
    )
    return MapView(
        title="Chicago and Cook County 2020",
        data_date=when,
        census_year=2020,
        goal_share=0.75,
        tracts=tracts,
        scores=scores,
        targets=choose_targets(tracts, scores, 120),
        history=history,
        districts=districts,
        events=(
            Event("Reminder letter", dt.date(2020, 3, 26), dt.date(2020, 3, 26)),
            Event("Paper form", dt.date(2020, 4, 8), dt.date(2020, 4, 8)),
            Event("Visits begin", dt.date(2020, 8, 11), dt.date(2020, 8, 11)),
        ),
        deadline=dt.date(2020, 10, 31),
    )


def _carry_over(data: Path, geoids: "pd.Index[str]") -> dict[str, "pd.Series[float]"]:
    """Carry 2010-tract counts to 2020 tracts by housing units."""
    names = {
        "households_count": "TotHH",
        "housing_units_count": "HousingUnits_TOTAL",
        "internet_households_count": "Internet",
        "internet_universe_count": "TotHH",
        "limited_english_households_spanish_count": "LEPspanHHs",
        "limited_english_households_indo_european_count": "LEPindoeurHHs",
        "limited_english_households_asian_pacific_count": "LEPapacHHs",
        "limited_english_households_other_count": "LEPotherHHs",
    }
    predictors = pd.read_parquet(data / "predictors" / "cook_planning_database.parquet").set_index(
        "GEOIDtxt"
    )
    links = pd.read_parquet(
        data / "relationship" / "rr_tract_rel.parquet",
        columns=["GEOID10", "GEOID20", "HUCURPCT_T10"],
    )
    links = links[links["GEOID10"].isin(predictors.index)]
    share = links["HUCURPCT_T10"].fillna(0) / 100
    return {
        ours: (predictors[theirs].reindex(links["GEOID10"]).to_numpy() * share)
        .groupby(links["GEOID20"])
        .sum()
        .reindex(geoids)
        .fillna(0)
        .round(1)
        for ours, theirs in names.items()
    }


@pytest.fixture(scope="session")
def cook(real_data: Path) -> MapView:
    """Cook County at the end of the season, from the real data."""
    return build_cook(real_data, dt.date(2020, 10, 16))


class Reader(OfflineBrowser):
    """Opens map pages from a folder of the test."""

    def __init__(self, browser: Any, folder: Path) -> None:
        super().__init__(browser)
        self._folder = folder

    def open(
        self, html: str, *, width: int = 1280, height: int = 800, fragment: str = "", **options: Any
    ) -> Any:
        """Open a page from a file, and return it once it is drawn."""
        file = self._folder / "map.html"
        file.write_text(html, encoding="utf-8")
        address = f"file://{file}{fragment}"
        page = self.open_address(address, width=width, height=height, **options)
        page.wait_for_function("document.querySelector('#tally b') !== null")
        return page


@pytest.fixture
def reader(chromium: Any, tmp_path: Path) -> Iterator[Reader]:
    """A reader whose page must not have complained by the end of the test."""
    person = Reader(chromium, tmp_path)
    yield person
    assert person.complaints == []
