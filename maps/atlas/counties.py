"""Measure the tracts and counties of an atlas from published rates.

A county's figure is the mean of its tracts, weighted by households, by housing units where these
are not known, and else alike (:mod:`maps.atlas.weights`). The Bureau's own rate of a county counts
addresses and may differ by a few points.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maps.atlas.weights import Weighed, weigh_tracts
from outreach.rates import (
    average_dates,
    average_groups,
    average_rate,
    measure_change,
    pivot_rates,
)
from outreach.tables import DataFrame, ResponseRates

#: The figures averaged over the tracts of a county.
FIGURES = ("cumulative_share", "internet_share", "change_7_points", "change_28_points")


@dataclass(frozen=True)
class StateFigures:
    """The figures of one state.

    Parameters
    ----------
    tracts
        Index ``geoid``: ``county`` (five digits), ``data_date`` of its county, :data:`FIGURES` on
        that day, and ``last_date``, the last day on which the tract had a rate. The figures are
        missing if that is earlier.
    counties
        Index the five digits: ``data_date``, ``tracts_count`` (tracts with a rate on that day),
        ``weight`` (a :class:`~maps.atlas.weights.Weight`), and the means of :data:`FIGURES`.
    season
        Mean rate of the tracts that have one: a row for each data date, a column for each county
        and one for the state, named by its code.
    weighed
        What the tracts weigh, in the order of ``tracts``.
    """

    tracts: pd.DataFrame
    counties: pd.DataFrame
    season: pd.DataFrame
    weighed: Weighed

    @property
    def average(self) -> float:
        """Mean rate of the state's tracts, by :attr:`Weighed.unit`; NaN without one."""
        return average_rate(self.tracts["cumulative_share"], self.weighed.common)


def measure_state(
    rates: DataFrame[ResponseRates], homes: pd.DataFrame | None = None
) -> StateFigures:
    """Measure the tracts and counties of one state on the last data date of each county.

    Parameters
    ----------
    rates
        Of one state, at least one row, no later than the day to show.
    homes
        As :func:`maps.atlas.weights.weigh_tracts` takes them.
    """
    season = pivot_rates(rates)
    internet = pivot_rates(rates, "internet_share")
    counties = season.index.str[:5]
    parts = [
        _measure_county(part, internet.loc[part.index]) for _, part in season.groupby(counties)
    ]
    tracts = pd.concat(parts)

    weighed = weigh_tracts(tracts["cumulative_share"], homes)
    rated = tracts[tracts["cumulative_share"].notna()]
    averages, _ = average_groups(
        rated[list(FIGURES)], weighed.homes.reindex(rated.index), rated["county"]
    )
    grouped = rated.groupby("county")
    table = pd.DataFrame(
        {
            "data_date": grouped["data_date"].first(),
            "tracts_count": grouped.size(),
            "weight": weighed.units,
            **averages,
        }
    )
    return StateFigures(tracts, table, _draw_lines(season, weighed), weighed)


def _draw_lines(season: pd.DataFrame, weighed: Weighed) -> pd.DataFrame:
    """Return the mean rate of each county and of the state on each date."""
    homes = weighed.homes.reindex(season.index).to_numpy(dtype=float)
    counties = season.index.str[:5]
    names = sorted(set(counties))
    groups = np.where(counties.to_numpy() == np.array(names)[:, None], homes, 0.0)
    whole = weighed.common.reindex(season.index).to_numpy(dtype=float)
    lines = average_dates(season.to_numpy(dtype=float).T, np.vstack([groups, whole]))
    return pd.DataFrame(lines, index=season.columns, columns=[*names, str(season.index[0][:2])])


def _measure_county(season: pd.DataFrame, internet: pd.DataFrame) -> pd.DataFrame:
    """Measure the tracts of one county, from a row per tract and a column per date of the state."""
    held = season.dropna(axis="columns", how="all")
    last = held.columns[-1]
    return pd.DataFrame(
        {
            "county": season.index[0][:5],
            "data_date": last,
            "cumulative_share": held[last],
            "internet_share": internet[last],
            "change_7_points": measure_change(held, 7),
            "change_28_points": measure_change(held, 28),
            "last_date": _find_last_dates(held),
        }
    )


def _find_last_dates(held: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """Return the last column with a figure for each row; every row has one."""
    present = held.notna().to_numpy()
    places = present.shape[1] - 1 - np.argmax(present[:, ::-1], axis=1)
    return pd.Series(held.columns.to_numpy()[places], index=held.index)


def rank_figures(figures: "pd.Series[float]") -> "pd.Series[float]":
    """Rank figures, 1 for the highest; equal figures share the better rank, missing have none."""
    return figures.round(6).rank(ascending=False, method="min")
