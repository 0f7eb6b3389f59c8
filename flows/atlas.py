"""Build the atlas: an overview and a page for each county, from the archive or from plans.

Before a census has rates, it shows what the runs that plan for it expect. It needs no Prefect
server. With a key, counties that no run has are weighted by the homes of the American Community
Survey. Boundaries come from the file server or its cached copies; without them, pages have no maps
and say so. Layout::

    index.html  atlas.json  assets/  counties/17031.html ...  es/index.html  es/counties/...
"""

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from flows.steps.atlas.boundaries import AtlasBoundaries
from flows.steps.atlas.plans import measure_plans
from flows.steps.atlas.rates import Progress, measure_states
from flows.steps.folders import build_folder
from flows.steps.sources.homes import Homes
from maps.atlas.counties import StateFigures, rank_figures
from maps.atlas.edition import Edition
from maps.atlas.inputs import Atlas, County
from maps.atlas.pages import draw_ground
from maps.atlas.places import label_tract, name_counties, name_state
from maps.atlas.subject import RATES, Subject, show_plan
from maps.atlas.weights import join_weights
from models.curves.season_file import load_season_model
from outreach import __version__
from outreach.archive import Archive
from outreach.catalog import read_all
from outreach.errors import NothingThere, StoreError
from outreach.rates import average_rate
from outreach.settings import Settings
from outreach.tables import DataFrame, GeoDataFrame, Tracts, as_table

#: The record of an atlas. A folder with one may be replaced.
RECORD = "atlas.json"

#: Tract codes from 990000 on are water.
_WATER_CODE = "99"


@dataclass(frozen=True)
class AtlasSummary:
    """What an atlas has: folder, last data date, counts, size, and notes for its maker.

    ``coming`` is the census that its plans are for; 0 for published rates.
    """

    folder: Path
    data_date: dt.date
    counties: int
    tracts: int
    bytes: int
    coming: int
    notes: tuple[str, ...]


def build_atlas(
    archive: Archive,
    settings: Settings,
    folder: Path,
    *,
    states: Sequence[str] = (),
    through: dt.date | None = None,
    languages: Sequence[str] = (),
    progress: Progress | None = None,
) -> AtlasSummary:
    """Build the atlas of every archived county, or of every county that runs plan for.

    A census without any rate in the archive is shown as the newest runs that plan for it expect it.

    Parameters
    ----------
    archive
        The ledger of the census to show.
    settings
        Settings of this machine.
    folder
        Where to write. An existing folder is replaced as a whole, but only if it is empty or an
        atlas.
    states
        Two-digit codes of states; by default, all in the archive or with a plan.
    through
        The last data date to show; by default the season's last day of self-response, after which
        nothing changes, or the last day archived if that is earlier. Not for plans.
    languages
        Codes of catalogs, by default all; the first has the plain places, another its own folder.
    progress
        Called as the work progresses.

    Raises
    ------
    NothingThere
        There is neither a rate nor a plan, none of a requested state, or no rate on that day.
    StoreError
        The folder has other content, or cannot be written.
    """
    report = progress or (lambda _what, _done, _all: None)
    _check_folder(folder)
    homes = Homes(settings, archive.census_year)
    measured, subject = _measure(archive, settings, states, through, homes, report)
    tract_year = archive.census_year - (10 if subject.coming else 0)
    boundaries = AtlasBoundaries(settings, tract_year)
    report("Fetch the counties' boundaries", 0, 1)
    outlines = boundaries.fetch("us", "county")
    report("Fetch the counties' boundaries", 1, 1)
    atlas = _gather_atlas(measured, outlines, archive.census_year, subject)
    atlas = replace(atlas, finder=boundaries.fetch_finder())
    catalogs = read_all(languages)
    if subject.coming:
        catalogs = tuple(words.plan(subject.coming, tract_year) for words in catalogs)
    with build_folder(folder.absolute(), _is_ours) as building:
        drawn = [outlines] if outlines is not None else []
        done = 0
        editions = [Edition(atlas, catalogs, words) for words in catalogs]
        for edition in editions:
            edition.write_assets(building)
        for state, figures in measured.items():
            tracts = boundaries.fetch(state, "tract")
            drawn += _unite_counties(tracts, outlines)
            for county in _gather_counties(figures, tracts, subject):
                ground = draw_ground(county)
                for edition in editions:
                    edition.write_county(building, county, ground)
                done += 1
                report("Write counties", done, len(atlas.counties))
        atlas = replace(atlas, unmapped=boundaries.list_states())
        whole = gpd.GeoDataFrame(pd.concat(drawn)) if drawn else None
        for words in catalogs:
            Edition(atlas, catalogs, words).write_overview(building, whole)
        (building / RECORD).write_text(_write_record(atlas), encoding="utf-8")
        size = sum(path.stat().st_size for path in building.rglob("*") if path.is_file())
    tracts_count = int(atlas.counties["tracts_count"].sum())
    notes = (*homes.notes, *boundaries.lines())
    return AtlasSummary(
        folder, atlas.data_date, len(atlas.counties), tracts_count, size, subject.coming, notes
    )


def _measure(
    archive: Archive,
    settings: Settings,
    states: Sequence[str],
    through: dt.date | None,
    homes: Homes,
    report: Progress,
) -> tuple[dict[str, StateFigures], Subject]:
    """Measure the rates of a census, or, where there are none, what plans expect of it."""
    year = archive.census_year
    if not archive.find_segments() and (planned := measure_plans(settings, year, states)):
        if through:
            raise NothingThere(
                f"The archive has no rates of {year}; what plans expect of it has no data date.",
                "Leave out --date.",
            )
        return planned, show_plan(year)
    through = through or load_season_model().move(year).final
    return measure_states(archive, states, through, homes, report), RATES


def _check_folder(folder: Path) -> None:
    """Refuse to replace a folder that is not an atlas."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / RECORD).is_file():
        raise StoreError(
            f"{folder} has other content, and an atlas replaces its folder as a whole.",
            "Name an empty or new folder with --into.",
        )


def _is_ours(name: str) -> bool:
    """Return whether a file of an atlas's folder is one that an atlas consists of."""
    return bool(re.fullmatch(r"(\w+/)?(index\.html|counties/.*)|assets/.*", name)) or name == RECORD


def _gather_atlas(
    measured: dict[str, StateFigures],
    outlines: pd.DataFrame | None,
    year: int,
    subject: Subject,
) -> Atlas:
    """Put the states together: names, ranks, averages, and one set of classes."""
    counties = pd.concat([figures.counties for figures in measured.values()])
    tracts = pd.concat([figures.tracts for figures in measured.values()])
    weighed = join_weights([figures.weighed for figures in measured.values()])
    counties["name"] = name_counties(counties.index, outlines)
    counties["state"] = counties.index.str[:2]
    counties["rank"] = rank_figures(counties["cumulative_share"])
    counties["state_rank"] = counties.groupby("state")["cumulative_share"].transform(rank_figures)
    return Atlas(
        data_date=counties["data_date"].max().date(),
        census_year=year,
        counties=counties,
        states={code: name_state(code) for code in measured},
        averages={state: figures.average for state, figures in measured.items()},
        average=average_rate(tracts["cumulative_share"], weighed.common),
        weight=weighed.unit,
        state_weights={state: figures.weighed.unit for state, figures in measured.items()},
        tracts=tracts[list({layer.column: None for layer in subject.layers.values()})],
        subject=subject,
    )


def _unite_counties(
    tracts: GeoDataFrame[Tracts] | None, outlines: gpd.GeoDataFrame | None
) -> list[gpd.GeoDataFrame]:
    """Return counties that the county file lacks, dissolved from their tracts with land."""
    if tracts is None:
        return []
    codes = tracts.index.str[:5]
    lacking = ~codes.isin(outlines.index) if outlines is not None else np.ones(len(codes), bool)
    dry = lacking & (tracts["land_km2"] > 0).to_numpy()
    if not dry.any():
        return []
    return [tracts.loc[dry, ["geometry"]].dissolve(by=codes[dry])]


def _gather_counties(
    figures: StateFigures, drawn: gpd.GeoDataFrame | None, subject: Subject
) -> Iterator[County]:
    """Gather what each county's page shows, tracts with a polygon but no rate included."""
    homes = drawn.index.str[:5] if drawn is not None else pd.Index([], dtype=str)
    state = str(figures.season.columns[-1])
    columns = ["last_date", *(one.column for one in subject.tracts)]
    for code in figures.counties.index:
        tracts = figures.tracts.loc[figures.tracts["county"] == code, columns]
        shown = drawn[homes == code] if drawn is not None and code in homes else None
        yield _gather_county(code, tracts, shown, figures.season, state)


def _gather_county(
    code: str,
    tracts: DataFrame[Tracts],
    drawn: gpd.GeoDataFrame | None,
    season: pd.DataFrame,
    state: str,
) -> County:
    names = pd.Series(tracts.index.map(label_tract), index=tracts.index, dtype=object)
    table = tracts.assign(
        name=names, status=np.where(tracts["cumulative_share"].notna(), "rated", "lapsed")
    )
    undrawn: list[str] = []
    if drawn is not None:
        fresh = drawn[~drawn.index.isin(table.index)]
        water = (fresh["land_km2"] == 0).to_numpy() | (fresh.index.str[5:7] == _WATER_CODE)
        others = pd.DataFrame(
            {"name": fresh["name"], "status": np.where(water, "water", "rateless")},
            index=fresh.index,
        )
        table["name"] = drawn["name"].reindex(table.index).fillna(table["name"])
        table = as_table(pd.concat([table, others]), Tracts) if len(others) else table
        undrawn = table.loc[~table.index.isin(drawn.index), "name"].astype(str).tolist()
    shapes = drawn.geometry if drawn is not None else None
    return County(
        code=code,
        tracts=table,
        shapes=shapes,
        own=season[code],
        whole=season[state],
        undrawn=tuple(undrawn),
    )


def _write_record(atlas: Atlas) -> str:
    record = {
        "data_date": atlas.data_date.isoformat(),
        "plans_for": atlas.subject.coming or None,
        "states": sorted(atlas.states),
        "counties": len(atlas.counties),
        "tracts": int(atlas.counties["tracts_count"].sum()),
        "unmapped_states": list(atlas.unmapped),
        "made_by": f"census-outreach {__version__}",
    }
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"
