"""Describe what the archive holds and what it lacks."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from outreach.archive.ledger import Archive
from outreach.archive.presence import CodesByDate, Presence, find_gaps
from outreach.archive.receipt import Receipt
from outreach.archive.versions import to_date
from outreach.phrasing import list_names, write_count, write_date

#: How many codes a line lists; the rest is counted.
_MOST_CODES = 6


@dataclass(frozen=True, slots=True)
class StaleReply:
    """A download of a snapshot that had been downloaded on an earlier day."""

    downloaded_at: dt.datetime
    data_date: dt.date
    source: str

    @property
    def lag_days(self) -> int:
        """Days from the data date to the day of the download."""
        return (self.downloaded_at.date() - self.data_date).days


@dataclass(frozen=True, slots=True)
class ArchiveStatus:
    """The state of the archive.

    Parameters
    ----------
    dates
        Data dates with a rate for any tract.
    gaps
        Days between the first and the last on which a snapshot is missing: working days, and
        weekend days at a time when weekends were published. What was published then is lost unless
        someone else kept it.
    rest_days
        Weekend days and federal holidays between the first and the last date without a snapshot,
        when none is expected.
    missing_states, missing_counties, missing_tracts
        By data date, the codes that have no rate then although they have one on another date, and
        although another state, another county of the state, or another tract of the county has one.
    stale
        Downloads that repeated what an earlier day had brought.
    changed
        By data date, how many tracts were published with different figures at different times.
    rows, tracts, states
        Number of tract-dates and tracts, and FIPS codes of states.
    downloads
        Number of times the service answered.
    """

    dates: tuple[dt.date, ...] = ()
    gaps: tuple[dt.date, ...] = ()
    rest_days: tuple[dt.date, ...] = ()
    missing_states: CodesByDate = field(default_factory=dict)
    missing_counties: CodesByDate = field(default_factory=dict)
    missing_tracts: CodesByDate = field(default_factory=dict)
    stale: tuple[StaleReply, ...] = ()
    changed: dict[dt.date, int] = field(default_factory=dict)
    rows: int = 0
    tracts: int = 0
    states: tuple[str, ...] = ()
    downloads: int = 0

    def lines(self) -> list[str]:
        """Return the status as sentences, the most important first."""
        if not self.dates:
            return ["The archive has no snapshot for this area."]
        return [
            (
                f"{write_count(len(self.dates), 'data date')},"
                f" {write_date(self.dates[0])} to {write_date(self.dates[-1])}:"
                f" {write_count(self.rows, 'row')}, {write_count(self.tracts, 'tract')},"
                f" {write_count(len(self.states), 'state')}."
            ),
            f"Gaps, days without a snapshot: {_list_runs(self.gaps, self.rest_days)}.",
            f"Weekend days and holidays without a release: {len(self.rest_days)}.",
            (
                f"Downloads: {self.downloads:,}. {len(self.stale):,} of them repeated a snapshot"
                f" that was already in the archive{_count_lags(self.stale)}."
            ),
            *_list_missing("States", self.missing_states),
            *_list_missing("Counties", self.missing_counties),
            *_list_missing("Tracts", self.missing_tracts),
            *(
                f"Figures of {write_date(date)} changed for {write_count(count, 'tract')}. All"
                " versions are kept."
                for date, count in sorted(self.changed.items())
            ),
        ]


def describe_archive(archive: Archive, codes: Iterable[str] = ()) -> ArchiveStatus:
    """Describe the archive, or the part of it in some areas.

    Parameters
    ----------
    codes
        FIPS codes, as :meth:`Archive.read` takes them.

    Raises
    ------
    ArchiveError
        A segment or receipt is damaged, or a code is wrong.
    """
    codes = tuple(codes)
    presence = {
        f"{part['geoid'].iloc[0] // 10**9:02d}": Presence.from_versions(part)
        for part in archive.read_versions(codes)
        if len(part)
    }
    days = sorted({day for state in presence.values() for day in state.days.tolist()})
    dates = tuple(to_date(day) for day in days)
    gaps, rest_days = find_gaps(dates)
    receipts = _choose_receipts(archive.receipts(), codes)
    downloads = {
        (reply.downloaded_at, receipt.counties) for receipt in receipts for reply in receipt.replies
    }
    return ArchiveStatus(
        dates=dates,
        gaps=gaps,
        rest_days=rest_days,
        missing_states=_find_missing_states(presence, days),
        missing_counties=_merge_codes(state.find_missing_counties() for state in presence.values()),
        missing_tracts=_merge_codes(state.find_missing_tracts() for state in presence.values()),
        stale=find_stale(receipts),
        changed=_sum_changed(presence.values()),
        rows=sum(int(state.matrix.sum()) for state in presence.values()),
        tracts=sum(len(state.geoids) for state in presence.values()),
        states=tuple(sorted(presence)),
        downloads=len(downloads),
    )


def find_stale(receipts: list[Receipt]) -> tuple[StaleReply, ...]:
    """Return the downloads that only repeated a snapshot.

    Such a download brought a single snapshot, older than the day of the download, that an earlier
    day had brought for the same counties.
    """
    earlier: dict[dt.date, list[tuple[dt.date, frozenset[str]]]] = defaultdict(list)
    for receipt in receipts:
        counties = frozenset(receipt.counties)
        for reply in receipt.replies:
            earlier[reply.data_date].append((reply.downloaded_at.date(), counties))

    stale = {}
    for receipt in receipts:
        counties = frozenset(receipt.counties)
        for moment, replies in groupby(receipt.replies, key=lambda reply: reply.downloaded_at):
            dates = [reply.data_date for reply in replies]
            day = moment.date()
            repeats = any(other < day and counties <= others for other, others in earlier[dates[0]])
            if len(dates) == 1 and dates[0] < day and repeats:
                stale[moment, counties] = StaleReply(moment, dates[0], receipt.source)
    return tuple(sorted(stale.values(), key=lambda reply: (reply.downloaded_at, reply.source)))


def _find_missing_states(presence: dict[str, Presence], days: list[int]) -> CodesByDate:
    """Return by date the states without any rate although another state has one."""
    missing = [
        {to_date(day): (code,) for day in set(days) - set(state.days.tolist())}
        for code, state in sorted(presence.items())
    ]
    return _merge_codes(missing)


def _merge_codes(parts: Iterable[Mapping[dt.date, tuple[str, ...]]]) -> CodesByDate:
    """Put the codes of several states together, in order of date."""
    merged: CodesByDate = {}
    for part in parts:
        for date, codes in part.items():
            merged[date] = (*merged.get(date, ()), *codes)
    return dict(sorted(merged.items()))


def _sum_changed(presence: Iterable[Presence]) -> dict[dt.date, int]:
    """Add up the changed tracts of all states by date."""
    sums: Counter[dt.date] = Counter()
    for state in presence:
        for day, count in state.changed.items():
            sums[to_date(day)] += count
    return dict(sorted(sums.items()))


def _choose_receipts(receipts: list[Receipt], codes: tuple[str, ...]) -> list[Receipt]:
    """Return the receipts with rows in the areas; all of them without any codes."""
    prefixes = tuple(code[:5] for code in codes)
    return [
        receipt
        for receipt in receipts
        if not prefixes or any(county.startswith(prefixes) for county in receipt.counties)
    ]


def _list_runs(dates: tuple[dt.date, ...], rest_days: tuple[dt.date, ...] = ()) -> str:
    """Write dates as single days and runs; a rest day does not break a run."""
    runs: list[list[dt.date]] = []
    for date in dates:
        previous = runs[-1][-1] if runs else date
        between = (date - dt.timedelta(days=step) for step in range(1, (date - previous).days))
        if runs and all(day in rest_days for day in between):
            runs[-1].append(date)
        else:
            runs.append([date])
    texts = [
        write_date(run[0])
        if len(run) == 1
        else f"{write_date(run[0])} to {write_date(run[-1])} ({len(run)} days)"
        for run in runs
    ]
    return "; ".join(texts) or "none"


def _count_lags(stale: tuple[StaleReply, ...]) -> str:
    """Write how old stale replies were."""
    counts = Counter(reply.lag_days for reply in stale)
    texts = [f"{count} by {write_count(lag, 'day')}" for lag, count in sorted(counts.items())]
    return f" ({', '.join(texts)})" if texts else ""


def _list_missing(title: str, missing: CodesByDate) -> list[str]:
    """Write one line for each set of codes, with the dates on which they are missing."""
    dates_by_codes: dict[tuple[str, ...], list[dt.date]] = defaultdict(list)
    for date, codes in missing.items():
        dates_by_codes[codes].append(date)
    return [
        f"{title} missing on {_list_runs(tuple(dates))}: {list_names(codes, _MOST_CODES)}."
        for codes, dates in dates_by_codes.items()
    ]
