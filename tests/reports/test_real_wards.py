"""Hold the reports of Chicago's fifty wards to the known rates of the real season."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.crosswalk.chain import chain_crosswalks
from geo.crosswalk.relationship import relate_tracts
from geo.crosswalk.table import make_crosswalk
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import measure_districts
from outreach.reports.pages.report_set import write_reports
from outreach.tables import Crosswalk, ResponseRates, Scores, as_table

pytestmark = pytest.mark.real


def read_ward_crosswalk(data: Path) -> pd.DataFrame:
    """Chain 2020 tracts to 2010 tracts (relationship file) to wards (households)."""
    wards = pd.read_parquet(
        data / "crosswalks" / "chicago_tract2010_to_ward_households.parquet"
    ).dropna(subset=["TRACT", "ward"])
    pairs = pd.DataFrame(
        {
            "source": wards["TRACT"].astype("str"),
            "target": wards["ward"].astype(int).astype("str"),
            "weight": wards["allocation"],
        }
    )
    records = pd.read_parquet(data / "relationship" / "rr_tract_rel.parquet")
    _, backward = relate_tracts(
        records[(records["STATEFP10"] == "17") & (records["STATEFP20"] == "17")]
    )
    return chain_crosswalks(
        backward, make_crosswalk(pairs, "households", "user", ("tract2010", "ward"), "wards")
    )


def read_view(data: Path, when: dt.date) -> ReportView:
    polygons = gpd.read_parquet(data / "tracts" / "cook_2020.parquet")
    polygons.index = pd.Index(polygons["GEO_ID"].str[-11:], name="geoid")
    rates = pd.read_parquet(
        data / "responserate" / "state_17.parquet", filters=[("county", "==", "031")]
    )
    history = pd.DataFrame(
        {
            "data_date": pd.to_datetime(rates["RESP_DATE"]),
            "cumulative_share": (rates["CRRALL"].astype(float) / 100).round(3),
        }
    ).set_index(pd.Index(rates["GEO_ID"].str[-11:], name="geoid"))
    now = history[history["data_date"] == pd.Timestamp(when)]["cumulative_share"].reindex(
        polygons.index
    )
    predictors = pd.read_parquet(data / "predictors" / "cook_planning_database.parquet").set_index(
        "GEOIDtxt"
    )
    links = pd.read_parquet(
        data / "relationship" / "rr_tract_rel.parquet",
        columns=["GEOID10", "GEOID20", "HUCURPCT_T10"],
    )
    counted = (
        predictors["TotHH"].reindex(links["GEOID10"]).to_numpy()
        * links["HUCURPCT_T10"].fillna(0)
        / 100
    )
    tracts = gpd.GeoDataFrame(
        {
            "name": polygons["NAME"].astype("str"),
            "status": np.where(now.notna(), "rated", "rateless"),
            "data_date": pd.Timestamp(when),
            "cumulative_share": now,
            "households_count": counted.groupby(links["GEOID20"])
            .sum()
            .reindex(polygons.index)
            .fillna(0),
        },
        index=polygons.index,
        geometry=polygons.geometry,
        crs="EPSG:4326",
    )
    wards = gpd.read_parquet(data / "boundaries" / "chicago_wards.parquet").set_index("ward")
    wards["name"] = "Ward " + wards.index
    return ReportView(
        title="Chicago 2020",
        kind="Ward",
        data_date=when,
        deadline=dt.date(2020, 10, 31),
        goal_share=0.75,
        census_year=2020,
        tracts=tracts,
        scores=as_table(pd.DataFrame(index=tracts.index[now.notna()]), Scores),
        districts=wards[["name", "geometry"]],
        crosswalk=as_table(read_ward_crosswalk(data), Crosswalk),
        history=as_table(history, ResponseRates),
    )


@pytest.mark.parametrize(
    ("when", "most", "city"),
    [(dt.date(2020, 10, 16), 0.0179, 0.618), (dt.date(2020, 5, 1), 0.0173, 0.493)],
)
def test_fifty_wards_with_the_error_of_splitting_tracts(
    real_data: Path, when: dt.date, most: float, city: float
) -> None:
    view = read_view(real_data, when)
    pages = dict(write_reports(view))
    assert len(pages) == 51
    figures = measure_districts(view)
    moved = (figures.table["alone_share"] - figures.table["cumulative_share"]).abs()
    assert moved.max() == pytest.approx(most, abs=2e-4)
    assert moved.mean() < 0.006
    assert figures.whole["cumulative_share"] == pytest.approx(city, abs=2e-3)
    stated = f"up to {100 * moved.max():.1f} points"
    assert all(stated in page for page in pages.values())
    assert len({name for name in pages if name.startswith("ward-")}) == 50
