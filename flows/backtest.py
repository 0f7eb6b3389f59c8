"""Run a backtest: replay an archived season, and write a page and tables."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from models.curves.season_file import load_season_model
from models.curves.season_model import SeasonModel
from models.evaluation.backtest import DAYS, RULES, Backtest, replay_season
from models.features.predictors import Predictor
from models.targeting.selection import ListRules
from outreach.archive import Archive
from outreach.campaign import Area
from outreach.catalog import list_languages
from outreach.counties import name_area
from outreach.errors import NothingThere, StoreError
from outreach.files import write_files
from outreach.phrasing import write_count, write_percent, write_points
from outreach.reports.data.backtest import BacktestTables
from outreach.reports.pages.past.backtest import write_backtest_pages
from outreach.spreadsheet import write_csv
from outreach.tables import DataFrame, ResponseRates, TractProfiles, as_table

_POINTS = 100
#: Tables of a backtest, each written as its own CSV.
TABLES = ("days", "levels", "groups", "regions", "weights")


def run_backtest(  # noqa: PLR0913  each is a choice of the caller
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
    creative_languages: tuple[str, ...] = ("en",),
    rules: ListRules = RULES,
    own: tuple[Predictor, ...] = (),
) -> Path:
    """Replay an archived season, and write a page and tables.

    Parameters
    ----------
    areas
        States, counties or tracts; a place counts as its county or state.
    census_year
        The season's year.
    folder
        Where to write. Files of an earlier backtest in it are replaced.
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
    creative_languages, rules
        Of the campaign, for the lists that its run would buy.
    own
        Predictors that the campaign brings itself.

    Returns
    -------
    pathlib.Path
        The folder: ``backtest.html`` and its twins in other languages, and ``days.csv``,
        ``levels.csv``, ``groups.csv``, ``regions.csv``, ``weights.csv``.

    Raises
    ------
    NothingThere
        The archive holds nothing for the areas.
    OutreachError
        A day cannot be replayed; the message says why.
    """
    label = "; ".join(_name_area(area) for area in areas)
    season = (season_model or load_season_model()).move(census_year)
    codes = [code for area in areas for code in area.codes]
    final_date = final or archive.latest_date(codes, through=season.final)
    rates = (
        archive.read(codes, since=season.start, through=final_date)
        if final_date
        else pd.DataFrame()
    )
    if final_date is None or rates.empty:
        raise NothingThere(
            f"The archive holds no rates of the season {census_year} for {label}.",
            "Import them with 'outreach archive import'.",
        )
    backtest = replay_season(
        as_table(rates, ResponseRates),
        area=label,
        start=season.start,
        final=final_date,
        days=[day for day in days if day < (final_date - season.start).days],
        tracts=tracts,
        season_model=season,
        race=race,
        creative_languages=creative_languages,
        rules=rules,
        own=own,
    )
    return write_backtest(backtest, folder)


def describe_figures(folder: Path) -> list[str]:
    """Say what the forecast found on each day, and what people find who list the lowest rates.

    Parameters
    ----------
    folder
        From :func:`run_backtest`.

    Returns
    -------
    list of str
        A line for each day that was replayed.
    """
    days = pd.read_csv(folder / "days.csv").set_index(["day", "rule"])
    lines = []
    for day in days.index.unique("day"):
        blend, naive = days.loc[(day, "blend")], days.loc[(day, "lowest rate first")]
        found = (
            f"day {day}: the blend finds {write_percent(blend['worst_found_share'])} of the final"
            f" worst fifth (lowest rate first {write_percent(naive['worst_found_share'])})"
        )
        error = (
            "it forecast no rates"
            if pd.isna(blend["error_points"])
            else f"mean error {write_points(blend['error_points'] / _POINTS, 2)}"
        )
        ranges = (
            "it gave no ranges"
            if pd.isna(blend["covered80_share"])
            else f"80% ranges cover {write_percent(blend['covered80_share'])}"
        )
        lines.append(f"{found}; {error}; {ranges}")
    return lines


def _name_area(area: Area) -> str:
    """Name an area as people do; a place counts as its county or state."""
    name = name_area(area.state, area.county)
    return f"{write_count(len(area.tracts), 'tract')} of {name}" if area.tracts else name


def write_backtest(backtest: Backtest, folder: Path) -> Path:
    """Write the page and the tables of a backtest into a folder: all of them or none.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written.
    """
    tables = BacktestTables(
        backtest.days, backtest.levels, backtest.groups, backtest.regions, backtest.weights
    )
    pages = write_backtest_pages(
        backtest.area,
        backtest.start,
        backtest.final,
        tables,
        tracts_count=backtest.tracts_count,
        left_out_count=len(backtest.left_out),
        notes=backtest.notes,
        languages=list_languages(),
    )
    sheets = {
        folder / f"{name}.csv": write_csv(getattr(backtest, name), index=False) for name in TABLES
    }
    try:
        write_files({**sheets, **{folder / name: page for name, page in pages}})
    except OSError as error:
        raise StoreError(
            f"Cannot write {error.filename}: {error.strerror or 'the disk refused it'}.",
            "Free some space, or choose another folder with OUTREACH_HOME.",
        ) from error
    return folder
