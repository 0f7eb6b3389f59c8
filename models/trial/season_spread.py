"""Say how far units scatter around their expected growth, week by week of a season.

What a test can detect hangs on that scatter, and the scatter of one month says little of the next:
it falls by a factor of six from April to June, and doubles when visits at home begin. The shipped
file ``seasons/2020.json`` was fitted by :func:`models.training.spread_fit.fit_season_spread` on the
Census Bureau's rates of 2020 (API ``2020/dec/responserate``). It contains no rate of any tract.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.files import describe_damage, write_file

#: Folder of the files that ship with the service.
SEASONS = Path(__file__).parent / "seasons"
#: Units that scatter alike: tracts, and larger ones, such as ZIPs, of about fifteen tracts.
KINDS = ("tract", "group")
#: The file format that this version reads and writes.
FORMAT = 1
#: Limits of what rounded rates can tell, and of an area's own departure (log of a factor).
_LEAST_SPREAD, _MOST_DEPARTURE = 1e-5, 1.0
#: Days over which the pace before a window is measured, and least units to measure a spread.
_PACE_DAYS, _LEAST_UNITS, _WEEK = 14, 8, 7
_DECIMALS = 3


@dataclass(frozen=True)
class SeasonSpread:
    """How far units scattered in a season, by start and length of a window.

    Attributes
    ----------
    name, start
        The season, and its day 0.
    days, weeks
        First days of windows, elapsed since ``start``, and their lengths; ascending.
    log_spread
        By kind, shape (weeks, days): log of the standard deviation of the change in rate (0-1) that
        rate and pace do not explain, in the median county; missing beyond the end of the season.
    log_miss
        By kind, same shape: what 80% of the counties missed :meth:`foresee` by at most, either way,
        with their own state left out.
    persistence
        By kind: which part of its departure an area keeps from a window to the next.
    provenance
        Data dates, numbers of counties, method.
    """

    name: str
    start: dt.date
    days: Floats
    weeks: Floats
    log_spread: Mapping[str, Floats]
    log_miss: Mapping[str, Floats]
    persistence: Mapping[str, float]
    provenance: Mapping[str, Any]

    def move(self, year: int) -> Self:
        """Move the calendar to another year, starting on the same date of the year."""
        return replace(self, start=self.start.replace(year=year))

    def expect(self, kind: str, first: dt.date, last: dt.date) -> float:
        """Return the log of the spread between two dates; missing where the season has none."""
        return self._look_up(self.log_spread[kind], first, last)

    def expect_miss(self, kind: str, first: dt.date, last: dt.date) -> float:
        """Return the log of the factor that 80% of areas stay within; missing likewise."""
        return self._look_up(self.log_miss[kind], first, last)

    def foresee(
        self,
        kind: str,
        past: tuple[dt.date, dt.date],
        past_log_spread: float,
        flight: tuple[dt.date, dt.date],
    ) -> float:
        """Foresee the log of an area's spread in a flight from that of a window before.

        Parameters
        ----------
        kind
            One of :data:`KINDS`.
        past, flight
            First and last day of each.
        past_log_spread
            What :func:`measure_log_spread` found in the past window.

        Returns
        -------
        float
            Missing where the season does not cover both.
        """
        departure = past_log_spread - self.expect(kind, *past)
        kept = self.persistence[kind] * np.clip(departure, -_MOST_DEPARTURE, _MOST_DEPARTURE)
        return float(self.expect(kind, *flight) + kept)

    def _look_up(self, table: Floats, first: dt.date, last: dt.date) -> float:
        """Interpolate between starts, then between lengths; the longest length stands for more."""
        day, weeks = (first - self.start).days, (last - first).days / _WEEK
        if not self.days[0] <= day <= self.days[-1]:
            return float("nan")
        by_length = np.array([np.interp(day, self.days, row) for row in table])
        known = np.isfinite(by_length)
        if not known.any() or weeks > self.weeks[known][-1] + 1:
            return float("nan")
        return float(np.interp(weeks, self.weeks[known], by_length[known]))


def measure_log_spread(history: pd.DataFrame, first: dt.date, last: dt.date) -> float:
    """Measure how far units scatter between two dates around what rate and pace let expect.

    Parameters
    ----------
    history
        Cumulative response share (0-1): a row per unit, a column per data date, rising.
    first, last
        The window; a day without data counts as the data date before.

    Returns
    -------
    float
        Log of the standard deviation; missing with fewer than 8 units or no rate before ``first``.
    """
    dates = pd.DatetimeIndex(history.columns)
    start, end = (int(dates.searchsorted(pd.Timestamp(day), "right")) - 1 for day in (first, last))
    if start < 0 or end <= start or len(history) < _LEAST_UNITS:
        return float("nan")
    earliest = dates[start] - pd.Timedelta(days=_PACE_DAYS)
    before = max(0, int(dates.searchsorted(earliest, "right")) - 1)

    rates = history.to_numpy(float)
    columns = [np.ones(len(rates)), rates[:, start]]
    if before < start:
        columns.append(rates[:, start] - rates[:, before])
    known, change = np.column_stack(columns), rates[:, end] - rates[:, start]
    rest = change - known @ np.linalg.lstsq(known, change, rcond=None)[0]
    return float(np.log(max(float(rest.std()), _LEAST_SPREAD)))


def save_season_spread(spread: SeasonSpread, path: Path) -> None:
    """Write a season's spread as JSON."""
    stored = {
        "format": FORMAT,
        "name": spread.name,
        "start": spread.start.isoformat(),
        "days": spread.days.tolist(),
        "weeks": spread.weeks.tolist(),
        "log_spread": {kind: _store_table(table) for kind, table in spread.log_spread.items()},
        "log_miss": {kind: _store_table(table) for kind, table in spread.log_miss.items()},
        "persistence": {kind: round(part, 2) for kind, part in spread.persistence.items()},
        "provenance": dict(spread.provenance),
    }
    write_file(path, json.dumps(stored, separators=(",", ":")) + "\n")


def load_season_spread(season: str | Path = "2020") -> SeasonSpread:
    """Read a season's spread.

    Parameters
    ----------
    season
        Name of a shipped one, or the path of a file written by :func:`save_season_spread`.

    Raises
    ------
    ModelError
        There is no such file, or it does not hold a season's spread.
    """
    path = season if isinstance(season, Path) else SEASONS / f"{season}.json"
    todo = "Use the one that ships with the service."
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"The spread of a season cannot be read from {path}.", todo) from error
    try:
        stored = json.loads(content)
        if stored["format"] != FORMAT:
            raise ModelError(f"The file {path} has format {stored['format']}, not {FORMAT}.", todo)
        return SeasonSpread(
            name=str(stored["name"]),
            start=dt.date.fromisoformat(stored["start"]),
            days=np.array(stored["days"], dtype=float),
            weeks=np.array(stored["weeks"], dtype=float),
            log_spread={kind: np.array(stored["log_spread"][kind], dtype=float) for kind in KINDS},
            log_miss={kind: np.array(stored["log_miss"][kind], dtype=float) for kind in KINDS},
            persistence={kind: float(stored["persistence"][kind]) for kind in KINDS},
            provenance=stored["provenance"],
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The file {path} does not hold the spread of a season: {describe_damage(content)}.",
            todo,
        ) from error


def _store_table(table: Floats) -> list[list[float | None]]:
    """Return a table as JSON keeps it, missing figures as null."""
    return [
        [None if np.isnan(value) else round(float(value), _DECIMALS) for value in row]
        for row in table
    ]
