"""The census season of the invented county: how households answer from day to day, and on which days that is published.

The shape follows 2020 in the United States (14 % on 20 March, 38 % on 1 April, 56 % on 1 May, 60 %
on 1 June, 67 % at the end): waves after each mailing, quiet weekends, paper from April. The figures
are drawn, not copied.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.arrays import Flags, Floats, Ints
from outreach.sandbox.county.people import People

FIRST_DAY, LAST_DAY = dt.date(2020, 3, 20), dt.date(2020, 10, 16)
DAYS = pd.date_range(FIRST_DAY, LAST_DAY)
#: The release of this day never came: whoever called got the day before.
STALE_DAY = dt.date(2020, 4, 22)
_NO_WEEKENDS_FROM = dt.date(2020, 6, 1)
_HOLIDAYS = frozenset({dt.date(2020, 7, 3), dt.date(2020, 9, 7), dt.date(2020, 10, 12)})
_FRIDAY = 4

#: First day, share of all answers, days until most have come: invitation, reminder, postcard, paper
#: form, last postcard, a sixth mailing, visits.
_WAVES = (
    ("2020-03-12", 0.18, 6.0),
    ("2020-03-19", 0.40, 7.0),
    ("2020-03-27", 0.11, 5.0),
    ("2020-04-08", 0.14, 8.0),
    ("2020-04-27", 0.09, 8.0),
    ("2020-07-22", 0.035, 12.0),
    ("2020-08-11", 0.07, 22.0),
)
_WEEKDAYS = np.array([1.25, 1.15, 1.08, 1.0, 0.95, 0.82, 0.75])
_LAG_FROM, _LAG_FACTOR = dt.date(2020, 4, 6), 0.68
_AD_EFFECT, _AD_HALF, _AD_DAYS = 0.12, 24.0, 12.0


@dataclass(frozen=True)
class Truth:
    """What the county hides; tests may know it, the product never.

    Parameters
    ----------
    final_share
        Share of addresses that answered by the last day, by 2020 tract; without rounding.
    expected_share
        What the factors lead to without planted lag, advertising and chance.
    persuadability
        0-1: share of the households still missing that advertising could win, relative to the most
        open tract.
    ad_effect
        Share of the missing households won where persuadability is 1 and impressions have no end;
        at ``i`` impressions a household it is ``ad_effect * persuadability * (1 - exp(-i / 24))``.
    lagging_ward, lagging_tracts, lag_from, lag_factor
        From that day answers in that ward come at this fraction of their usual pace.
    update_leave
        The tracts that were invited by hand, and the day.
    """

    final_share: "pd.Series[float]"
    expected_share: "pd.Series[float]"
    persuadability: "pd.Series[float]"
    ad_effect: float
    lagging_ward: str
    lagging_tracts: tuple[str, ...]
    lag_from: dt.date
    lag_factor: float
    update_leave: dict[str, dt.date]


@dataclass(frozen=True)
class Season:
    """Answers by tract (rows, as in ``geoids``) and day (columns, :data:`DAYS`): rates in per cent, cumulative and of the day."""

    geoids: tuple[str, ...]
    addresses: Ints
    cumulative: Ints
    internet: Ints
    daily_percent: Floats
    daily_internet_percent: Floats
    truth: Truth

    def rates(self, day: dt.date) -> pd.DataFrame:
        """Return ``CRRALL``, ``CRRINT``, ``DRRALL``, ``DRRINT`` (per cent, one decimal) and ``addresses`` on a data date, by 2020 tract."""
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


def is_published(day: dt.date) -> bool:
    """Whether figures with this cut-off date were ever published."""
    if not FIRST_DAY <= day <= LAST_DAY or day == STALE_DAY or day in _HOLIDAYS:
        return False
    return day < _NO_WEEKENDS_FROM or day.weekday() <= _FRIDAY


def published_on(day: dt.date) -> dt.date | None:
    """Return the data date that a call on ``day`` gets; ``None`` before the season."""
    day = min(day, LAST_DAY)
    while day >= FIRST_DAY and not is_published(day):
        day -= dt.timedelta(days=1)
    return day if day >= FIRST_DAY else None


def expect_final(people: People) -> "pd.Series[float]":
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
) -> Season:
    """Let the tracts with homes answer day by day.

    Parameters
    ----------
    people
        By 2020 tract, only those that get a rate.
    ward
        The ward of each tract; empty outside the city.
    rng
        Where chance comes from; advertising takes none from it, so that a season with and one
        without differ by the advertising alone.
    advertising
        Impressions a household by tract, from ``advertising_from`` on.
    """
    table = people.table
    expected = np.asarray(expect_final(people), dtype=np.float64)
    late = {
        geoid: FIRST_DAY + dt.timedelta(days=int(rng.integers(54, 80)))
        for geoid in _pick_late(table)
    }
    pace = _expected_pace(table, late, rng)
    wards = sorted({name for name in ward if name}, key=int)
    lagging = wards[int(rng.integers(len(wards)))]
    slow: Flags = np.asarray(ward.reindex(table.index) == lagging)
    daily = expected[:, None] * pace
    lag_at = (_LAG_FROM - FIRST_DAY).days
    daily[slow, lag_at:] *= _LAG_FACTOR
    persuadability = _persuade(table, expected, slow, rng)
    addresses = np.maximum(table["housing"].to_numpy().astype(np.int64), 1)
    answers = rng.poisson(daily * addresses[:, None])
    share_online = np.clip(
        0.96
        - 1.1 * table["offline_share"].to_numpy()
        - 0.4 * table["limited_english_share"].to_numpy(),
        0.3,
        0.98,
    )
    online = (
        np.where(DAYS.to_numpy() < np.datetime64("2020-04-10"), 1.0, 0.6) * share_online[:, None]
    )
    by_internet = rng.binomial(answers, online)
    later_removed = rng.poisson(np.where(DAYS.month >= 6, 0.0008, 0.00005) * addresses[:, None])  # noqa: PLR2004  from June on
    won = _advertise(
        table.index,
        advertising or {},
        advertising_from,
        persuadability,
        answers.cumsum(axis=1) / addresses[:, None],
    )
    extra = np.diff(np.round(won * addresses[:, None]), axis=1, prepend=0).astype(np.int64)
    answers, by_internet = answers + extra, by_internet + extra
    cumulative = np.minimum(answers.cumsum(axis=1), (0.985 * addresses[:, None]).astype(np.int64))
    internet = np.minimum(by_internet.cumsum(axis=1), cumulative)
    daily_answers = np.minimum(np.diff(cumulative, axis=1, prepend=0) + later_removed, cumulative)
    daily_answers[:, 0] = daily_answers[:, 0] // 5
    truth = Truth(
        final_share=pd.Series(cumulative[:, -1] / addresses, table.index),
        expected_share=pd.Series(expected, table.index),
        persuadability=pd.Series(persuadability, table.index),
        ad_effect=_AD_EFFECT,
        lagging_ward=lagging,
        lagging_tracts=tuple(table.index[slow]),
        lag_from=_LAG_FROM,
        lag_factor=_LAG_FACTOR,
        update_leave=late,
    )
    return Season(
        tuple(table.index),
        addresses,
        cumulative,
        internet,
        (100 * daily_answers / addresses[:, None]).round(1),
        (
            100
            * np.minimum(np.diff(internet, axis=1, prepend=0), daily_answers)
            / addresses[:, None]
        ).round(1),
        truth,
    )


def _pick_late(table: pd.DataFrame) -> list[str]:
    """Choose the tracts that were invited by hand: the eight farthest from any town."""
    return list(table["large_building_share"].nsmallest(8).index)


def _expected_pace(
    table: pd.DataFrame, late: Mapping[str, dt.date], rng: np.random.Generator
) -> Floats:
    """Return the share of a tract's answers by day; rows sum to 1. Poorly connected tracts wait for paper and postcards."""
    offline = table["offline_share"].to_numpy()
    wait = 1.1 * (offline - offline.mean()) / offline.std() * 0.25 + rng.normal(0, 0.12, len(table))
    slowness = np.exp(rng.normal(0, 0.10, len(table)) + 0.15 * wait)
    total = np.zeros((len(table), len(DAYS)))
    for number, (mailed, weight, days) in enumerate(_WAVES):
        tilt = np.exp(wait * (-0.35 if number < 2 else 0.35))  # noqa: PLR2004  the first two are internet first
        total += (weight * tilt)[:, None] * _wave(dt.date.fromisoformat(mailed), days * slowness)
    for geoid, start in late.items():
        row = table.index.get_loc(geoid)
        total[row] = (
            0.02 * total[row]
            + 0.75 * _wave(start, np.array([11.0]))[0]
            + 0.2 * _wave(dt.date(2020, 8, 11), np.array([20.0]))[0]
        )
    steps = np.diff(total, axis=1, prepend=0)
    steps[:, 1:] *= _WEEKDAYS[DAYS.day_of_week[1:]] * np.exp(
        rng.normal(0, 0.12, (len(table), len(DAYS) - 1))
    )
    return np.asarray(steps / steps.sum(axis=1, keepdims=True))


def _wave(start: dt.date, days: Floats) -> Floats:
    """Return the share of a mailing's answers that have come, by tract and day."""
    since = (DAYS - pd.Timestamp(start)).days.to_numpy()
    return np.where(since < 0, 0, 1 - np.exp(-np.maximum(since, 0) / days[:, None]))


def _persuade(
    table: pd.DataFrame, expected: Floats, slow: Flags, rng: np.random.Generator
) -> Floats:
    """Return persuadability 0-1: high where answers stay below what the factors say, people are online, and many are still missing."""
    behind = -table["unexplained"].to_numpy() + 0.9 * slow
    online = 1 - table["offline_share"].to_numpy()
    open_ = (
        0.9 * behind
        + 4.0 * (online - online.mean())
        + 3.0 * (expected.mean() - expected)
        + rng.normal(0, 0.25, len(table))
    )
    return np.asarray(1 / (1 + np.exp(-open_)))


def _advertise(
    index: pd.Index,
    impressions: Mapping[str, float],
    start: dt.date,
    persuadability: Floats,
    share: Floats,
) -> Floats:
    """Return the share of addresses won by advertising up to each day."""
    seen = np.array([impressions.get(geoid, 0.0) for geoid in index])
    at = min(max((start - FIRST_DAY).days, 0), len(DAYS) - 1)
    most = _AD_EFFECT * persuadability * (1 - np.exp(-seen / _AD_HALF)) * (1 - share[:, at])
    return np.asarray(most[:, None] * _wave(start, np.array([_AD_DAYS])))
