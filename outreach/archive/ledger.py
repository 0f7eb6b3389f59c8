"""Append published rates to the archive and read them back.

The archive is a folder of immutable segments (``rates/``) and of receipts, one small JSON file for
each intake (``receipts/``). Nothing is ever rewritten or deleted, so writers need no lock. Two
writers that bring the same rows at the same moment store them twice, and readers take them once.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from outreach.archive.carried import CarriedState
from outreach.archive.receipt import Receipt, Reply
from outreach.archive.scope import build_condition, group_codes
from outreach.archive.segment import Segment, find_segments, pack_segment
from outreach.archive.versions import (
    Additions,
    choose_versions,
    find_additions,
    from_rates,
    join_versions,
    pair_keys,
    to_date,
    to_moment,
    to_rates,
)
from outreach.arrays import Flags
from outreach.errors import ArchiveError, DataError
from outreach.files import read_record, sweep_staged, write_files
from outreach.tables import DataFrame, ResponseRates, check

#: Up to this many counties are read one by one. For more, the whole state is read.
_MOST_COUNTIES = 3


@dataclass(frozen=True, slots=True)
class Archive:
    """The published rates of one census.

    Parameters
    ----------
    folder
        Where it is; the first write creates it.
    census_year
        The census whose rates these are.
    """

    folder: Path
    census_year: int = 2020

    def append(
        self, rates: DataFrame[ResponseRates], source: str, downloaded_at: dt.datetime
    ) -> Receipt:
        """Store what a download adds.

        Rows that are already stored with the same figures change nothing. Different figures for a
        stored tract and date are kept beside the first and reported as changed. Append old
        downloads before newer ones: a late one is put in order by its download time.

        Parameters
        ----------
        rates
            Checked here again.
        source
            Where they come from: an address without a key, or a file name.
        downloaded_at
            When the service answered; without a time zone it is taken as UTC.

        Raises
        ------
        ArchiveError
            The folder cannot be written or holds a damaged segment.
        DataError
            The rates break their declaration, or there are none.
        """
        return self.record(from_rates(check(rates, ResponseRates, source), downloaded_at), source)

    def record(self, candidates: pd.DataFrame, source: str, *, left_out: int = 0) -> Receipt:
        """Store what versions of any number of downloads and states add; see :meth:`append`.

        Parameters
        ----------
        candidates
            Versions; see :mod:`outreach.archive.versions`.
        left_out
            The number of the source's rows that are not tracts, for the receipt.
        """
        if candidates.empty:
            raise DataError(f"{source} holds no rates.", "There is nothing to store.")

        # Compare state by state, and pack what each state adds.
        files: dict[Path, bytes | str] = {}
        marks = np.zeros((3, len(candidates)), bool)
        states = candidates["geoid"].to_numpy() // 10**9
        for state in np.unique(states):
            positions = np.flatnonzero(states == state)
            rows = candidates.iloc[positions].reset_index(drop=True)
            additions = self._compare(rows, f"{state:02d}", source)
            marks[:, positions] = (additions.new, additions.known, additions.changed)
            if not additions.rows.empty:
                name, content = pack_segment(additions.rows, source)
                files[self._rates_folder / name] = content

        counties = np.unique(candidates["geoid"].to_numpy() // 10**6).tolist()
        receipt = Receipt(
            source=source,
            replies=_count_replies(candidates, marks),
            counties=tuple(f"{county:05d}" for county in counties),
            segments=tuple(path.relative_to(self.folder).as_posix() for path in files),
            left_out=left_out,
        )
        self._write(files, receipt)
        return receipt

    def read(
        self,
        codes: Iterable[str] = (),
        *,
        on: dt.date | None = None,
        since: dt.date | None = None,
        through: dt.date | None = None,
        as_first_published: bool = False,
    ) -> DataFrame[ResponseRates]:
        """Return the rates of some areas on some dates.

        Parameters
        ----------
        codes
            FIPS codes of states (2 digits), counties (5), or tracts (11); without any, everything
            in the archive.
        on
            One data date.
        since, through
            First and last data date.
        as_first_published
            Where figures of a date changed later, return the first ones instead of those of the
            latest download.

        Returns
        -------
        DataFrame
            Ordered by tract and date; no rows if the archive has none.
        """
        since, through = (on, on) if on else (since, through)
        parts = [
            choose_versions(part, first=as_first_published)
            for part in self.read_versions(codes, since, through)
        ]
        return to_rates(join_versions(parts))

    def read_versions(
        self,
        codes: Iterable[str] = (),
        since: dt.date | None = None,
        through: dt.date | None = None,
    ) -> Iterator[pd.DataFrame]:
        """Yield every stored version state by state; see :mod:`outreach.archive.versions`."""
        groups = group_codes(codes)
        states = sorted(groups) or [
            folder.name[-2:] for folder in sorted(self._rates_folder.glob("state=*"))
        ]
        for state in states:
            condition = build_condition(groups.get(state, ()), since, through)
            segments = self.find_segments(since, through, state)
            yield join_versions([segment.read(condition) for segment in segments])

    def carry(self, state: str, through: dt.date) -> CarriedState:
        """Return the segments of a state, to be read where the archive is not.

        Parameters
        ----------
        state
            Two digits.
        through
            Last data date.

        Raises
        ------
        ArchiveError
            A segment cannot be read, or was changed after it was written.
        """
        segments = self.find_segments(through=through, state=state)
        return CarriedState(
            min(through, max((segment.last for segment in segments), default=through)),
            tuple(segment.path.relative_to(self.folder).as_posix() for segment in segments),
            tuple(segment.load() for segment in segments),
        )

    def find_segments(
        self, since: dt.date | None = None, through: dt.date | None = None, state: str = "*"
    ) -> list[Segment]:
        """Return the segments that may hold dates of a period, of one state or all."""
        return [
            segment
            for segment in find_segments(self._rates_folder, state)
            if (since is None or segment.last >= since)
            and (through is None or segment.first <= through)
        ]

    def weigh_states(self, through: dt.date) -> dict[str, int]:
        """Return by state the bytes of the segments that may hold dates up to a day."""
        sizes: dict[str, int] = {}
        for segment in self.find_segments(through=through):
            sizes[segment.state] = sizes.get(segment.state, 0) + segment.path.stat().st_size
        return sizes

    def data_dates(self, codes: Iterable[str] = ()) -> list[dt.date]:
        """Return the data dates on which any tract of the areas has a rate, in order."""
        days = {
            day
            for part in self.read_versions(codes)
            for day in pd.unique(part["data_date"]).tolist()
        }
        return [to_date(day) for day in sorted(days)]

    def latest_date(
        self, codes: Iterable[str] = (), through: dt.date | None = None
    ) -> dt.date | None:
        """Return the last data date of the areas up to ``through``, or ``None``."""
        return max(
            (date for date in self.data_dates(codes) if through is None or date <= through),
            default=None,
        )

    def receipts(self) -> list[Receipt]:
        """Return the receipt of every intake, in order of download.

        Raises
        ------
        ArchiveError
            A receipt cannot be read.
        """
        todo = "Restore it from a backup or delete it."
        return [
            read_record(path, Receipt, "receipt", todo, ArchiveError)
            for path in sorted(self._receipts_folder.glob("[0-9]*.json"))
        ]

    def _compare(self, candidates: pd.DataFrame, state: str, source: str) -> Additions:
        """Compare one state's candidates with the existing rows of their tracts and dates."""
        days = candidates["data_date"]
        since, through = to_date(int(days.min())), to_date(int(days.max()))
        counties = pd.unique(candidates["geoid"] // 10**6).tolist()
        is_small = len(counties) <= _MOST_COUNTIES
        codes = [f"{county:05d}" for county in counties] if is_small else [state]

        existing = join_versions(list(self.read_versions(codes, since, through)))
        if len(existing):
            existing = existing[np.isin(pair_keys(existing), pair_keys(candidates))]
        return find_additions(existing, candidates, source)

    def _write(self, files: dict[Path, bytes | str], receipt: Receipt) -> None:
        """Write segments and their receipt: all of them or none."""
        content = receipt.model_dump_json(indent=1).encode()
        digest = hashlib.sha256(content).hexdigest()[:12]
        name = f"{receipt.downloaded_at:%Y%m%dT%H%M%SZ}_{digest}.json"
        try:
            for folder in {path.parent for path in files} | {self._receipts_folder}:
                sweep_staged(folder)
            write_files({**files, self._receipts_folder / name: content})
        except OSError as error:
            reason = error.strerror or "the disk refused it"
            raise ArchiveError(
                f"The archive cannot be written: {reason} ({error.filename or self.folder}).",
                "Free some space or fix the permissions and run again. What the archive already"
                " holds is safe.",
            ) from error

    @property
    def _rates_folder(self) -> Path:
        return self.folder / "rates" / str(self.census_year)

    @property
    def _receipts_folder(self) -> Path:
        return self.folder / "receipts" / str(self.census_year)


def _count_replies(candidates: pd.DataFrame, marks: Flags) -> tuple[Reply, ...]:
    """Count new, known, and changed rows by download and data date."""
    columns = dict(zip(("new", "known", "changed"), marks, strict=True))
    counts = candidates[["downloaded_at", "data_date"]].assign(**columns)
    sums = counts.groupby(["downloaded_at", "data_date"], sort=True).sum()
    return tuple(
        Reply(
            downloaded_at=to_moment(moment),
            data_date=to_date(day),
            new=new,
            known=known,
            changed=changed,
        )
        for (moment, day), (new, known, changed) in zip(
            sums.index.tolist(), sums.to_numpy().tolist(), strict=True
        )
    )
