"""Training: from an archived season to fitted parameters in the service's folder, and which season a run rests on.

What is trained has the form of what ships, plain figures in one JSON file
(:mod:`models.curves.season_model`): nothing in it can run, and no library's version can make it
unreadable.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from flows.steps.season_choice import find_trained
from models.curves.season_file import save_season_model
from models.curves.season_model import SeasonModel
from models.training.calendar_2020 import EVENTS, FINAL, START
from models.training.fit import fit_season
from models.training.sample import FIT_DAYS
from outreach.archive import Archive
from outreach.errors import ModelError, NothingThere
from outreach.tables import ResponseRates, as_table

#: Fewer tracts than this, or fewer days of those that shapes are read on, teach nothing that the
#: shipped season does not know better.
LEAST_TRACTS, LEAST_DAYS = 500, 10
#: Errors are measured on whole areas left out: states where there are so many, else counties, of
#: which it takes at least three.
_STATES, _LEAST_AREAS = 5, 3
#: A season is read from its first days, and its end counts as reached so many days before
#: self-response ended.
_FIRST_DAYS, _END_DAYS = 7, 21
#: A date counts where so many tracts were rated, and a tract where it was rated on so many of these
#: dates.
_MOST_TRACTS, _MOST_DATES = 0.5, 0.9


@dataclass(frozen=True)
class Trained:
    """A season that was trained and where it is kept.

    Attributes
    ----------
    season
        The fitted season; its provenance tells dates, areas, versions and errors.
    path
        Its file.
    notes
        What was left out and why, in sentences.
    """

    season: SeasonModel
    path: Path
    notes: tuple[str, ...]


def train_season(
    archive: Archive,
    home: Path,
    *,
    final: dt.date | None = None,
    leave_out: Sequence[str] = (),
    members: int = 4,
    hidden: tuple[int, ...] = (32, 16),
    progress: Callable[[int, int], None] | None = None,
) -> Trained:
    """Train a season on all tracts that an archive holds, and keep it in place of one that was trained for that year before.

    Parameters
    ----------
    archive
        The ledger of the census to learn from.
    home
        The service's folder; the season is kept in ``seasons/`` there.
    final
        Data date whose rates count as final; the last one until the end of self-response where not
        given.
    leave_out
        States, two digits, that shall not be learned from.
    members, hidden
        Size of the fit: see :func:`models.training.fit.fit_season`.
    progress
        Told how many networks are fitted and how many there will be.

    Raises
    ------
    NothingThere
        The archive holds no rates, or nothing of a state that shall be left out.
    ModelError
        Too few tracts, areas or days; the first days or the end are not archived. The message says
        which.
    """
    start, year = START.replace(year=archive.census_year), archive.census_year
    rates = _read_rates(archive, leave_out, start, final or FINAL.replace(year=year))
    dates, ended = _choose_dates(rates, start, final)
    rates, notes = _keep_whole(rates, dates, start, ended)
    codes = rates.index.unique()
    by_state = codes.str[:2].nunique() >= _STATES
    areas = codes.str[: 2 if by_state else 5].nunique()
    if len(codes) < LEAST_TRACTS or areas < _LEAST_AREAS:
        raise ModelError(
            f"The archive of {year} has {len(codes):,} tracts with a whole season in {areas} {'states' if by_state else 'counties'}; training takes"
            f" {LEAST_TRACTS} tracts in {_LEAST_AREAS} counties at least.",
            "Bring in other counties with 'outreach archive import'; until then runs use the shipped season.",
        )
    fitted = fit_season(
        as_table(rates, ResponseRates), name=str(year), start=start, final=ended, area="state" if by_state else "county", folds=min(5, areas), members=members,
        hidden=hidden, events=EVENTS if year == START.year else (), progress=progress,
    )  # fmt: skip
    told = {
        "origin": "trained from this service's archive",
        "left_out_states": sorted(set(leave_out)),
    }
    season = replace(fitted.model, provenance=dict(fitted.model.provenance) | told)
    path = find_trained(home) / f"{year}.json"
    save_season_model(season, path)
    return Trained(season, path, notes)


def _read_rates(
    archive: Archive, leave_out: Sequence[str], start: dt.date, through: dt.date
) -> pd.DataFrame:
    """Read the rates of all archived states that are not left out, state by state."""
    held = {segment.state for segment in archive.find_segments()}
    strangers = sorted(set(leave_out) - held)
    if held and strangers:
        raise NothingThere(
            f"The archive of {archive.census_year} holds nothing of state {strangers[0]}, so it cannot be left out.",
            f"Name states by two digits; held are {', '.join(sorted(held))}.",
        )
    columns = ["data_date", "cumulative_share", "internet_share"]
    parts = [
        archive.read([state], since=start, through=through)[columns]
        for state in sorted(held - set(leave_out))
    ]
    rates = pd.concat(parts) if parts else pd.DataFrame()
    if rates.empty:
        raise NothingThere(
            f"The archive holds no rates of the season {archive.census_year} to train on.",
            "Bring them in with 'outreach archive import'.",
        )
    return rates


def _choose_dates(
    rates: pd.DataFrame, start: dt.date, final: dt.date | None
) -> tuple[pd.DatetimeIndex, dt.date]:
    """Return the dates on which most tracts were rated and the one that counts as final, if a season can be read on them."""
    year = start.year
    per_date = rates.groupby("data_date").size()
    dates = pd.DatetimeIndex(per_date.index[per_date >= _MOST_TRACTS * rates.index.nunique()])
    if dates.empty:
        raise ModelError(
            f"The archive of {year} has no date on which half of its tracts were rated.",
            "Bring in whole days with 'outreach archive import'.",
        )
    ended, end = final or dates[-1].date(), FINAL.replace(year=year)
    if pd.Timestamp(ended) not in dates:
        raise ModelError(
            f"The archive of {year} has no rates of most tracts on {ended}.",
            f"The last day it has is {dates[-1].date()}.",
        )
    if final is None and ended < end - dt.timedelta(days=_END_DAYS):
        raise ModelError(
            f"The archive of {year} ends on {ended}, before self-response ended on {end}.",
            "Bring in later days with 'outreach archive import', or name the day that shall count as final with --final.",
        )
    read = [
        day for day in _count_days(dates, start) if day in FIT_DAYS and day < (ended - start).days
    ]
    if (dates[0].date() - start).days > _FIRST_DAYS or len(read) < LEAST_DAYS:
        raise ModelError(
            f"The archive of {year} begins on {dates[0].date()} and has {len(read)} of the {len(FIT_DAYS)} days that a season is read on;"
            f" it takes the first week and {LEAST_DAYS} of these days at least.",
            "Bring in the missing days with 'outreach archive import'; 'outreach archive status' names them.",
        )
    return dates, ended


def _keep_whole(
    rates: pd.DataFrame, dates: pd.DatetimeIndex, start: dt.date, ended: dt.date
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Keep the tracts that were rated on most of the dates and on the final one, and say what is lacking."""
    offered = rates.index.nunique()
    rates = rates[rates["data_date"].isin(dates) & rates["cumulative_share"].notna()]
    rated = rates.groupby(level=0).size()
    ends = rates.index[rates["data_date"] == pd.Timestamp(ended)]
    whole = rated.index[(rated >= _MOST_DATES * len(dates)) & rated.index.isin(ends)]
    wanted = [day for day in FIT_DAYS if day < (ended - start).days]
    absent = sorted(set(wanted) - set(_count_days(dates, start)))
    notes = []
    if absent:
        notes.append(
            f"{len(absent)} of the {len(wanted)} days that a season is read on are not archived."
        )
    if len(whole) < offered:
        notes.append(
            f"{offered - len(whole):,} of {offered:,} tracts are not learned from: no rate on {ended}, or none on more than a tenth of the days."
        )
    return rates[rates.index.isin(whole)], tuple(notes)


def _count_days(dates: pd.DatetimeIndex, start: dt.date) -> list[int]:
    """Return elapsed days."""
    return [(date.date() - start).days for date in dates]
