"""Train a season model on the archive.

The model is one JSON file of plain figures, like the shipped one
(:mod:`models.curves.season_model`). Nothing in it can run, and no version of a library can make it
unreadable.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from flows.steps.sources.season_choice import find_trained
from models.curves.season_file import save_season_model
from models.curves.season_model import SeasonModel
from models.training.calendar_2020 import EVENTS, FINAL, START
from models.training.fit import fit_season
from models.training.sample import FIT_DAYS
from outreach.archive import Archive
from outreach.errors import ModelError, NothingThere
from outreach.tables import ResponseRates, as_table

#: With fewer tracts, or fewer of the days that shapes are fitted on, the shipped model is better.
LEAST_TRACTS, LEAST_DAYS = 500, 10
#: Errors are measured on whole areas held out: on states if there are this many, or else on
#: counties, of which there must be at least three.
_STATES, _LEAST_AREAS = 5, 3
#: The archive must begin within this many days of the season's start, and reach within this many
#: days of the end of self-response.
_FIRST_DAYS, _END_DAYS = 7, 21
#: A date counts if this share of all tracts has a rate; a tract counts if it has a rate on this
#: share of these dates.
_MOST_TRACTS, _MOST_DATES = 0.5, 0.9


@dataclass(frozen=True)
class TrainedSeason:
    """A trained season model and its file.

    Attributes
    ----------
    season
        The fitted model. Its provenance has dates, areas, versions, and errors.
    path
        Its file.
    notes
        What was left out and why.
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
) -> TrainedSeason:
    """Train a season model on all archived tracts, and replace an earlier model of that year.

    Parameters
    ----------
    archive
        The ledger of the census to learn from.
    home
        The service's folder; the season is kept in ``seasons/`` there.
    final
        Data date of the final rates; by default the last one up to the end of self-response.
    leave_out
        Two-digit codes of states not to learn from.
    members, hidden
        Size of the fit: see :func:`models.training.fit.fit_season`.
    progress
        Called with how many networks are fitted and how many there will be.

    Raises
    ------
    NothingThere
        The archive has no rates, or no rates of a state to leave out.
    ModelError
        There are too few tracts, areas, or days, or the first or last days are not archived. The
        message says which.
    """
    start, year = START.replace(year=archive.census_year), archive.census_year
    rates = _read_rates(archive, leave_out, start, final or FINAL.replace(year=year))
    dates, final_date = _choose_dates(rates, start, final)
    rates, notes = _keep_complete(rates, dates, start, final_date)

    # Hold out whole states to measure errors, or counties if there are few states.
    codes = rates.index.unique()
    by_state = codes.str[:2].nunique() >= _STATES
    areas = codes.str[: 2 if by_state else 5].nunique()
    if len(codes) < LEAST_TRACTS or areas < _LEAST_AREAS:
        raise ModelError(
            f"The archive of {year} has {len(codes):,} tracts with a complete season in {areas}"
            f" {'states' if by_state else 'counties'}; training needs at least {LEAST_TRACTS}"
            f" tracts in {_LEAST_AREAS} counties.",
            "Import other counties with 'outreach archive import'. Until then, runs use the shipped"
            " season model.",
        )
    fit = fit_season(
        as_table(rates, ResponseRates),
        name=str(year),
        start=start,
        final=final_date,
        area="state" if by_state else "county",
        folds=min(5, areas),
        members=members,
        hidden=hidden,
        events=EVENTS if year == START.year else (),
        progress=progress,
    )

    # Record where the model comes from, and replace the file in one step.
    provenance = dict(fit.model.provenance) | {
        "origin": "trained from this service's archive",
        "left_out_states": sorted(set(leave_out)),
    }
    season = replace(fit.model, provenance=provenance)
    path = find_trained(home) / f"{year}.json"
    save_season_model(season, path)
    return TrainedSeason(season, path, notes)


def _read_rates(
    archive: Archive, leave_out: Sequence[str], start: dt.date, through: dt.date
) -> pd.DataFrame:
    """Read the rates of all archived states that are not left out, state by state."""
    states = {segment.state for segment in archive.find_segments()}
    unknown = sorted(set(leave_out) - states)
    if states and unknown:
        raise NothingThere(
            f"The archive of {archive.census_year} has no rates of state {unknown[0]}, so it cannot"
            " be left out.",
            f"Use two-digit codes. The archive has {', '.join(sorted(states))}.",
        )
    columns = ["data_date", "cumulative_share", "internet_share"]
    parts = [
        archive.read([state], since=start, through=through)[columns]
        for state in sorted(states - set(leave_out))
    ]
    rates = pd.concat(parts) if parts else pd.DataFrame()
    if rates.empty:
        raise NothingThere(
            f"The archive has no rates of the season {archive.census_year} to train on.",
            "Import them with 'outreach archive import'.",
        )
    return rates


def _choose_dates(
    rates: pd.DataFrame, start: dt.date, final: dt.date | None
) -> tuple[pd.DatetimeIndex, dt.date]:
    """Return the dates on which most tracts have a rate, and the final one.

    Raises
    ------
    ModelError
        The dates do not cover a season.
    """
    year = start.year
    per_date = rates.groupby("data_date").size()
    dates = pd.DatetimeIndex(per_date.index[per_date >= _MOST_TRACTS * rates.index.nunique()])
    if dates.empty:
        raise ModelError(
            f"The archive of {year} has no date on which half of its tracts have a rate.",
            "Import complete days with 'outreach archive import'.",
        )
    final_date, end = final or dates[-1].date(), FINAL.replace(year=year)
    if pd.Timestamp(final_date) not in dates:
        raise ModelError(
            f"The archive of {year} has no rates of most tracts on {final_date}.",
            f"The last day it has is {dates[-1].date()}.",
        )
    if final is None and final_date < end - dt.timedelta(days=_END_DAYS):
        raise ModelError(
            f"The archive of {year} ends on {final_date}, before self-response ended on {end}.",
            "Import later days with 'outreach archive import', or name the final day with --final.",
        )
    fitted = [
        day
        for day in _count_days(dates, start)
        if day in FIT_DAYS and day < (final_date - start).days
    ]
    if (dates[0].date() - start).days > _FIRST_DAYS or len(fitted) < LEAST_DAYS:
        raise ModelError(
            f"The archive of {year} begins on {dates[0].date()} and has {len(fitted)} of the"
            f" {len(FIT_DAYS)} days that a season is fitted on. Training needs the first week and"
            f" at least {LEAST_DAYS} of these days.",
            "Import the missing days with 'outreach archive import'; 'outreach archive status'"
            " lists them.",
        )
    return dates, final_date


def _keep_complete(
    rates: pd.DataFrame, dates: pd.DatetimeIndex, start: dt.date, final_date: dt.date
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Keep the tracts with a rate on most of the dates and on the final one.

    Returns
    -------
    rates : DataFrame
        The rates of these tracts.
    notes : tuple of str
        The days and tracts that are missing.
    """
    total = rates.index.nunique()
    rates = rates[rates["data_date"].isin(dates) & rates["cumulative_share"].notna()]
    rated = rates.groupby(level=0).size()
    ends = rates.index[rates["data_date"] == pd.Timestamp(final_date)]
    complete = rated.index[(rated >= _MOST_DATES * len(dates)) & rated.index.isin(ends)]
    days = [day for day in FIT_DAYS if day < (final_date - start).days]
    missing = sorted(set(days) - set(_count_days(dates, start)))
    notes = []
    if missing:
        notes.append(
            f"{len(missing)} of the {len(days)} days that a season is fitted on are not archived."
        )
    if len(complete) < total:
        notes.append(
            f"{total - len(complete):,} of {total:,} tracts are left out: they have no rate on"
            f" {final_date}, or none on more than a tenth of the days."
        )
    return rates[rates.index.isin(complete)], tuple(notes)


def _count_days(dates: pd.DatetimeIndex, start: dt.date) -> list[int]:
    """Return the days elapsed since the start."""
    return [(date.date() - start).days for date in dates]
