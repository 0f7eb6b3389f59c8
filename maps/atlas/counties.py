"""Measure the tracts and counties of an atlas from published rates.

A county's figure is the plain average of its tracts, because the archive has rates, not homes. The
Bureau's own rate of a county counts addresses and may differ by a few points.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.rates import measure_change, pivot_rates
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
        Index the five digits: ``data_date``, ``tracts_count`` (tracts with a rate on that day), and
        the averages of :data:`FIGURES`.
    season
        Average rate of the tracts that have one: a row for each data date, a column for each county
        and one for the state, named by its code.
    """

    tracts: pd.DataFrame
    counties: pd.DataFrame
    season: pd.DataFrame


def measure_state(rates: DataFrame[ResponseRates]) -> StateFigures:
    """Measure the tracts and counties of one state on the last data date of each county.

    Parameters
    ----------
    rates
        Of one state, at least one row, no later than the day to show.
    """
    season = pivot_rates(rates)
    internet = pivot_rates(rates, "internet_share")
    counties = season.index.str[:5]
    parts = [
        _measure_county(part, internet.loc[part.index]) for _, part in season.groupby(counties)
    ]
    tracts = pd.concat(parts)

    rated = tracts[tracts["cumulative_share"].notna()].groupby("county")
    averages = rated[list(FIGURES)].mean()
    table = pd.DataFrame(
        {"data_date": rated["data_date"].first(), "tracts_count": rated.size(), **averages}
    )
    lines = season.groupby(counties).mean().T
    lines[str(season.index[0][:2])] = season.mean()
    return StateFigures(tracts, table, lines)


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
