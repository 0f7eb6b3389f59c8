"""Run the census season of the invented county day by day.

The shape follows 2020 in the United States (14% on March 20, 38% on April 1, 56% on May 1, 60% on
June 1, 67% at the end): waves after each mailing, quiet weekends, and paper from April. The figures
are drawn, not copied.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.arrays import Flags, Floats, Ints
from outreach.sandbox.county.dates import DAYS, FIRST_DAY
from outreach.sandbox.county.pace import draw_pace, respond_to_mailing
from outreach.sandbox.county.people import People

_LAG_FROM, _LAG_FACTOR = dt.date(2020, 4, 6), 0.68
_AD_EFFECT, _AD_HALF, _AD_DAYS = 0.12, 24.0, 12.0
_PAPER_FROM = np.datetime64("2020-04-10")
_JUNE = 6
_HIGHEST_SHARE = 0.985
_LATE_TRACTS = 8


@dataclass(frozen=True)
class HiddenTruth:
    """What the county hides. Tests may know it, the product never does.

    Parameters
    ----------
    final_share
        Share of addresses that responded by the last day, by 2020 tract, not rounded.
    factor_share
        What the factors lead to without the planted lag, advertising, and chance.
    persuadability
        0-1: share of the missing households that advertising could win, relative to the most
        persuadable tract.
    ad_effect
        Share of the missing households won if persuadability is 1 and impressions are unlimited.
        At ``i`` impressions per household it is
        ``ad_effect * persuadability * (1 - exp(-i / 24))``.
    lagging_ward, lagging_tracts, lag_from, lag_factor
        From that day, responses in that ward come at this fraction of their usual pace.
    update_leave
        The tracts that were invited by hand, and the day.
    """

    final_share: "pd.Series[float]"
    factor_share: "pd.Series[float]"
    persuadability: "pd.Series[float]"
    ad_effect: float
    lagging_ward: str
    lagging_tracts: tuple[str, ...]
    lag_from: dt.date
    lag_factor: float
    update_leave: dict[str, dt.date]


@dataclass(frozen=True)
class InventedSeason:
    """Responses by tract and day.

    Parameters
    ----------
    geoids
        Tracts, the rows of the arrays.
    addresses
        Number of addresses by tract.
    cumulative, internet
        Responses up to each day (column, :data:`~outreach.sandbox.county.dates.DAYS`).
    daily_percent, daily_internet_percent
        Daily rates as percentages with one decimal.
    truth
        What the county hides.
    """

    geoids: tuple[str, ...]
    addresses: Ints
    cumulative: Ints
    internet: Ints
    daily_percent: Floats
    daily_internet_percent: Floats
    truth: HiddenTruth

    def rates(self, day: dt.date) -> pd.DataFrame:
        """Return the rates on a data date.

        Returns
        -------
        pandas.DataFrame
            By 2020 tract, ``CRRALL``, ``CRRINT``, ``DRRALL``, ``DRRINT`` (percentages, one
            decimal), and ``addresses``.
        """
        at = (day - FIRST_DAY).days
        return pd.DataFrame(
            {
                "CRRALL": (100 * self.cumulative[:, at] / self.addresses).round(1),
                "CRRINT": (100 * self.internet[:, at] / self.addresses).round(1),
                "DRRALL": self.daily_percent[:, at],
                "DRRINT": self.daily_internet_percent[:, at],
                "addresses": self.addresses,
            },
            index=pd.Index(self.geoids, name="geoid"),
        )


def compute_final_share(people: People) -> "pd.Series[float]":
    """Return the final share that the factors lead to, by area."""
    table = people.table
    need = (
        0.40 * table["poverty"]
        + 0.36 * table["renter"]
        + 0.22 * table["language"]
        - 0.14 * table["old"]
    )
    logit = (0.57 - 1.05 * need + 0.17 * table["unexplained"]).to_numpy(dtype=np.float64)
    return pd.Series(1 / (1 + np.exp(-logit)), table.index)


def run_season(
    people: People,
    ward: "pd.Series[str]",
    rng: np.random.Generator,
    advertising: Mapping[str, float] | None = None,
    advertising_from: dt.date = dt.date(2020, 5, 1),
) -> InventedSeason:
    """Let the tracts with homes respond day by day.

    Parameters
    ----------
    people
        By 2020 tract, only those that get a rate.
    ward
        The ward of each tract; empty outside the city.
    rng
        The order of the draws fixes the season; keep it. Advertising takes none of them, so that a
        season with advertising and one without differ by the advertising alone.
    advertising
        Impressions per household by tract, from ``advertising_from`` on.
    """
    table = people.table
    factor_share = np.asarray(compute_final_share(people), dtype=np.float64)
    late = {
        geoid: FIRST_DAY + dt.timedelta(days=int(rng.integers(54, 80)))
        for geoid in table["large_building_share"].nsmallest(_LATE_TRACTS).index
    }
    pace = draw_pace(table, late, rng)
    wards = sorted({name for name in ward if name}, key=int)
    lagging_ward = wards[int(rng.integers(len(wards)))]
    is_slow: Flags = np.asarray(ward.reindex(table.index) == lagging_ward)
    daily_share = factor_share[:, None] * pace
    daily_share[is_slow, (_LAG_FROM - FIRST_DAY).days :] *= _LAG_FACTOR
    persuadability = _draw_persuadability(table, factor_share, is_slow, rng)
    addresses = np.maximum(table["housing"].to_numpy().astype(np.int64), 1)

    # Draw responses, and add those that advertising wins.
    responses, online = _draw_responses(table, daily_share, addresses, rng)
    duplicates = _draw_duplicates(addresses, rng)
    impressions = np.array([(advertising or {}).get(geoid, 0.0) for geoid in table.index])
    won = _win_responses(impressions, advertising_from, persuadability, responses, addresses)
    responses, online = responses + won, online + won

    highest = (_HIGHEST_SHARE * addresses[:, None]).astype(np.int64)
    cumulative = np.minimum(responses.cumsum(axis=1), highest)
    internet = np.minimum(online.cumsum(axis=1), cumulative)
    daily, daily_internet = _find_daily(cumulative, internet, duplicates, addresses)
    truth = HiddenTruth(
        final_share=pd.Series(cumulative[:, -1] / addresses, table.index),
        factor_share=pd.Series(factor_share, table.index),
        persuadability=pd.Series(persuadability, table.index),
        ad_effect=_AD_EFFECT,
        lagging_ward=lagging_ward,
        lagging_tracts=tuple(table.index[is_slow]),
        lag_from=_LAG_FROM,
        lag_factor=_LAG_FACTOR,
        update_leave=late,
    )
    return InventedSeason(
        tuple(table.index), addresses, cumulative, internet, daily, daily_internet, truth
    )


def _draw_responses(
    table: pd.DataFrame, daily_share: Floats, addresses: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Return the responses of each day, and how many of them came by internet."""
    responses = rng.poisson(daily_share * addresses[:, None])
    offline, limited = table["offline_share"], table["limited_english_share"]
    online_share = np.clip(0.96 - 1.1 * offline.to_numpy() - 0.4 * limited.to_numpy(), 0.3, 0.98)
    online_share = np.where(DAYS.to_numpy() < _PAPER_FROM, 1.0, 0.6) * online_share[:, None]
    return responses, rng.binomial(responses, online_share)


def _draw_duplicates(addresses: Ints, rng: np.random.Generator) -> Ints:
    """Return the responses of each day that are counted that day and removed later."""
    share = np.where(DAYS.month >= _JUNE, 0.0008, 0.00005)
    return np.asarray(rng.poisson(share * addresses[:, None]))


def _find_daily(
    cumulative: Ints, internet: Ints, duplicates: Ints, addresses: Ints
) -> tuple[Floats, Floats]:
    """Return the daily rates, overall and internet, as percentages with one decimal."""
    daily = np.minimum(np.diff(cumulative, axis=1, prepend=0) + duplicates, cumulative)
    daily[:, 0] = daily[:, 0] // 5
    daily_internet = np.minimum(np.diff(internet, axis=1, prepend=0), daily)
    return (
        (100 * daily / addresses[:, None]).round(1),
        (100 * daily_internet / addresses[:, None]).round(1),
    )


def _draw_persuadability(
    table: pd.DataFrame, factor_share: Floats, is_slow: Flags, rng: np.random.Generator
) -> Floats:
    """Return persuadability 0-1.

    It is high where the response is below what the factors say, people are online, and many
    households are missing.
    """
    behind = -table["unexplained"].to_numpy() + 0.9 * is_slow
    online = 1 - table["offline_share"].to_numpy()
    logit = (
        0.9 * behind
        + 4.0 * (online - online.mean())
        + 3.0 * (factor_share.mean() - factor_share)
        + rng.normal(0, 0.25, len(table))
    )
    return np.asarray(1 / (1 + np.exp(-logit)))


def _win_responses(
    impressions: Floats, start: dt.date, persuadability: Floats, responses: Ints, addresses: Ints
) -> Ints:
    """Return the responses of each day that advertising wins."""
    at = min(max((start - FIRST_DAY).days, 0), len(DAYS) - 1)
    missing_share = 1 - (responses.cumsum(axis=1) / addresses[:, None])[:, at]
    exposure = 1 - np.exp(-impressions / _AD_HALF)
    most = _AD_EFFECT * persuadability * exposure * missing_share
    share = most[:, None] * respond_to_mailing(start, np.array([_AD_DAYS]))
    total = np.round(share * addresses[:, None])
    return np.asarray(np.diff(total, axis=1, prepend=0), dtype=np.int64)
