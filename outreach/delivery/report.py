"""Read one report of an ad platform as a table of what was delivered."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from outreach.ad_names import AdName, read_ad_name
from outreach.delivery import readers
from outreach.delivery.blanks import is_blank
from outreach.delivery.figures import read_money, read_whole, refuse_currencies
from outreach.delivery.headers import ReportHeaders, load_headers
from outreach.delivery.locate import Lines, Located, locate_table, part_rows
from outreach.delivery.places import name_place
from outreach.delivery.reader import ReportReader
from outreach.errors import InputError
from outreach.phrasing import join_words, list_names, write_count
from outreach.registry import discover
from outreach.tables import DataFrame, Delivery, check
from outreach.user_files.cells import parse_days
from outreach.user_files.grid import Grid, read_grids

#: What tells the rows of a report apart.
KEYS = ("channel", "campaign", "language", "place", "day")
_WHAT = "a report of an ad platform"
_CURRENCY = "USD"
#: Rounding of a row's money that its totals row may not share, in US dollars.
_HALF_CENT = 0.005
_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What one file says was delivered.

    Parameters
    ----------
    platform, title
        Whose report it is.
    name, sha256
        The file's name, and the hash of its content.
    delivery
        Its rows.
    time_zone
        The time zone that the report names; empty for none.
    notes
        What was unusual about it, one sentence each.
    """

    platform: str
    title: str
    name: str
    sha256: str
    delivery: DataFrame[Delivery]
    time_zone: str = ""
    notes: tuple[str, ...] = ()


def list_readers() -> dict[str, ReportReader]:
    """Return the reader of each platform's reports, by the platform's name."""
    return discover(readers, "READER", ReportReader)


def read_report(path: Path, platform: str = "", folder: Path | None = None) -> Report:
    """Read a report.

    Parameters
    ----------
    path
        A CSV, a workbook, or either inside a zip.
    platform
        Whose report it is; by default the one platform whose columns it has.
    folder
        Where the user's own words of reports may be
        (:func:`outreach.delivery.headers.load_headers`).

    Raises
    ------
    InputError
        It is no such report, its header is not known, it is cut off, its money is not in US
        dollars, or a cell is wrong. The message names the file and the row or the column.
    """
    content, grids = read_grids(path, _WHAT)
    name, headers, reader, located = _choose_reader(grids, platform, folder)
    if not {"day", "first_day"} & set(located.places):
        raise InputError(
            f"{located.grid.origin} has no column {headers.names('day')[0]}.",
            "Export it again with the breakdown by day.",
        )
    lines = part_rows(located, headers)
    if not lines.data:
        raise InputError(
            f"{located.grid.origin} has no row with a day.", "Choose a period in which ads ran."
        )
    cells = reader.complete(_take_cells(located, lines), located.grid.origin)

    # Read the cells, and check them against what the report says of itself.
    origin = located.grid.origin
    notes = _check_context(lines, headers, origin)
    currencies = refuse_currencies(cells, located.currency, origin)
    if not currencies:
        notes.append("The report names no currency, so its money counts as US dollars.")
    rows = _read_cells(cells, located, headers, reader, name)
    _check_totals(rows, lines, located)
    delivery, merged = _merge_rows(rows)
    if merged:
        notes.append(
            f"{write_count(merged, 'row')} of the same place, day, and campaign as another one"
            " were added to it; reach cannot be added and is left out there."
        )
    zone = lines.find_label(headers.beginnings("time_zone"))
    if "time_zone" in cells and not zone:
        zone = join_words([each for each in cells["time_zone"].unique() if not is_blank(each)])
    return Report(
        platform=name,
        title=headers.title,
        name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        delivery=check(delivery, Delivery, origin),
        time_zone=zone,
        notes=tuple(notes),
    )


def _choose_reader(
    grids: list[Grid], platform: str, folder: Path | None
) -> tuple[str, ReportHeaders, ReportReader, Located]:
    """Return the reader whose columns a file has, or the requested one."""
    known = list_readers()
    if platform and platform not in known:
        raise InputError(
            f"There is no reader for reports of '{platform}'.",
            f"Choose from: {', '.join(known)}. For another platform, make a table for 'csv'.",
        )
    wanted: Mapping[str, ReportReader] = {platform: known[platform]} if platform else known
    found = []
    for name, reader in wanted.items():
        headers = load_headers(name, folder)
        located = locate_table(grids, headers, reader.needed)
        if located is not None:
            found.append((len(located.places), name, headers, reader, located))
    if not found:
        raise InputError(*_describe_mismatch(grids, wanted, folder))

    most = max(count for count, *_ in found)
    best = [each for each in found if each[0] == most]
    if len(best) > 1:
        names = [name for _, name, *_ in best]
        raise InputError(
            f"{grids[0].origin} can be a report of {join_words(names, 'or')}.",
            "Say which with --platform.",
        )
    _, name, headers, reader, located = best[0]
    return name, headers, reader, located


def _describe_mismatch(
    grids: list[Grid], wanted: Mapping[str, ReportReader], folder: Path | None
) -> tuple[str, str]:
    """Say what a file has in place of a known header, and what was expected."""
    widest = max((row for grid in grids for row in grid.rows), key=lambda row: sum(map(bool, row)))
    shown = list_names([cell for cell in widest if cell], _SHOWN)
    expected = []
    for name, reader in wanted.items():
        headers = load_headers(name, folder)
        needed = [headers.names(column)[0] for column in reader.needed]
        expected.append(f"{headers.title}: {', '.join(needed)}")
    todo = (
        f"Expected at least: {'; '.join(expected)}. If a platform renamed a column, write the new"
        " name into <platform>-report.toml (docs/delivery.md)."
    )
    return f"{grids[0].origin} has no header that is known. Its widest row is: {shown}.", todo


def _take_cells(located: Located, lines: Lines) -> pd.DataFrame:
    """Return the text of the data by our names of the columns; of several, the first filled."""
    index = pd.Index([number for number, _ in lines.data], name="row")
    columns = {}
    for name, numbers in located.places.items():
        columns[name] = pd.Series(
            [
                next((row[each] for each in numbers if not is_blank(row[each])), "")
                if name == "place"
                else row[numbers[0]]
                for _, row in lines.data
            ],
            index=index,
            dtype=str,
        )
    return pd.DataFrame(columns)


def _read_cells(
    cells: pd.DataFrame,
    located: Located,
    headers: ReportHeaders,
    reader: ReportReader,
    platform: str,
) -> pd.DataFrame:
    """Return the rows of a report, by day, name, and place."""
    origin = located.grid.origin
    names = [
        _read_name(row)
        for row in cells.reindex(columns=list(reader.names), fill_value="").itertuples(index=False)
    ]
    parsed = [name for _, name in names]
    empty = pd.Series("", index=cells.index)
    language = cells.get("language", empty).where(~cells.get("language", empty).map(is_blank), "")
    written = pd.Series(["+".join(name.languages) if name else "" for name in parsed], cells.index)
    header = located.grid.rows[located.header]
    place_column = " ".join(header[number] for number in located.places.get("place", ()))
    places = {cell: name_place(cell, place_column) for cell in cells.get("place", empty).unique()}
    channel = cells.get("channel", pd.Series(platform, index=cells.index)).str.casefold()
    nameless = channel.map(is_blank)
    if nameless.any():
        raise InputError(
            f"{origin}: row {nameless.idxmax()} names no channel.",
            "Write the platform that showed the ads, such as nextdoor.",
        )
    return pd.DataFrame(
        {
            "day": parse_days(cells["day"]),
            "platform": platform,
            "channel": channel,
            "campaign": [text for text, _ in names],
            "version": [name.tag if name else "" for name in parsed],
            "arm": [name.arm.value if name else "" for name in parsed],
            "language": written.where(written != "", language),
            "place": cells.get("place", empty).map(places),
            "impressions_count": read_whole(_name(cells, "impressions", headers), origin),
            "reach_count": _read_optional(cells, "reach", headers, origin),
            "frequency": _read_optional(cells, "frequency", headers, origin),
            "clicks_count": _read_optional(cells, "clicks", headers, origin),
            "spend_usd": read_money(_name(cells, "spend", headers), origin).fillna(0.0),
            "currency": _CURRENCY,
            **_read_claim(cells, located, headers, origin),
        }
    )


def _read_claim(
    cells: pd.DataFrame, located: Located, headers: ReportHeaders, origin: str
) -> "dict[str, pd.Series[Any]]":
    """Return what a platform counts as wins and credits to its ads, where the report says so.

    What is counted has the words of its row, or else the name of the column.
    """
    header = located.grid.rows[located.header]
    claim: dict[str, pd.Series[Any]] = {}
    for column in ("conversions", "lift"):
        if column not in cells:
            continue
        named = cells.get(f"{column}_of", pd.Series("", index=cells.index))
        claim[f"{column}_count"] = _read_optional(cells, column, headers, origin)
        claim[f"{column}_of"] = named.mask(
            named.map(is_blank), header[located.places[column][0]].strip()
        )
    return claim


def _read_name(row: tuple[str, ...]) -> tuple[str, AdName | None]:
    """Return the first name of a row that carries a version, or else the first one there is."""
    for text in row:
        name = read_ad_name(text)
        if name is not None:
            return text, name
    return next((text for text in row if not is_blank(text)), ""), None


def _name(cells: pd.DataFrame, column: str, headers: ReportHeaders) -> "pd.Series[str]":
    """Return a column under the platform's name, for messages."""
    return cells[column].rename(headers.names(column)[0])


def _read_optional(
    cells: pd.DataFrame, column: str, headers: ReportHeaders, origin: str
) -> "pd.Series[float]":
    """Return figures that a report may lack."""
    if column not in cells:
        return pd.Series(math.nan, index=cells.index)
    return read_money(_name(cells, column, headers), origin)


def _check_context(lines: Lines, headers: ReportHeaders, origin: str) -> list[str]:
    """Check what the lines around the table say; return what to tell."""
    aggregation = lines.find_label(headers.beginnings("aggregation"))
    daily = headers.beginnings("daily")
    if aggregation and daily and aggregation.casefold() not in {word.casefold() for word in daily}:
        raise InputError(
            f"{origin} is not by day: it says {headers.beginnings('aggregation')[0]}"
            f" {aggregation}.",
            "Make the report by day.",
        )
    stated = lines.find_label(headers.beginnings("rows"))
    if stated.isdecimal() and int(stated) != len(lines.data):
        raise InputError(
            f"{origin} says that it has {int(stated):,} rows, and has {len(lines.data):,}.",
            "The file is cut off or was changed: download it again.",
        )
    if lines.find_label(headers.beginnings("incomplete")).casefold() == "true":
        return ["The platform says that this report is not complete yet: import it again later."]
    return []


def _check_totals(rows: pd.DataFrame, lines: Lines, located: Located) -> None:
    """Refuse a report that adds up to none of its own totals rows: a part of it is gone."""
    if not lines.totals:
        return
    numbers = [number for number, _ in lines.totals]
    sums = {"impressions": rows["impressions_count"].sum(), "spend": rows["spend_usd"].sum()}
    slack = {"impressions": 0.5, "spend": _HALF_CENT * (len(rows) + 1)}
    origin = located.grid.origin
    agrees = np.ones(len(numbers), dtype=bool)
    stated = {}
    for column, total in sums.items():
        place = located.places[column][0]
        cells = pd.Series([row[place] for _, row in lines.totals], index=numbers, dtype=str)
        stated[column] = read_money(cells.rename(column), origin)
        agrees &= (
            stated[column].isna() | ((stated[column] - total).abs() <= slack[column])
        ).to_numpy()
    if not agrees.any():
        first = numbers[0]
        raise InputError(
            f"{origin}: its rows add up to {sums['impressions']:,.0f} impressions and"
            f" ${sums['spend']:,.2f}, and its totals in row {first} are"
            f" {stated['impressions'][first]:,.0f} and ${stated['spend'][first]:,.2f}.",
            "The file is cut off, or rows were removed: download it again.",
        )


def _merge_rows(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Add up rows of one key, such as those of several devices; return how many there were."""
    keys = list(KEYS)
    repeated = rows.duplicated(keys, keep=False)
    if not repeated.any():
        return rows.reset_index(drop=True), 0
    of = [name for name in ("conversions_of", "lift_of") if name in rows]
    fixed = ["platform", "version", "arm", "currency", *of]
    grouped = rows.groupby(keys, sort=False)
    merged = grouped[[*fixed, "reach_count", "frequency"]].first()
    merged[["reach_count", "frequency"]] = merged[["reach_count", "frequency"]].where(
        grouped.size() == 1, math.nan, axis=0
    )
    merged[["impressions_count", "spend_usd"]] = grouped[["impressions_count", "spend_usd"]].sum()
    for name in ("clicks_count", "conversions_count", "lift_count"):
        if name in rows:
            merged[name] = grouped[name].sum(min_count=1)
    for name in of:
        merged[name] = grouped[name].agg(lambda words: "; ".join(dict.fromkeys(words)))
    return merged.reset_index()[list(rows.columns)], int(rows.duplicated(keys).sum())
