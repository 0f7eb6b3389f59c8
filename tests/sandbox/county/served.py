"""Read what the invented county serves."""

import datetime as dt
import io

import geopandas as gpd
import numpy as np
import pandas as pd

from outreach.sandbox.county.dates import FIRST_DAY
from outreach.sandbox.county.world import InventedCounty

CARTOGRAPHIC = "/geo/tiger/GENZ2020/shp/cb_2020_99_tract_500k.zip"
DETAILED = "/geo/tiger/TIGER2020/TRACT/tl_2020_99_tract.zip"
FORMER = "/geo/tiger/GENZ2018/shp/cb_2018_99_tract_500k.zip"
BLOCKS = "/geo/tiger/TIGER2020/TABBLOCK20/tl_2020_99_tabblock20.zip"
ZIPS = "/geo/tiger/GENZ2020/shp/cb_2020_us_zcta520_500k.zip"
WARDS = "/districts/wards.geojson"
RELATIONSHIP = "/geo/maps/DC2020/SR20/rr_tract_rel.zip"


def read_file(county: InventedCounty, path: str) -> gpd.GeoDataFrame:
    """Return the polygons in a file."""
    content = county.file(path)
    assert content is not None
    return gpd.read_file(io.BytesIO(content))


def read_rows(county: InventedCounty, vintage: int, path: str) -> pd.DataFrame:
    """Return the tract rows of a dataset by GEOID."""
    dataset = county.dataset(vintage, path)
    assert dataset is not None
    table = dataset.rows["tract"]
    return table.set_index(table["state"] + table["county"] + table["tract"])


def find_share(table: pd.DataFrame, part: str, whole: str) -> "pd.Series[float]":
    """Return one column as a share of another."""
    return pd.to_numeric(table[part]) / pd.to_numeric(table[whole]).replace(0, np.nan)


def count_days(day: dt.date) -> int:
    """Return the days since the first day of the season."""
    return (day - FIRST_DAY).days
