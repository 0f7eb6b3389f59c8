"""The back-test flow: from an archived season to one page and the tables behind it. It needs no Prefect server."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from models.curves.season_file import load_season_model
from models.curves.season_model import SeasonModel
from models.evaluation.backtest import DAYS, Backtest, replay_season
from outreach.archive import Archive
from outreach.campaign import Area
from outreach.errors import NothingThere
from outreach.reports.data.backtest import BacktestTables
from outreach.reports.pages.backtest import write_backtest_page
from outreach.tables import DataFrame, ResponseRates, TractProfiles, as_table

#: Tables of a back-test, each written as a CSV of its own.
TABLES = ("days", "levels", "groups", "regions", "weights")


def run_backtest(  # noqa: PLR0913  each is a decision of whoever replays
    areas: Sequence[Area],
    census_year: int,
    folder: Path,
    archive: Archive,
    *,
    days: Sequence[int] = DAYS,
    tracts: DataFrame[TractProfiles] | None = None,
    race: DataFrame[TractProfiles] | None = None,
    final: dt.date | None = None,
    season_model: SeasonModel | None = None,
) -> Path:
    """Replay an archived season and write what came of it.

    Parameters
    ----------
    areas
        States, counties or tracts; a place counts as its county or state.
    census_year
        The season's year.
    folder
        Where to write; made if it is not there. Files of an earlier back-test in it are replaced.
    archive
        The ledger.
    days
        Elapsed days to replay, from the season's first.
    tracts
        ``Tracts`` or ``TractProfiles`` of the areas, for the rules that need profiles.
    race
        See :func:`models.evaluation.equity.find_groups`; for the table of errors by group only.
    final
        Data date whose rates count as final; by default the last one archived up to the end of
        self-response.
    season_model
        The season for the rules that need one; the shipped one where not given.

    Returns
    -------
    pathlib.Path
        The folder: ``backtest.html``, and ``days.csv``, ``levels.csv``, ``groups.csv``,
        ``regions.csv``, ``weights.csv``.

    Raises
    ------
    NothingThere
        The archive holds nothing for the areas.
    OutreachError
        A day cannot be replayed; the message says why.
    """
    label = "; ".join(area.label for area in areas)
    season = (season_model or load_season_model()).move(census_year)
    codes = [code for area in areas for code in area.codes]
    ended = final or archive.latest_date(codes, through=season.final)
    rates = archive.read(codes, since=season.start, through=ended) if ended else pd.DataFrame()
    if ended is None or rates.empty:
        raise NothingThere(
            f"The archive holds no rates of the season {census_year} for {label}.",
            "Bring them in with 'outreach archive'.",
        )
    told = replay_season(
        as_table(rates, ResponseRates),
        area=label,
        start=season.start,
        final=ended,
        days=[day for day in days if day < (ended - season.start).days],
        tracts=tracts,
        season_model=season,
        race=race,
    )
    return write_backtest(told, folder)


def write_backtest(told: Backtest, folder: Path) -> Path:
    """Write the page and the tables of a back-test into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        getattr(told, name).to_csv(folder / f"{name}.csv", index=False)
    tables = BacktestTables(told.days, told.levels, told.groups, told.regions, told.weights)
    page = write_backtest_page(
        told.area,
        told.start,
        told.final,
        tables,
        tracts_count=told.tracts_count,
        left_out_count=len(told.left_out),
        notes=told.notes,
    )
    (folder / "backtest.html").write_text(page, encoding="utf-8")
    return folder
