"""Join polygons, rates, and predictors into one table of tracts."""

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
from outreach.tables import (
    Boundaries,
    Crosswalk,
    DataFrame,
    GeoDataFrame,
    ResponseRates,
    Tracts,
    check_geo,
)
from outreach.units import TractStatus

_RATES = ["data_date", "cumulative_share", "internet_share", "daily_share", "daily_internet_share"]
#: Columns of Tracts that are always there, empty if no source has them.
_ALWAYS = ("households_count", "housing_units_count")
#: Tract codes from 990000 up are water.
_WATER_CODE = "99"


def join_tracts(
    boundaries: GeoDataFrame[Boundaries],
    rates: DataFrame[ResponseRates],
    profiles: Iterable[ProfileSource],
    forward: DataFrame[Crosswalk] | None = None,
    backward: DataFrame[Crosswalk] | None = None,
    census_tract_year: int = 2020,
) -> tuple[GeoDataFrame[Tracts], JoinReport]:
    """Join all data of the tracts for one data date.

    Parameters
    ----------
    boundaries
        Of the requested area, on tracts of ``census_tract_year``.
    rates
        Of one data date.
    profiles
        Sources of predictors, most trusted first; a later one fills gaps.
    forward, backward
        Crosswalks from the profiles' tracts to the rates' and back
        (:func:`geo.crosswalk.relationship.read_relationship`); needed only if they differ.
    census_tract_year
        Census year of the tracts of ``rates`` and ``boundaries``.

    Returns
    -------
    GeoDataFrame, JoinReport
        Every tract with a polygon or a rate, in order of ``geoid``. A rated tract without a polygon
        stays, with a missing geometry. The report names every tract that lacks something.

    Raises
    ------
    DataError
        The rates have several dates or a repeated tract.
    NothingThere
        There is no rate, or no tract has both a rate and a polygon.
    GeographyError
        A source is on other tracts and no crosswalk matches.
    """
    _check_rates(rates)
    geoids = pd.Index(boundaries.index.union(rates.index), name="geoid")
    aligned = align_profiles(profiles, geoids, forward, backward, census_tract_year)
    land = boundaries["land_km2"].reindex(geoids)
    status = _find_status(geoids, geoids.isin(rates.index), land)

    # Put the columns of all sides next to each other.
    empty = [name for name in _ALWAYS if name not in aligned.table]
    table = pd.concat(
        [
            boundaries["name"].reindex(geoids).fillna(_name_tracts(geoids)).rename("name"),
            status,
            land,
            rates.reindex(columns=_RATES).reindex(geoids),
            aligned.table,
            pd.DataFrame(np.nan, index=geoids, columns=empty),
        ],
        axis=1,
    )
    tracts = gpd.GeoDataFrame(
        table, geometry=boundaries.geometry.reindex(geoids), crs=boundaries.crs
    )

    # Account for every tract.
    report = _report_join(tracts, geoids.isin(boundaries.index), aligned, census_tract_year)
    if not report.matched:
        raise NothingThere(
            f"None of the rated tracts ({len(rates):,}) is among the tracts with a polygon"
            f" ({len(boundaries):,}).",
            "Rates and boundaries are from different areas or vintages; check the campaign's areas"
            " and boundary year.",
        )
    return check_geo(tracts, Tracts, "The joined tracts"), report


class WeightedRate(NamedTuple):
    """A self-response rate over several tracts.

    Parameters
    ----------
    share
        The mean rate, 0-1.
    tracts_count
        Rated tracts in it.
    weight_total
        The sum of their weights.
    without_weight
        Rated tracts left out because their weight is missing.
    """

    share: float
    tracts_count: int
    weight_total: float
    without_weight: tuple[str, ...]


def measure_rate(tracts: GeoDataFrame[Tracts], weight: str = "households_count") -> WeightedRate:
    """Return the weighted mean of the cumulative rates of tracts.

    Parameters
    ----------
    tracts
        Only rated tracts count.
    weight
        The column to weigh by: ``households_count``, or ``housing_units_count``, which is closer to
        the Bureau's denominator (addresses).

    Raises
    ------
    NothingThere
        No rated tract has a weight above 0.
    """
    rated = tracts[tracts["status"] == TractStatus.RATED]
    counted = rated[rated[weight].notna()]
    total = float(counted[weight].sum())
    if not total > 0:
        raise NothingThere(f"No rated tract has {weight} above 0, so there is no weighted rate.")
    share = average_rate(counted["cumulative_share"], counted[weight])
    return WeightedRate(share, len(counted), total, tuple(rated.index.difference(counted.index)))


def _check_rates(rates: DataFrame[ResponseRates]) -> None:
    """Refuse rates that are empty, of several dates, or repeated."""
    if rates.empty:
        raise NothingThere("No tract has a rate.", "Check the campaign's areas and the data date.")
    if (rates["data_date"] != rates["data_date"].iloc[0]).any():
        raise DataError(
            "The rates to join have several data dates.", "Choose one date of the archive."
        )
    if not rates.index.is_unique:
        raise DataError(
            f"The rates have the tract {rates.index[rates.index.duplicated()][0]} twice."
        )


def _find_status(geoids: pd.Index, rated: Flags, land: "pd.Series[float]") -> "pd.Series[str]":
    """Return ``rated`` with a rate, ``water`` by code or without land, else ``rateless``."""
    water = geoids.str[5:7].isin([_WATER_CODE]) | (land == 0).to_numpy()
    status = pd.Series("rateless", index=geoids, name="status")
    return status.mask(water, "water").mask(rated, "rated")


def _name_tracts(geoids: pd.Index) -> "pd.Series[str]":
    """Name tracts as the Bureau does: 836902 is 8369.02, and 300500 is 3005."""
    number = geoids.str[5:9].str.lstrip("0").where(geoids.str[5:9] != "0000", "0")
    part = geoids.str[9:11]
    return pd.Series(number + ("." + part).where(part != "00", ""), index=geoids)


def _report_join(
    tracts: GeoDataFrame[Tracts], mapped: Flags, aligned: AlignedProfiles, tract_year: int
) -> JoinReport:
    """Put every tract into one group by rate and polygon, and one by its predictors."""
    geoids, status = tracts.index, tracts["status"]
    rated = (status == TractStatus.RATED).to_numpy()

    # Group by predictors.
    partial = (aligned.coverage > 0) & (aligned.coverage < 1)
    none = ~aligned.table[aligned.coverage.columns].notna().any(axis=1).to_numpy()
    part = partial.any(axis=1).to_numpy() & ~none
    changed = geoids.isin(aligned.changed) & ~none & ~part

    missing = aligned.table.loc[rated, list(aligned.coverage.columns)].isna().sum()
    cells = aligned.coverage.where(partial).loc[part]
    return JoinReport(
        tract_year=tract_year,
        data_date=tracts["data_date"].dropna().iloc[0].date(),
        matched=tuple(geoids[rated & mapped]),
        without_polygon=tuple(geoids[rated & ~mapped]),
        water=tuple(geoids[status == TractStatus.WATER]),
        rateless=tuple(geoids[status == TractStatus.RATELESS]),
        by_code=tuple(geoids[~none & ~part & ~changed]),
        carried_over=tuple(geoids[changed]),
        partly_covered={
            str(geoid): {str(name): float(share) for name, share in row.dropna().items()}
            for geoid, row in cells.iterrows()
        },
        without_predictor=tuple(geoids[none]),
        missing_in_rated={str(name): int(count) for name, count in missing.items() if count},
        sources=aligned.uses,
    )
