"""What the ledger holds and what it lacks: gaps, weekends, stale replies, states and tracts missing on a date, changed snapshots."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar

from outreach.archive.ledger import Archive
from outreach.archive.receipt import Receipt
from outreach.archive.versions import count_changed, to_date
from outreach.campaign import Area

_SATURDAY = 5
_WEEK = dt.timedelta(days=7)

#: So many codes or dates are spelled out in a line; the rest is counted.
_SPELLED = 6


@dataclass(frozen=True, slots=True)
class StaleReply:
    """A download that brought a snapshot which an earlier day had brought already."""

    downloaded_at: dt.datetime
    data_date: dt.date
    source: str

    @property
    def lag_days(self) -> int:
        """Days from the data date to the day of the call."""
        return (self.downloaded_at.date() - self.data_date).days


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the ledger.

    Parameters
    ----------
    dates
        Data dates held for any tract.
    gaps
        Days between the first and the last on which a snapshot is missing: working days, and
        weekend days at a time when weekends were published. What was published then is lost unless
        someone else kept it.
    rest_days
        Weekend days and federal holidays between the first and the last date without a snapshot,
        when none are expected.
    missing_states, missing_counties, missing_tracts
        By data date, the codes that have no rate then although another state, another county of the
        state, another tract of the county has, and although they have one on another date.
    stale
        Downloads that repeated what an earlier day had brought.
    changed
        By data date, how many tracts were published with different figures at different times.
    rows, tracts, states
        Tract-dates, tracts and states (FIPS codes) held.
    downloads
        Times at which the service was asked.
    """

    dates: tuple[dt.date, ...] = ()
    gaps: tuple[dt.date, ...] = ()
    rest_days: tuple[dt.date, ...] = ()
    missing_states: dict[dt.date, tuple[str, ...]] = field(default_factory=dict)
    missing_counties: dict[dt.date, tuple[str, ...]] = field(default_factory=dict)
    missing_tracts: dict[dt.date, tuple[str, ...]] = field(default_factory=dict)
    stale: tuple[StaleReply, ...] = ()
    changed: dict[dt.date, int] = field(default_factory=dict)
    rows: int = 0
    tracts: int = 0
    states: tuple[str, ...] = ()
    downloads: int = 0

    def lines(self) -> list[str]:
        """Return the status as sentences, the most important first."""
        if not self.dates:
            return ["The archive holds no snapshot for this area."]
        held = (
            f"{len(self.dates)} data dates, {self.dates[0]} to {self.dates[-1]}: "
            f"{self.rows:,} rows, {self.tracts:,} tracts, {_count(len(self.states), 'state')}."
        )
        return [
            held,
            f"Gaps, days without a snapshot: {_spell_dates(self.gaps, self.rest_days)}.",
            f"Weekend days and holidays on which nothing was published: {len(self.rest_days)}.",
            f"Downloads: {self.downloads:,}, of which {len(self.stale):,} brought a snapshot again that was there already{_spell_lags(self.stale)}.",
            *_spell_missing("States", self.missing_states),
            *_spell_missing("Counties", self.missing_counties),
            *_spell_missing("Tracts", self.missing_tracts),
            *(
                f"Figures of {date} were changed for {_count(count, 'tract')}; all versions are kept."
                for date, count in sorted(self.changed.items())
            ),
        ]


def describe_archive(archive: Archive, areas: Iterable[Area | str] = ()) -> Status:
    """Look through the ledger, or the part of it that lies in some areas.

    Raises
    ------
    ArchiveError
        A segment or receipt is damaged, or a code is none.
    """
    areas = tuple(areas)
    presence = {
        part["geoid"].iloc[0] // 10**9: _Presence.of(part)
        for part in archive.read_versions(areas)
        if len(part)
    }
    days = sorted({day for state in presence.values() for day in state.days.tolist()})
    dates = tuple(to_date(day) for day in days)
    gaps, rest_days = find_gaps(dates)
    receipts = _choose_receipts(archive.receipts(), areas)
    changed: dict[dt.date, int] = defaultdict(int)
    missing: tuple[dict[dt.date, tuple[str, ...]], ...] = ({}, {}, {})
    for code, state in sorted(presence.items()):
        for day, count in state.changed.items():
            changed[to_date(day)] += count
        for day in set(days) - set(state.days.tolist()):
            missing[0][to_date(day)] = (*missing[0].get(to_date(day), ()), f"{code:02d}")
        for kept, found in zip(missing[1:], state.find_missing(), strict=True):
            for date, codes in found.items():
                kept[date] = (*kept.get(date, ()), *codes)
    return Status(
        dates=dates,
        gaps=gaps,
        rest_days=rest_days,
        missing_states=dict(sorted(missing[0].items())),
        missing_counties=dict(sorted(missing[1].items())),
        missing_tracts=dict(sorted(missing[2].items())),
        stale=find_stale(receipts),
        changed=dict(sorted(changed.items())),
        rows=sum(int(state.held.sum()) for state in presence.values()),
        tracts=sum(len(state.geoids) for state in presence.values()),
        states=tuple(f"{code:02d}" for code in sorted(presence)),
        downloads=len(
            {
                (reply.downloaded_at, receipt.counties)
                for receipt in receipts
                for reply in receipt.replies
            }
        ),
    )


@dataclass(frozen=True, slots=True)
class _Presence:
    """Which tracts of a state (rows of ``held``) have a rate on which days (columns)."""

    geoids: np.ndarray
    days: np.ndarray
    held: np.ndarray
    changed: dict[int, int]

    @classmethod
    def of(cls, versions: pd.DataFrame) -> "_Presence":
        geoids, rows = np.unique(versions["geoid"].to_numpy(), return_inverse=True)
        days, columns = np.unique(versions["data_date"].to_numpy(), return_inverse=True)
        held = np.zeros((len(geoids), len(days)), bool)
        held[rows, columns] = True
        return cls(geoids, days, held, count_changed(versions))

    def find_missing(self) -> tuple[dict[dt.date, tuple[str, ...]], dict[dt.date, tuple[str, ...]]]:
        """Return by date the counties without any rate, and the tracts without one in counties that have some."""
        counties, members = np.unique(self.geoids // 10**6, return_inverse=True)
        county_held = np.zeros((len(counties), len(self.days)), bool)
        np.logical_or.at(county_held, members, self.held)
        lone = ~self.held & county_held[members]
        return (
            {
                to_date(int(self.days[at])): _spell(counties[~county_held[:, at]], 5)
                for at in np.flatnonzero((~county_held).any(axis=0))
            },
            {
                to_date(int(self.days[at])): _spell(self.geoids[lone[:, at]], 11)
                for at in np.flatnonzero(lone.any(axis=0))
            },
        )


def find_gaps(dates: tuple[dt.date, ...]) -> tuple[tuple[dt.date, ...], tuple[dt.date, ...]]:
    """Return the days without a snapshot between the first and the last of ``dates``: gaps, and rest days when none are expected.

    A weekend day counts as a gap if weekend days within a week before and within a week after were
    published.
    """
    if not dates:
        return (), ()
    holidays = {
        day.date() for day in USFederalHolidayCalendar().holidays(str(dates[0]), str(dates[-1]))
    }
    weekends = [date for date in dates if date.weekday() >= _SATURDAY]
    gaps: list[dt.date] = []
    rest_days: list[dt.date] = []
    for number in range((dates[-1] - dates[0]).days):
        date = dates[0] + dt.timedelta(days=number)
        if date in dates:
            continue
        is_weekend = date.weekday() >= _SATURDAY
        before = any(dt.timedelta(0) < date - other <= _WEEK for other in weekends)
        after = any(dt.timedelta(0) < other - date <= _WEEK for other in weekends)
        expected = (before and after) if is_weekend else date not in holidays
        (gaps if expected else rest_days).append(date)
    return tuple(gaps), tuple(rest_days)


def find_stale(receipts: list[Receipt]) -> tuple[StaleReply, ...]:
    """Return the downloads of a single snapshot, older than the day of the call, that an earlier day had brought for the same counties."""
    replies = [(reply, receipt) for receipt in receipts for reply in receipt.replies]
    earlier: dict[dt.date, list[tuple[dt.date, frozenset[str]]]] = defaultdict(list)
    for reply, receipt in replies:
        earlier[reply.data_date].append((reply.downloaded_at.date(), frozenset(receipt.counties)))
    found = {}
    for receipt in receipts:
        counties = frozenset(receipt.counties)
        for moment, group in groupby(receipt.replies, key=lambda reply: reply.downloaded_at):
            dates = [reply.data_date for reply in group]
            day = moment.date()
            known = any(other < day and counties <= held for other, held in earlier[dates[0]])
            if len(dates) == 1 and dates[0] < day and known:
                found[moment, counties] = StaleReply(moment, dates[0], receipt.source)
    return tuple(sorted(found.values(), key=lambda reply: (reply.downloaded_at, reply.source)))


def _choose_receipts(receipts: list[Receipt], areas: tuple[Area | str, ...]) -> list[Receipt]:
    """Return the receipts that touch the areas; all of them without any."""
    codes = [
        area.state + (area.county or "") if isinstance(area, Area) else area[:5] for area in areas
    ]
    return [
        receipt
        for receipt in receipts
        if not codes
        or any(county.startswith(code) for county in receipt.counties for code in codes)
    ]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _spell(codes: np.ndarray, digits: int) -> tuple[str, ...]:
    return tuple(f"{code:0{digits}d}" for code in codes.tolist())


def _spell_dates(dates: tuple[dt.date, ...], rest_days: tuple[dt.date, ...] = ()) -> str:
    """Write dates as single days and runs; a rest day does not break a run."""
    runs: list[list[dt.date]] = []
    for date in dates:
        between = (
            (date - dt.timedelta(days=step) for step in range(1, (date - runs[-1][-1]).days))
            if runs
            else ()
        )
        if runs and all(day in rest_days for day in between):
            runs[-1].append(date)
        else:
            runs.append([date])
    words = [
        f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]} ({len(run)} days)" for run in runs
    ]
    return ", ".join(words) or "none"


def _spell_lags(stale: tuple[StaleReply, ...]) -> str:
    """Write how old stale replies were."""
    counts = Counter(reply.lag_days for reply in stale)
    words = [f"{count} by {_count(lag, 'day')}" for lag, count in sorted(counts.items())]
    return f" ({', '.join(words)})" if words else ""


def _spell_missing(kind: str, missing: dict[dt.date, tuple[str, ...]]) -> list[str]:
    """Write one line for each set of codes, with the dates on which they are missing."""
    dates_of: dict[tuple[str, ...], list[dt.date]] = defaultdict(list)
    for date, codes in missing.items():
        dates_of[codes].append(date)
    lines = []
    for codes, dates in dates_of.items():
        names = ", ".join(codes[:_SPELLED]) + (
            f" and {len(codes) - _SPELLED:,} more" if len(codes) > _SPELLED else ""
        )
        lines.append(f"{kind} missing on {_spell_dates(tuple(dates))}: {names}.")
    return lines
