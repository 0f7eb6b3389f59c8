"""The figures of an atlas: from a state's published rates to a row for each tract and each county, and their lines over the season.

A county's figure is the average of its tracts, each counting the same: the archive holds rates, not
homes. The Bureau's own rate of a county counts addresses and lies up to a few points away.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.rates import measure_change, pivot_rates

#: What is averaged over the tracts of a county.
FIGURES = ("cumulative_share", "internet_share", "change_7_points", "change_28_points")


@dataclass(frozen=True)
class StateFigures:
    """The figures of one state.

    Parameters
    ----------
    tracts
        Index ``geoid``: ``county`` (five digits), ``data_date`` of its county, :data:`FIGURES` on
        that day, and ``last_date``, the last day on which the tract had a rate; the figures are
        missing where that is earlier.
    counties
        Index the five digits: ``data_date``, ``tracts_count`` (those with a rate on that day) and
        the averages of :data:`FIGURES`.
    season
        Average rate of the tracts that had one, a row for each data date, a column for each county
        and one, named by its code, for the state.
    """

    tracts: pd.DataFrame
    counties: pd.DataFrame
    season: pd.DataFrame


def measure_state(rates: pd.DataFrame) -> StateFigures:
    """Measure the tracts and counties of one state on the last data date of each county.

    Parameters
    ----------
    rates
        :class:`outreach.tables.ResponseRates` of one state, at least a row, no later than the day
        to show.
    """
    season = pivot_rates(rates)
    internet = pivot_rates(rates, "internet_share")
    counties = season.index.str[:5]
    parts = [
        _measure_county(part, internet.loc[part.index]) for _, part in season.groupby(counties)
    ]
    tracts = pd.concat(parts)
    known = tracts[tracts["cumulative_share"].notna()].groupby("county")
    averages = known[list(FIGURES)].mean()
    table = pd.DataFrame(
        {"data_date": known["data_date"].first(), "tracts_count": known.size(), **averages}
    )
    lines = season.groupby(counties).mean().T
    lines[str(season.index[0][:2])] = season.mean()
    return StateFigures(tracts, table, lines)


def _measure_county(season: pd.DataFrame, internet: pd.DataFrame) -> pd.DataFrame:
    """Measure the tracts of one county; ``season`` and ``internet`` have a row a tract and a column a date of the state."""
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
    """Return for each row the last column with a figure; every row has one."""
    known = held.notna().to_numpy()
    places = known.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    return pd.Series(held.columns.to_numpy()[places], index=held.index)


def rank_figures(figures: "pd.Series[float]") -> "pd.Series[float]":
    """Return places, 1 for the highest figure; equal figures share the better place, missing ones have none."""
    return figures.round(6).rank(ascending=False, method="min")
