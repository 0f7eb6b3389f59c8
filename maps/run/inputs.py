"""Everything that a map is made of: the tables of a run and the words around them."""

import datetime as dt
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from outreach.rates import Event


@dataclass(frozen=True, slots=True)
class Basemap:
    """Street tiles below the tracts, asked for only when the reader's browser has a network."""

    url: str
    attribution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapView:
    """What one map shows.

    Parameters
    ----------
    title
        The campaign's name.
    data_date
        The Bureau's cut-off date of the rates.
    source
        Who published the rates, in one sentence.
    goal_share
        The planner's goal, 0-1; never a forecast.
    tracts
        :class:`outreach.tables.Tracts`, EPSG:4326: every tract, also those without a rate.
    scores
        :class:`outreach.tables.Scores`; further columns may be shown by layers.
    targets
        :class:`outreach.tables.Targets`: tracts are coloured by arm and budget, ZIPs, pins and
        polygons are drawn as shapes of their own. ``None`` where the plan is nobody's business:
        then no next step is told either.
    history
        :class:`outreach.tables.ResponseRates` of the season for the trend and the slider; dates
        after ``data_date`` are left out.
    expectation
        What was expected, for the band of the trend: index ``geoid``; columns ``data_date``,
        ``start_low80_share``, ``start_high80_share``. About a date a week is kept.
    districts
        Outlines to draw and search, EPSG:4326: columns ``name`` and ``kind`` (such as ``Ward``),
        geometry.
    comparable
        The tracts most like each, for the popup: index ``geoid``; ``comparable``, a geoid, and
        ``order`` from 1.
    events
        Events to mark in every trend, on their first day.
    deadline
        The campaign's last day, the end of the trend's axis.
    basemap
        Street tiles, off unless given.
    """

    title: str
    data_date: dt.date
    source: str
    goal_share: float
    tracts: gpd.GeoDataFrame
    scores: pd.DataFrame
    targets: pd.DataFrame | None
    history: pd.DataFrame | None = None
    expectation: pd.DataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    comparable: pd.DataFrame | None = None
    events: tuple[Event, ...] = ()
    deadline: dt.date | None = None
    basemap: Basemap | None = None
