"""Hold what the pages of an atlas show."""

import datetime as dt
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from maps.atlas.places import State
from maps.atlas.subject import RATES, Subject
from maps.atlas.weights import Weight


def _make_empty(*columns: str) -> pd.DataFrame:
    """Return a table of text columns without rows."""
    return pd.DataFrame(columns=pd.Index(columns), dtype=str)


@dataclass(frozen=True, slots=True)
class Finder:
    """Which places and ZIPs lead to which county.

    Parameters
    ----------
    places
        Columns ``name`` and ``county`` (five digits), each pair once.
    zips
        Columns ``zip`` and ``county`` (five digits each), each pair once.
    """

    places: pd.DataFrame = field(default_factory=lambda: _make_empty("name", "county"))
    zips: pd.DataFrame = field(default_factory=lambda: _make_empty("zip", "county"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """What all pages of an atlas share.

    Parameters
    ----------
    data_date
        The last data date of any county, or the day of its newest plan.
    census_year
        The census whose rates these are, or for which these plans are.
    counties
        Index five digits: ``name``, ``state`` (code), ``data_date``, ``tracts_count``, ``weight``
        (a :class:`~maps.atlas.weights.Weight`), the figures of ``subject.counties``,
        ``rank``, and ``state_rank`` (1 is the highest rate).
    states
        By code.
    averages, state_weights
        Mean rate of the tracts by state code, and what they are weighted by.
    average, weight
        Mean rate of all tracts, and what they are weighted by.
    tracts
        The columns of ``subject.layers`` of all tracts, from which the classes come.
    unmapped
        Names of the states whose tracts have no boundaries.
    finder
        What leads to a county besides its name; either table may be empty.
    subject
        What the pages show: published rates, or what plans expect.
    """

    data_date: dt.date
    census_year: int
    counties: pd.DataFrame
    states: dict[str, State]
    averages: dict[str, float]
    state_weights: dict[str, Weight]
    average: float
    weight: Weight
    tracts: pd.DataFrame
    unmapped: tuple[str, ...] = ()
    finder: Finder = field(default_factory=Finder)
    subject: Subject = RATES


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """One county's page.

    Parameters
    ----------
    code
        Five digits.
    tracts
        Index ``geoid``: ``name``, ``status`` (``rated``, ``lapsed``, ``rateless``, ``water``),
        ``last_date``, and the figures of the atlas's ``subject.tracts``.
    shapes
        Their polygons by ``geoid``, EPSG:4326; ``None`` if there are none.
    own, whole
        Mean rate of the county and of its state over the season, index data dates in order.
    undrawn
        Names of the tracts that are not on the map because their boundary is missing.
    """

    code: str
    tracts: pd.DataFrame
    shapes: gpd.GeoSeries | None
    own: "pd.Series[float]"
    whole: "pd.Series[float]"
    undrawn: tuple[str, ...] = ()
