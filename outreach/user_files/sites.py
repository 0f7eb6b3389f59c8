"""Read places where people get help from a user's file: libraries, help sites, kiosks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from outreach.arrays import Flags
from outreach.errors import InputError
from outreach.phrasing import list_names, strip_overrides, write_count
from outreach.spreadsheet import clean_text
from outreach.user_files.coordinates import (
    CoordinateColumns,
    Coordinates,
    read_coordinates,
    refuse_blanks,
)
from outreach.user_files.table import fold_name, pick_columns

#: What a file may say of a place besides name and coordinates.
SITE_DETAILS = ("kind", "hours", "address", "phone", "languages", "link")
#: What columns of names are called, the surest first.
_NAMES = ("name", "place name", "site name", "place", "site", "title")
_KEYS = ("longitude_column", "latitude_column")
#: More places than this are another kind of file, such as a list of addresses.
MOST_SITES = 3_000
#: Longer text is cut; so many names are written out; closer places of one name are one.
_LONGEST, _NAMED, _DECIMALS = 200, 3, 5
#: What a browser opens; nothing else becomes a link.
_LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)


@dataclass(frozen=True)
class SiteColumns:
    """Which columns of a file say what.

    Attributes
    ----------
    name
        The column of names; empty for the one that is called so.
    latitude, longitude
        The columns of coordinates of a table; empty for those that are called so.
    details
        The column of each of :data:`SITE_DETAILS` that the file has.
    """

    name: str = ""
    latitude: str = ""
    longitude: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


def read_sites(
    path: Path, what: str, columns: SiteColumns, layer: str | None = None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read places with their names and what the file says of them.

    Parameters
    ----------
    path
        As :func:`outreach.user_files.coordinates.read_coordinates` takes it.
    what
        What it should be, for messages: "the places 'Libraries'".
    columns
        Which columns to read; no other one is.
    layer
        The layer, where the file has several.

    Returns
    -------
    sites : DataFrame
        ``name``, ``latitude``, ``longitude`` (degrees, WGS 84), and each of :data:`SITE_DETAILS`,
        empty where the file says nothing. Text is one line of at most 200 characters, as it stands
        in the file but for marks that would turn it around.
    notes : tuple of str
        What was left out or cut.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, has no row or too many, a place lies nowhere, has
        no name, or stands there twice.
    """
    asked = CoordinateColumns(columns.longitude, columns.latitude, _KEYS)
    read = read_coordinates(path, what, asked, None, layer)
    refuse_blanks(read.known, path, "places")
    if len(read.known) > MOST_SITES:
        raise InputError(
            f"{path} has {len(read.known):,} places; a map takes at most {MOST_SITES:,}.",
            "Name the file of the places where people get help.",
        )
    name = columns.name or _find_name(read.cells, path)
    cells = _take_text(read.cells, path, {"name": name, **columns.details})
    _refuse_wrong_rows(read, cells["name"], path)

    texts, notes = _shorten(cells, path)
    texts, dropped = _drop_bad_links(texts, path)
    lost = cells["name"][~read.known]
    if len(lost):
        notes.append(
            f"{path}: {write_count(len(lost), 'place')} without coordinates, left out:"
            f" {_quote_names(lost)}."
        )
    sites = texts.assign(latitude=read.latitude, longitude=read.longitude)[read.known]
    return sites.reset_index(drop=True), (*notes, *dropped)


def _find_name(cells: pd.DataFrame, path: Path) -> str:
    """Return the column of names by what it is called."""
    by_name = {fold_name(name): str(name) for name in cells.columns}
    found = next((by_name[name] for name in _NAMES if name in by_name), None)
    if found is None:
        names = list_names([str(name) for name in cells.columns], 12)
        raise InputError(
            f"{path} has no column of names. Its columns are {names}.",
            "Name it with name_column.",
        )
    return found


def _take_text(cells: pd.DataFrame, path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return columns as text on one line, under the names of what they say."""
    picked = pick_columns(cells, str(path), list(dict.fromkeys(columns.values())), ())
    taken = {
        detail: ["" if pd.isna(cell) else _clean(str(cell)) for cell in picked[column]]
        for detail, column in columns.items()
    }
    table = pd.DataFrame(taken, index=range(len(cells)), dtype=object)
    return table.reindex(columns=["name", *SITE_DETAILS], fill_value="")


def _clean(text: str) -> str:
    """Put text on one line, without marks that turn it around."""
    return " ".join(clean_text(strip_overrides(text)).split())


def _refuse_wrong_rows(read: Coordinates, names: "pd.Series[str]", path: Path) -> None:
    """Refuse swapped coordinates, a blank name, and a place that repeats."""
    known, y, x = read.known, read.latitude, read.longitude
    # The United States and their islands lie north of the equator, or both south and west.
    swapped = known & (y < 0) & (x > 0)
    if swapped.any():
        row = int(swapped.argmax())
        raise InputError(
            f"{path}: latitude and longitude of {_name_row(row, names)} stand in each other's"
            f" column{_count_rows(swapped)}: {y[row]:g}, {x[row]:g}.",
            f"Swap them, or {_KEYS[1]} and {_KEYS[0]}.",
        )
    blank = (names == "").to_numpy()
    if blank.any():
        raise InputError(
            f"{path}: data row {int(blank.argmax()) + 1} has no name{_count_rows(blank)}.",
            "Give each place a name, or name another column with name_column.",
        )
    _refuse_repeats(read, names, path)


def _refuse_repeats(read: Coordinates, names: "pd.Series[str]", path: Path) -> None:
    """Refuse two rows with one name in one place: nobody knows which hours are right."""
    key = pd.DataFrame(
        {
            "name": names.str.casefold().to_numpy(),
            "latitude": read.latitude.round(_DECIMALS),
            "longitude": read.longitude.round(_DECIMALS),
        }
    )
    repeated = (key.duplicated() & read.known).to_numpy()
    if repeated.any():
        second = int(repeated.argmax())
        first = int((key == key.iloc[second]).all(axis=1).to_numpy().argmax())
        raise InputError(
            f"{path}: data rows {first + 1} and {second + 1} are the same place:"
            f" '{_cut_name(names.iloc[second])}'.",
            "Leave one of them out, or join their hours in one row.",
        )


def _shorten(cells: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Cut text that is too long for a map, and say so."""
    long = cells.apply(lambda column: column.str.len() > _LONGEST)
    cut = cells.apply(
        lambda column: column.where(
            column.str.len() <= _LONGEST, column.str.slice(0, _LONGEST - 1).str.rstrip() + "\u2026"
        )
    )
    count = int(long.to_numpy().sum())
    if not count:
        return cells, []
    cell = write_count(count, "cell")
    return cut, [f"{path}: {cell} of more than {_LONGEST} characters, cut short."]


def _drop_bad_links(texts: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Leave out what is no address on the web, and say of which places."""
    links = texts["link"].map(lambda link: f"https://{link}" if _is_bare(link) else link)
    bad = (links != "") & ~links.map(lambda link: bool(_LINK.fullmatch(link)))
    count = int(bad.sum())
    kept = texts.assign(link=links.mask(bad, ""))
    if not count:
        return kept, []
    names = _quote_names(texts["name"][bad])
    link = write_count(count, "link")
    return kept, [f"{path}: {link} that no browser opens, left out, of {names}."]


def _is_bare(link: str) -> bool:
    """Whether a link is an address without its beginning, such as www.example.org."""
    return bool(re.fullmatch(r"(www\.)[\w.-]+(/[^\s<>\"']*)?", link, re.IGNORECASE))


def _name_row(row: int, names: "pd.Series[str]") -> str:
    """Name a row by its number and its place."""
    name = names.iloc[row]
    return f"data row {row + 1} ('{_cut_name(name)}')" if name else f"data row {row + 1}"


def _cut_name(name: str) -> str:
    """Return a name as a message shows it."""
    return list_names([name], 1)


def _quote_names(names: "pd.Series[str]") -> str:
    """Name the first places, and count the others."""
    return list_names([f"'{_cut_name(name)}'" for name in names], _NAMED)


def _count_rows(wrong: Flags) -> str:
    """Say how many such rows there are, where it is more than one."""
    count = int(wrong.sum())
    return f" ({count:,} such rows)" if count > 1 else ""
