"""Hold everything a map shows: the tables of a run and the words around them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from maps.layer import Layer
from maps.run.sites import MapSites
from outreach.catalog import Words, read_all
from outreach.rates import Event
from outreach.tables import (
    DataFrame,
    GeoDataFrame,
    ResponseRates,
    Scores,
    Targets,
    TractActivity,
    Tracts,
)


@dataclass(frozen=True, slots=True)
class Basemap:
    """Map tiles on the web: their address with ``{z}``, ``{x}``, ``{y}``, and their credit."""

    address: str
    credit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MapView:
    """What one map shows.

    Parameters
    ----------
    title
        The campaign's name.
    data_date
        The Bureau's cut-off date of the rates.
    census_year
        The census whose rates these are.
    goal_share
        The planner's goal, 0-1; never a forecast.
    tracts
        Every tract, including those without a rate, EPSG:4326.
    scores
        Layers may show further columns.
    targets
        Tracts are colored by arm and budget; ZIPs, pins, and polygons are drawn as their own
        shapes. ``None`` if the plan is not public: then there is no next step either.
    history
        Rates of the season for the trend and the slider. Dates after ``data_date`` are left out.
    band
        The own-start band of the trend: index ``geoid``; columns ``data_date``,
        ``start_low80_share``, ``start_high80_share``. About one date per week is kept.
    districts
        Outlines to draw and search, EPSG:4326: columns ``name`` and ``kind`` (such as ``Ward``),
        geometry.
    parts
        How much of each tract lies in which district: ``kind``, ``name``, ``geoid``,
        ``weight`` (0-1), and ``unit``, what the weight counts. Without them, area divides the
        tracts.
    pages
        By kind and name of a district: the address of its page, for a link.
    home
        The address of the site that the map belongs to; empty for none.
    is_part
        Whether this is the map of one county, and ``home`` the overview of all.
    comparable
        The tracts most similar to each, for the popup: index ``geoid``; ``comparable``, a geoid,
        and ``order`` from 1.
    activity
        What partners did by tract and day; ``None`` without a log, or if it is not public. Days
        after ``data_date`` are left out.
    events
        Events to mark in every trend, on their first day.
    deadline
        The campaign's last day, the end of the trend's axis.
    context
        Roads, water, names, and streets around these tracts, as
        :func:`maps.context.describe.describe_context` writes them, or
        :func:`maps.context.describe.describe_counties` for a view that is divided by county;
        ``None`` for none.
    topology
        What :func:`maps.topology.encode_topology` gave for the tracts; by default it is computed.
    basemap
        Pictures behind the map for readers with a network; ``None`` for none.
    languages
        What a reader can choose; the page opens in the first.
    sites
        Places where people get help, to mark and search; ``None`` for none.
    layers
        Layers besides those that ship, by the name of their texts in the catalogs. Their columns
        are lines of the popups, too.
    """

    title: str
    data_date: dt.date
    census_year: int
    goal_share: float
    tracts: GeoDataFrame[Tracts]
    scores: DataFrame[Scores]
    targets: DataFrame[Targets] | None
    history: DataFrame[ResponseRates] | None = None
    band: pd.DataFrame | None = None
    districts: gpd.GeoDataFrame | None = None
    parts: pd.DataFrame | None = None
    pages: dict[str, dict[str, str]] | None = None
    home: str = ""
    is_part: bool = False
    comparable: pd.DataFrame | None = None
    activity: DataFrame[TractActivity] | None = None
    events: tuple[Event, ...] = ()
    deadline: dt.date | None = None
    context: dict[str, Any] | None = None
    topology: dict[str, Any] | None = None
    basemap: Basemap | None = None
    languages: tuple[Words, ...] = field(default_factory=read_all)
    sites: MapSites | None = None
    layers: Mapping[str, Layer] = field(default_factory=dict)
