"""The publication ledger: every published snapshot of the self-response rates, keyed by data date, for ever.

A folder of immutable segments (``rates/``) and of receipts, one small JSON file an intake
(``receipts/``). Nothing is ever rewritten or deleted, so writers need no lock: two that bring the
same rows at the same moment leave them twice, and readers take them once.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from pydantic import ValidationError

from outreach import tables
from outreach.archive.receipt import Receipt, Reply
from outreach.archive.segment import Segment, find_segments, keep_files, pack_segment
from outreach.archive.versions import (
    COLUMNS,
    Sorted,
    choose,
    from_rates,
    pair_keys,
    sort_out,
    to_date,
    to_moment,
    to_rates,
)
from outreach.campaign import Area
from outreach.errors import ArchiveError, DataError

#: Digits of the FIPS code of a state, a county (state and county) and a tract.
_STATE, _COUNTY, _TRACT = 2, 5, 11

#: Up to so many counties are looked up one by one; a state's segments are read whole beyond.
_FEW_COUNTIES = 3


@dataclass(frozen=True, slots=True)
class Archive:
    """The ledger of one census.

    Parameters
    ----------
    folder
        Where it stands; made by the first write.
    census_year
        The census whose rates these are.
    """

    folder: Path
    census_year: int = 2020

    def append(self, rates: pd.DataFrame, source: str, downloaded_at: dt.datetime) -> Receipt:
        """Keep what a download adds.

        Rows already known with the same figures change nothing. Different figures for a known tract
        and date are kept beside the first and reported as changed. Bring old downloads in before
        newer ones: a late one is lined up by its download time.

        Parameters
        ----------
        rates
            :class:`outreach.tables.ResponseRates`.
        source
            Where they come from: an address without key, or a file's name.
        downloaded_at
            When the service was asked; without a time zone it is taken as UTC.

        Raises
        ------
        ArchiveError
            The folder cannot be written or holds a damaged segment.
        DataError
            The rates break their declaration, or there are none.
        """
        checked = tables.check(rates, tables.ResponseRates, source)
        return self.record(from_rates(checked, downloaded_at), source)

    def record(self, offered: pd.DataFrame, source: str, *, left_out: int = 0) -> Receipt:
        """Keep what versions (see ``outreach.archive.versions``) of any number of downloads and states add; as :meth:`append`.

        ``left_out`` counts the source's rows that are no tracts, for the receipt.
        """
        if offered.empty:
            raise DataError(f"{source} holds no rates.", "There is nothing to keep.")
        files: dict[Path, bytes] = {}
        marks = np.zeros((3, len(offered)), bool)
        states = offered["geoid"].to_numpy() // 10**9
        for state in np.unique(states):
            rows = np.flatnonzero(states == state)
            found = self._sort_out(
                offered.iloc[rows].reset_index(drop=True), f"{state:02d}", source
            )
            marks[:, rows] = (found.new, found.known, found.changed)
            if not found.kept.empty:
                name, data = pack_segment(found.kept, source)
                files[self._rates_folder / name] = data
        receipt = Receipt(
            source=source,
            replies=_tally(offered, marks),
            counties=tuple(
                f"{county:05d}"
                for county in np.unique(offered["geoid"].to_numpy() // 10**6).tolist()
            ),
            segments=tuple(path.relative_to(self.folder).as_posix() for path in files),
            left_out=left_out,
        )
        text = receipt.model_dump_json(indent=1).encode()
        when = f"{receipt.downloaded_at:%Y%m%dT%H%M%SZ}_{hashlib.sha256(text).hexdigest()[:12]}"
        keep_files({**files, self._receipts_folder / f"{when}.json": text})
        return receipt

    def read(
        self,
        areas: Iterable[Area | str] = (),
        *,
        on: dt.date | None = None,
        since: dt.date | None = None,
        through: dt.date | None = None,
        as_first_published: bool = False,
    ) -> pd.DataFrame:
        """Return the rates of some areas on some dates.

        Parameters
        ----------
        areas
            Areas, or FIPS codes of states (2 digits), counties (5) or tracts (11); all that is held
            without any. A place is read as its county or state.
        on
            One data date.
        since, through
            First and last data date.
        as_first_published
            Where figures of a date changed later, return the first ones instead of those of the
            latest download.

        Returns
        -------
        pandas.DataFrame
            :class:`outreach.tables.ResponseRates`, ordered by tract and date; no rows if the ledger
            has none.
        """
        since, through = (on, on) if on else (since, through)
        parts = [
            choose(part, first=as_first_published)
            for part in self.read_versions(areas, since, through)
        ]
        return to_rates(_concat(parts))

    def read_versions(
        self,
        areas: Iterable[Area | str] = (),
        since: dt.date | None = None,
        through: dt.date | None = None,
    ) -> Iterator[pd.DataFrame]:
        """Yield state by state every version that is held (see ``outreach.archive.versions``), as read from the segments."""
        scope = _spell_scope(areas)
        for state in sorted(scope) or [
            folder.name[-2:] for folder in sorted(self._rates_folder.glob("state=*"))
        ]:
            condition = _spell_condition(scope.get(state, ()), since, through)
            yield _concat(
                [segment.read(condition) for segment in self.find_segments(since, through, state)]
            )

    def find_segments(
        self, since: dt.date | None = None, through: dt.date | None = None, state: str = "*"
    ) -> list[Segment]:
        """Return the segments of one state or all that may hold dates of a period: what stands behind a figure, for manifests."""
        return [
            segment
            for segment in find_segments(self._rates_folder, state)
            if (since is None or segment.last >= since)
            and (through is None or segment.first <= through)
        ]

    def data_dates(self, areas: Iterable[Area | str] = ()) -> list[dt.date]:
        """Return the data dates on which any tract of the areas has a rate, in order."""
        days = {
            day
            for part in self.read_versions(areas)
            for day in pd.unique(part["data_date"]).tolist()
        }
        return [to_date(day) for day in sorted(days)]

    def latest_date(
        self, areas: Iterable[Area | str] = (), through: dt.date | None = None
    ) -> dt.date | None:
        """Return the last data date held for the areas, not later than ``through``; ``None`` if there is none."""
        return max(
            (date for date in self.data_dates(areas) if through is None or date <= through),
            default=None,
        )

    def receipts(self) -> list[Receipt]:
        """Return the receipt of every intake, in the order of their downloads.

        Raises
        ------
        ArchiveError
            A receipt cannot be read.
        """
        found = []
        for path in sorted(self._receipts_folder.glob("[0-9]*.json")):
            reason = ""
            try:
                found.append(Receipt.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError) as error:
                reason = type(error).__name__
            if reason:
                raise ArchiveError(
                    f"The receipt {path} cannot be read ({reason}).",
                    "Restore it from a backup or delete it.",
                )
        return found

    def _sort_out(self, offered: pd.DataFrame, state: str, source: str) -> Sorted:
        """Compare one state's offered rows with what is stored for their tracts and dates."""
        since, through = (
            to_date(int(day)) for day in (offered["data_date"].min(), offered["data_date"].max())
        )
        counties = pd.unique(offered["geoid"] // 10**6).tolist()
        areas = (
            [f"{county:05d}" for county in counties] if len(counties) <= _FEW_COUNTIES else [state]
        )
        stored = _concat(list(self.read_versions(areas, since, through)))
        stored = stored[np.isin(pair_keys(stored), pair_keys(offered))] if len(stored) else stored
        return sort_out(stored, offered, source)

    @property
    def _rates_folder(self) -> Path:
        return self.folder / "rates" / str(self.census_year)

    @property
    def _receipts_folder(self) -> Path:
        return self.folder / "receipts" / str(self.census_year)


def _tally(offered: pd.DataFrame, marks: np.ndarray) -> tuple[Reply, ...]:
    """Count new, known and changed rows by download and data date."""
    counts = pd.DataFrame(
        {
            "downloaded_at": offered["downloaded_at"],
            "data_date": offered["data_date"],
            **dict(zip(("new", "known", "changed"), marks, strict=True)),
        }
    )
    summed = counts.groupby(["downloaded_at", "data_date"], sort=True).sum()
    return tuple(
        Reply(
            downloaded_at=to_moment(seen),
            data_date=to_date(day),
            new=new,
            known=known,
            changed=changed,
        )
        for (seen, day), (new, known, changed) in zip(
            summed.index.tolist(), summed.to_numpy().tolist(), strict=True
        )
    )


def _concat(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put versions together; an empty frame with the right columns if there are none."""
    filled = [part for part in parts if len(part)]
    if filled:
        return filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)
    kinds = ("int64", "int32", "int64", *["float64"] * 4)
    return pd.DataFrame(
        {name: pd.Series(dtype=kind) for name, kind in zip(COLUMNS, kinds, strict=True)}
    )


def _spell_scope(areas: Iterable[Area | str]) -> dict[str, tuple[str, ...]]:
    """Return by state the codes asked for; no states at all means everything."""
    codes: list[str] = []
    for area in areas:
        if isinstance(area, Area):
            codes += area.tracts or (area.state + (area.county or ""),)
        else:
            codes.append(area)
    scope: dict[str, tuple[str, ...]] = {}
    for code in codes:
        if not (code.isascii() and code.isdigit() and len(code) in {_STATE, _COUNTY, _TRACT}):
            raise ArchiveError(
                f"'{code}' is no FIPS code of a state (2 digits), county (5) or tract (11).",
                "Check the area.",
            )
        scope[code[:2]] = (*scope.get(code[:2], ()), code)
    return scope


def _spell_condition(
    codes: tuple[str, ...], since: dt.date | None, through: dt.date | None
) -> pc.Expression | None:
    """Say one state's codes and a period as a condition that Parquet's own statistics can answer; no codes mean the whole state."""
    conditions = []
    if codes and min(map(len, codes)) > _STATE:
        tracts = [code for code in codes if len(code) == _TRACT]
        geoid = pc.field("geoid")
        places = [
            (geoid >= code) & (geoid <= f"{code}999999") for code in codes if len(code) == _COUNTY
        ]
        conditions.append(reduce(or_, [*places, geoid.isin(tracts)] if tracts else places))
    if since is not None:
        conditions.append(pc.field("data_date") >= since)
    if through is not None:
        conditions.append(pc.field("data_date") <= through)
    return reduce(and_, conditions) if conditions else None
