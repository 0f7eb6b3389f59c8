"""Replay a real season: answer as the servers did on a day of 2020.

The rates come from any folder of published rates (:mod:`outreach.sandbox.replay.published`). With
the folder of real 2020 data, Cook County's predictors
(:mod:`outreach.sandbox.replay.predictors`) and the boundary files
(:mod:`outreach.sandbox.replay.shapes`) are served too. Figures that no source has are not made up:
rates of counties and states, and the final rates of 2010, are datasets without rows.
"""

import datetime as dt
from pathlib import Path
from threading import RLock

import pandas as pd

from outreach.errors import ArchiveError
from outreach.sandbox.replay.gazetteer import name_tracts
from outreach.sandbox.replay.predictors import (
    PREDICTORS,
    read_predictors,
    serve_acs,
    serve_planning_database,
)
from outreach.sandbox.replay.published import RATES, find_rate_files, read_published
from outreach.sandbox.replay.shapes import build_file
from outreach.sandbox.world import ServedDataset

_GEOGRAPHY = ("state", "county", "tract")

#: Figures of the API for larger areas; empty for a tract.
_SUMMARIES = (
    *("CAVG", "CINTAVG", "CINTMAX", "CINTMED", "CINTMIN", "CMAX", "CMED", "CMIN"),
    *("DAVG", "DINTAVG", "DINTMAX", "DINTMED", "DINTMIN", "DMAX", "DMED", "DMIN"),
)

_LABELS = {
    "GEO_ID": "Combined codes for the reference geography",
    "NAME": "Geographic area name",
    "SUMLEVEL": "Summary Level code",
    "GEOCOMP": "GEO_ID Component",
    "RESP_DATE": (
        "Most recent data cutoff for responses received, point in time response rates are"
        " calculated for"
    ),
    "CRRALL": "Cumulative Self-Response Rate - Overall",
    "CRRINT": "Cumulative Self-Response Rate - Internet",
    "DRRALL": "Daily Self-Response Rate - Overall",
    "DRRINT": "Daily Self-Response Rate - Internet",
    **dict.fromkeys(_SUMMARIES, "Figure of a larger area, empty for a tract"),
}


class ReplayedSeason:
    """One day of a real season.

    Parameters
    ----------
    rates
        Folder of Parquet files with the published rates, searched with its subfolders.
    today
        The day to answer for. Every county gives its newest snapshot up to that day, or what a
        recorded request on that day got.
    data
        Folder of real 2020 data (``predictors/``, ``tracts/``, ``relationship/``, ``boundaries/``).
        By default ``rates``, if it is such a folder; otherwise only rates are served.

    Raises
    ------
    ArchiveError
        ``rates`` has no published rates, or ``data`` is not such a folder.

    Notes
    -----
    Each answer is read on the first request and kept. Threads may share it.
    """

    def __init__(self, rates: Path, today: dt.date, data: Path | None = None) -> None:
        if data is None and (rates / PREDICTORS).is_file():
            data = rates
        if data is not None and not (data / PREDICTORS).is_file():
            raise ArchiveError(
                f"{data} is not a folder of real 2020 data: it has no {PREDICTORS.as_posix()}.",
                "Name the folder with predictors/, tracts/, relationship/, and boundaries/, or"
                " leave it out.",
            )
        self._files, self._today, self._data = find_rate_files(rates), today, data
        self._datasets: dict[tuple[int, str], ServedDataset | None] = {}
        self._zips: dict[str, bytes | None] = {}
        self._lock = RLock()

    def dataset(self, vintage: int, path: str) -> ServedDataset | None:
        """Return the dataset at ``/data/{vintage}/{path}``, or ``None`` for a 404."""
        with self._lock:
            if (vintage, path) not in self._datasets:
                self._datasets[vintage, path] = self._build_dataset(vintage, path)
            return self._datasets[vintage, path]

    def file(self, path: str) -> bytes | None:
        """Return the file at a path of the server, or ``None`` if the data has no source for it."""
        if self._data is None:
            return None
        with self._lock:
            if path not in self._zips:
                self._zips[path] = build_file(self._data, path)
            return self._zips[path]

    def describe(self) -> str:
        """Say in one line what is served: place, dates, source."""
        rates = self.dataset(2020, "dec/responserate")
        dates = rates.rows["tract"]["RESP_DATE"] if rates else pd.Series(dtype=str)
        if dates.empty:
            return f"Replay of {self._today}: nothing was published yet."
        span = dates.max() if dates.min() == dates.max() else f"{dates.min()} to {dates.max()}"
        more = ", with Cook County's predictors and boundaries" if self._data else ""
        return f"Replay of {self._today}: {len(dates):,} tracts, data date {span}{more}."

    def _build_dataset(self, vintage: int, path: str) -> ServedDataset | None:
        """Read a dataset from its source."""
        match (vintage, path):
            case (2020, "dec/responserate"):
                return _serve_rates(read_published(self._files, self._today))
            case (2010, "dec/responserate"):
                columns = ["GEO_ID", "NAME", "FSRR2010", *_GEOGRAPHY]
                labels = {name: _LABELS[name] for name in columns[:2]} | {
                    "FSRR2010": "Final Self-Response Rate, 2010"
                }
                return ServedDataset(_without_rows(columns), labels)
            case (2018, "acs/acs5") if self._data is not None:
                return serve_acs(read_predictors(self._data))
            case (2020, "pdb/tract") if self._data is not None:
                return serve_planning_database(read_predictors(self._data))
        return None


def _serve_rates(rates: pd.DataFrame) -> ServedDataset:
    """Return the rates as the API does: text with one decimal.

    ``NAME`` is missing if the county's name is unknown.
    """
    geoid = rates["geoid"]
    rows = pd.DataFrame(
        {
            "GEO_ID": "1400000US" + geoid,
            "NAME": name_tracts(geoid),
            "SUMLEVEL": "140",
            "GEOCOMP": "00",
            "RESP_DATE": rates["data_date"].dt.strftime("%Y-%m-%d"),
            **{name: rates[name].map("{:.1f}".format, na_action="ignore") for name in RATES},
            **dict.fromkeys(_SUMMARIES),
            "state": geoid.str[:2],
            "county": geoid.str[2:5],
            "tract": geoid.str[5:],
        }
    ).astype(object)
    rows = rows.where(rows.notna(), None)
    return ServedDataset(_without_rows(list(rows.columns)) | {"tract": rows}, _LABELS)


def _without_rows(columns: list[str]) -> dict[str, pd.DataFrame]:
    """Return the geography levels that the service has and the archive does not."""
    figures = [name for name in columns if name not in _GEOGRAPHY]
    return {
        level: pd.DataFrame(columns=[*figures, *_GEOGRAPHY[: depth + 1]], dtype=object)
        for depth, level in enumerate(_GEOGRAPHY)
    }
