"""Check a list of addresses against the Bureau's counts of homes by block."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.addresses.assign import PlacedHomes, place_homes
from geo.addresses.assumptions import ListAssumptions, read_assumptions
from geo.addresses.compare import BlockVerdict, compare_blocks, sum_tracts
from geo.boundaries import fetch_boundaries
from maps.addresses.page import AddressView, draw_address_map
from outreach.arrays import Flags
from outreach.catalog import MOTHER, read_all
from outreach.catalog.retell import retell_all
from outreach.census.blocks import BLOCKS_YEAR, fetch_block_homes
from outreach.counties import name_area
from outreach.errors import CampaignError, InputError, ServiceError, StoreError
from outreach.files import make_slug, write_files
from outreach.phrasing import write_count, write_percent
from outreach.settings import Settings
from outreach.spreadsheet import write_csv
from outreach.transport import Transport
from outreach.user_files.points import HomePoints

_TRACT_DIGITS = 11
#: A tract in which the list has fewer homes is not covered: their points may be wrong.
_LEAST_HOMES = 3
#: Figures of a comparison are written in tenths of a home.
_DECIMALS = 1


@dataclass(frozen=True)
class AddressCheck:
    """What an address check found.

    Attributes
    ----------
    folder
        Where its files are.
    blocks, tracts
        The comparison: :func:`geo.addresses.compare.compare_blocks` and ``sum_tracts``.
    summary
        Figures of the whole area, as ``summary.json`` has them.
    notes
        Sentences for people.
    """

    folder: Path
    blocks: pd.DataFrame
    tracts: pd.DataFrame
    summary: dict[str, Any]
    notes: tuple[str, ...]


def check_addresses(
    points: HomePoints,
    county: str,
    settings: Settings,
    *,
    into: Path | None = None,
    location_error_m: float | None = None,
    not_a_home_percent: float | None = None,
) -> AddressCheck:
    """Compare a list of homes with the Bureau's counts, and write tables and a map.

    Everything that is written is about blocks and tracts; no place of the list is.

    Parameters
    ----------
    points
        The list, from :func:`outreach.user_files.points.read_points`.
    county
        State and county FIPS code, five digits.
    settings
        Addresses, key, and cache.
    into
        The folder; by default one for the list and the county in the service's folder.
    location_error_m, not_a_home_percent
        Figures of the user in the place of what is assumed.

    Raises
    ------
    InputError
        The list is of another area.
    ServiceError
        The Bureau's blocks cannot be had.
    StoreError
        The folder cannot be written.
    """
    assumptions = read_assumptions().replace_by_user(location_error_m, not_a_home_percent)
    transport = Transport(settings, settings.find_key())
    notes: list[str] = []
    blocks = _fetch_blocks(county, settings, transport, notes)

    # Homes built since the census are no finding.
    since = np.zeros(len(points.homes), dtype=bool)
    if points.built is not None:
        since = np.nan_to_num(points.built) > BLOCKS_YEAR
    placed = place_homes(
        points.longitude,
        points.latitude,
        np.where(since, 0.0, points.homes),
        blocks,
        assumptions.location_error_m.value,
        points.origin,
    )
    covered = _keep_covered(placed, blocks)
    bureau = covered["housing_units_count"]
    listed = float(placed.table.loc[covered.index, "homes_count"].sum())
    growth = 0.0
    if points.built is None:
        growth = _measure_growth(listed, float(bureau.sum()), assumptions)
    table = compare_blocks(placed, bureau, assumptions, growth_share=growth)
    tracts = sum_tracts(table)

    notes += _describe_losses(points, placed, since)
    notes = list(filter(None, [*notes, _describe_growth(growth, points)]))
    summary = _sum_up(table, points, placed, since, county, growth, assumptions)
    folder = into or settings.home / "addresses" / f"{make_slug(Path(points.origin).stem)}-{county}"
    pages = _draw_maps(table, tracts, covered, notes, summary, settings, transport)
    _write_check(folder, table, tracts, summary, pages)
    return AddressCheck(folder, table, tracts, summary, tuple(notes))


def read_county(code: str) -> str:
    """Return a county's code if it can be one.

    Raises
    ------
    CampaignError
        It is not five digits.
    """
    if not (code.isdecimal() and len(code) == 5):  # noqa: PLR2004  digits of state and county
        raise CampaignError(
            f"--county {code} is no code of a county.",
            "Write state and county in five digits, such as 17031; 'outreach find' has them.",
        )
    return code


def _fetch_blocks(
    county: str, settings: Settings, transport: Transport, notes: list[str]
) -> gpd.GeoDataFrame:
    """Fetch the blocks of a county with the Bureau's counts.

    The block file carries the same counts; they stand in where the API cannot be had.
    """
    blocks, report = fetch_boundaries(
        transport, BLOCKS_YEAR, county[:2], settings.files_cache, "block", "tiger"
    )
    notes.append(report.note)
    blocks = blocks[blocks.index.str.startswith(county)]
    if blocks.empty:
        raise InputError(
            f"The Bureau's block file of state {county[:2]} has no block in county {county}.",
            "Correct --county; 'outreach find' has the codes.",
        )
    try:
        counts = fetch_block_homes(county, transport)
    except ServiceError as error:
        notes.append(f"{error.what} The counts are those of the Bureau's block file.")
        return blocks
    own = counts.reindex(blocks.index)
    differs = int((own.fillna(0) != blocks["housing_units_count"]).sum())
    if differs:
        notes.append(
            f"Counts of the API and of the block file differ in {write_count(differs, 'block')};"
            " those of the API are used."
        )
    return blocks.assign(housing_units_count=own.fillna(blocks["housing_units_count"]))


def _keep_covered(placed: PlacedHomes, blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the blocks of tracts that the list covers; it may be of one city only."""
    tract = blocks.index.str[:_TRACT_DIGITS]
    homes = placed.table["points_count"].groupby(tract.to_numpy()).sum()
    return blocks[tract.isin(homes.index[homes >= _LEAST_HOMES])]


def _measure_growth(listed: float, bureau: float, assumptions: ListAssumptions) -> float:
    """Return how many more homes the list has than the Bureau, as if all of them were new."""
    likely = assumptions.not_a_home_share.value[1]
    return max(listed * (1 - likely) / bureau - 1, 0.0) if bureau else 0.0


def _describe_losses(points: HomePoints, placed: PlacedHomes, since: Flags) -> list[str]:
    """Say what of the list is not compared."""
    outside = int((~placed.inside).sum())
    parts = {
        f"{write_count(points.blank_count, 'row')} without coordinates": points.blank_count,
        f"{write_count(outside, 'place')} outside the county": outside,
    }
    lost = [text for text, count in parts.items() if count]
    sentences = [f"Left out: {' and '.join(lost)}."] if lost else []
    if since.any():
        homes = points.homes[since & placed.inside].sum()
        verb = "is" if homes == 1 else "are"
        sentences.append(
            f"{write_count(float(homes), 'home')} built after {BLOCKS_YEAR} {verb} not compared."
        )
    return sentences


def _describe_growth(growth: float, points: HomePoints) -> str:
    """Say how homes that were built since the census are allowed for."""
    if points.built is not None:
        return ""
    if growth == 0:
        return (
            "Without what is likely no home, the list has no more homes than the Bureau counted in"
            f" {BLOCKS_YEAR}, so no growth is taken off."
        )
    return (
        f"The list has {write_percent(growth, 1)} more homes than the Bureau counted in"
        f" {BLOCKS_YEAR}. Ranges take all of that for new homes at their low end; --built with a"
        " column of the year of building tells them apart."
    )


def _sum_up(
    table: pd.DataFrame,
    points: HomePoints,
    placed: PlacedHomes,
    since: Flags,
    county: str,
    growth: float,
    assumptions: ListAssumptions,
) -> dict[str, Any]:
    """Return the figures of the whole area."""
    flagged = table[table["verdict"] == BlockVerdict.UNDERCOUNTED]
    verdicts = table["verdict"].value_counts()
    return {
        "county": county,
        "county_name": name_area(county[:2], county[2:]),
        "census_year": BLOCKS_YEAR,
        "rows_count": len(points.homes) + points.blank_count,
        "rows_without_place_count": points.blank_count,
        "places_outside_count": int((~placed.inside).sum()),
        "homes_built_since_count": float(points.homes[since & placed.inside].sum()),
        "listed_count": round(float(table["listed_count"].sum()), _DECIMALS),
        "bureau_count": float(table["bureau_count"].sum()),
        "growth_share": round(growth, 4),
        "blocks_count": len(table),
        "blocks_by_verdict": {each.value: int(verdicts.get(each, 0)) for each in BlockVerdict},
        "surplus_count": round(float(flagged["surplus_count"].sum()), _DECIMALS),
        "sure_surplus_count": round(float(flagged["surplus_low80_count"].sum()), _DECIMALS),
        "assumptions": assumptions.model_dump(mode="json"),
    }


def _draw_maps(
    table: pd.DataFrame,
    tracts: pd.DataFrame,
    blocks: gpd.GeoDataFrame,
    notes: Sequence[str],
    summary: dict[str, Any],
    settings: Settings,
    transport: Transport,
) -> dict[str, str]:
    """Draw the map in every language, with the notes in it, by file name."""
    state = summary["county"][:2]
    outlines, _ = fetch_boundaries(transport, BLOCKS_YEAR, state, settings.files_cache)
    inside = outlines[outlines.index.isin(tracts.index)]
    flagged = table[table["verdict"] == BlockVerdict.UNDERCOUNTED]
    view = AddressView(
        county=summary["county_name"],
        tracts=inside[["geometry"]].join(tracts, validate="one_to_one"),
        blocks=blocks.loc[flagged.index, ["geometry"]].join(flagged, validate="one_to_one"),
        listed_count=summary["listed_count"],
        bureau_count=summary["bureau_count"],
        undercounted_count=len(flagged),
        sure_surplus_count=summary["sure_surplus_count"],
    )
    return {
        "map.html" if words.code == MOTHER else f"map.{words.code}.html": draw_address_map(
            view, words, [told.text for told in retell_all(notes, words, "note")]
        )
        for words in read_all()
    }


def _write_check(
    folder: Path,
    table: pd.DataFrame,
    tracts: pd.DataFrame,
    summary: dict[str, Any],
    pages: dict[str, str],
) -> None:
    """Write tables, figures, and maps: all of them or none."""
    shown = table[table["verdict"] != BlockVerdict.NOTHING].round(_DECIMALS)
    files = {
        "blocks.csv": write_csv(shown),
        "tracts.csv": write_csv(tracts.round(_DECIMALS)),
        "summary.json": json.dumps(summary, indent=2, ensure_ascii=False) + "\n",
        **pages,
    }
    try:
        write_files({folder / name: content for name, content in files.items()})
    except OSError as error:
        raise StoreError(
            f"Cannot write {error.filename}: {error.strerror or 'the disk refused it'}.",
            "Name another folder with --into.",
        ) from error


def describe_check(check: AddressCheck, most: int = 5) -> Sequence[str]:
    """Say in lines what a check found, and name the first blocks.

    Parameters
    ----------
    check
        From :func:`check_addresses`.
    most
        Blocks to name.
    """
    summary = check.summary
    flagged = summary["blocks_by_verdict"][BlockVerdict.UNDERCOUNTED.value]
    blocks = write_count(summary["blocks_count"], "block")
    looks = f"{write_count(flagged, 'block')} {'looks' if flagged == 1 else 'look'} undercounted"
    surplus = write_count(summary["surplus_count"], "home")
    listed = f"{summary['listed_count']:,.0f} homes in the list"
    counted = f"{summary['bureau_count']:,.0f} counted in {summary['census_year']}"
    lines = [
        f"{listed}, {counted}, in {blocks}",
        f"{looks}, by {surplus}, at least {summary['sure_surplus_count']:,.0f}",
    ]
    for code, row in check.blocks.head(min(most, flagged)).iterrows():
        lines.append(
            f"  block {code}: {row['listed_count']:,.0f} in the list, {row['bureau_count']:,.0f}"
            f" counted; {row['surplus_count']:,.0f} more ({row['surplus_low80_count']:,.0f} to"
            f" {row['surplus_high80_count']:,.0f})"
        )
    return lines
