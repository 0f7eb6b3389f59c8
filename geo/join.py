"""Joins polygons, rates and predictors into one table of tracts, and accounts for every tract of every side."""

from collections.abc import Iterable
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.join_report import JoinReport
from geo.profiles import AlignedProfiles, ProfileSource, align_profiles
from outreach.arrays import Flags
from outreach.errors import DataError, NothingThere
from outreach.rates import average_rate
from outreach.tables import Tracts, check

_RATES = ["data_date", "cumulative_share", "internet_share", "daily_share", "daily_internet_share"]
#: Columns of Tracts that are there, if empty, even when no source gives them.
_ALWAYS = ("households_count", "housing_units_count")
#: Tract codes from 990000 on are water (census reference 4.2).
_WATER_CODE = "99"


def join_tracts(
    boundaries: gpd.GeoDataFrame,
    rates: pd.DataFrame,
    profiles: Iterable[ProfileSource],
    forward: pd.DataFrame | None = None,
    backward: pd.DataFrame | None = None,
    census_tract_year: int = 2020,
) -> tuple[gpd.GeoDataFrame, JoinReport]:
    """Join everything known of the tracts at one data date.

    Parameters
    ----------
    boundaries
        :class:`outreach.tables.Boundaries` of the area that was asked for, on tracts of
        ``census_tract_year``.
    rates
        :class:`outreach.tables.ResponseRates` of one data date, indexed by ``geoid``.
    profiles
        Sources of predictors, the most trusted first; a later one fills what is missing.
    forward, backward
        Crosswalks from the profiles' tracts to the rates' and back
        (:func:`geo.crosswalk.sources.read_relationship`); needed only if they differ.
    census_tract_year
        Census year of the tracts of ``rates`` and ``boundaries``.

    Returns
    -------
    GeoDataFrame, JoinReport
        :class:`outreach.tables.Tracts` with every tract that has a polygon or a rate, in order of
        ``geoid``; a rated tract without a polygon stays, its geometry missing. The report names
        every tract that is not whole.

    Raises
    ------
    DataError
        The rates hold several dates or a tract twice.
    NothingThere
        There is no rate, or no tract has both a rate and a polygon.
    GeographyError
        A source is on other tracts and no crosswalk fits.
    """
    _check_rates(rates)
    geoids = pd.Index(boundaries.index.union(rates.index), name="geoid")
    profiled = align_profiles(profiles, geoids, forward, backward, census_tract_year)
    land = boundaries["land_km2"].reindex(geoids)
    status = _tell_status(geoids, geoids.isin(rates.index), land)
    table = pd.concat(
        [
            boundaries["name"].reindex(geoids).fillna(_name_tracts(geoids)).rename("name"),
            status,
            land,
            rates.reindex(columns=_RATES).reindex(geoids),
            profiled.table,
            pd.DataFrame(
                np.nan,
                index=geoids,
                columns=[name for name in _ALWAYS if name not in profiled.table],
            ),
        ],
        axis=1,
    )
    tracts = gpd.GeoDataFrame(
        table, geometry=boundaries.geometry.reindex(geoids), crs=boundaries.crs
    )
    report = _account(tracts, geoids.isin(boundaries.index), profiled, census_tract_year)
    if not report.matched:
        raise NothingThere(
            f"Not one of {len(rates):,} rated tracts has a polygon among {len(boundaries):,}.",
            "Rates and boundaries are of different areas or vintages; check the campaign's areas and boundary year.",
        )
    return check(tracts, Tracts, "The joined tracts"), report


class WeightedRate(NamedTuple):
    """A self-response rate over several tracts.

    ``share`` is 0-1; ``tracts_count`` the rated tracts it is made of; ``weight_total`` the sum of
    their weights; ``without_weight`` the rated tracts that could not be counted, their weight being
    unknown.
    """

    share: float
    tracts_count: int
    weight_total: float
    without_weight: tuple[str, ...]


def measure_rate(tracts: pd.DataFrame, weight: str = "households_count") -> WeightedRate:
    """Return the mean cumulative rate of the rated tracts, weighted.

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts`.
    weight
        The column to weigh with: ``households_count``, or ``housing_units_count``, which is nearer
        to the Bureau's denominator (addresses).

    Raises
    ------
    NothingThere
        No rated tract has a weight above 0.
    """
    rated = tracts[tracts["status"] == "rated"]
    known = rated[rated[weight].notna()]
    total = float(known[weight].sum())
    if not total > 0:
        raise NothingThere(f"No rated tract has {weight} above 0, so there is no weighted rate.")
    share = average_rate(known["cumulative_share"], known[weight])
    return WeightedRate(share, len(known), total, tuple(rated.index.difference(known.index)))


def _check_rates(rates: pd.DataFrame) -> None:
    """Refuse rates that are none, of several dates, or double."""
    if rates.empty:
        raise NothingThere(
            "There is not one tract with a rate.", "Check the campaign's areas and the data date."
        )
    if (rates["data_date"] != rates["data_date"].iloc[0]).any():
        raise DataError(
            "The rates to join are of several data dates.", "Choose one date of the archive."
        )
    if not rates.index.is_unique:
        raise DataError(
            f"The rates hold the tract {rates.index[rates.index.duplicated()][0]} twice."
        )


def _tell_status(geoids: pd.Index, rated: Flags, land: "pd.Series[float]") -> "pd.Series[str]":
    """Return ``rated`` where there is a rate, else ``water`` by code or for want of land, else ``rateless``."""
    water = geoids.str[5:7].isin([_WATER_CODE]) | (land == 0).to_numpy()
    status = pd.Series("rateless", index=geoids, name="status")
    return status.mask(water, "water").mask(rated, "rated")


def _name_tracts(geoids: pd.Index) -> "pd.Series[str]":
    """Name tracts by their code as the Bureau does: 836902 is 8369.02, 300500 is 3005."""
    number = geoids.str[5:9].str.lstrip("0").where(geoids.str[5:9] != "0000", "0")
    part = geoids.str[9:11]
    return pd.Series(number + ("." + part).where(part != "00", ""), index=geoids)


def _account(
    tracts: gpd.GeoDataFrame, drawn: Flags, profiled: AlignedProfiles, tract_year: int
) -> JoinReport:
    """Put every tract into one group by rate and polygon, and into one by its predictors."""
    geoids, status = tracts.index, tracts["status"]
    rated = (status == "rated").to_numpy()
    partial = (profiled.coverage > 0) & (profiled.coverage < 1)
    none = ~profiled.table[profiled.coverage.columns].notna().any(axis=1).to_numpy()
    part = partial.any(axis=1).to_numpy() & ~none
    changed = geoids.isin(profiled.changed) & ~none & ~part
    missing = profiled.table.loc[rated, list(profiled.coverage.columns)].isna().sum()
    cells = profiled.coverage.where(partial).loc[part]
    return JoinReport(
        tract_year=tract_year,
        data_date=tracts["data_date"].dropna().iloc[0].date(),
        matched=tuple(geoids[rated & drawn]),
        without_polygon=tuple(geoids[rated & ~drawn]),
        water=tuple(geoids[status == "water"]),
        rateless=tuple(geoids[status == "rateless"]),
        by_code=tuple(geoids[~none & ~part & ~changed]),
        carried_over=tuple(geoids[changed]),
        partly_covered={
            str(geoid): {str(name): float(share) for name, share in row.dropna().items()}
            for geoid, row in cells.iterrows()
        },
        without_predictor=tuple(geoids[none]),
        missing_in_rated={str(name): int(count) for name, count in missing.items() if count},
        sources=profiled.uses,
    )
