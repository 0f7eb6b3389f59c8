"""Look up the IDs that platforms give to ZIPs.

Sources: Google's ``geotargets-YYYY-MM-DD.csv`` (zipped),
developers.google.com/google-ads/api/data/geotargets, and Microsoft's geographical location codes
of the Bing Ads API. Both lists change several times a year. Neither is shipped; the user supplies
them.
"""

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from outreach.exporters.base.cells import format_figure
from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.places import Place
from outreach.exporters.base.rules import PlatformRules
from outreach.partners import match_codes
from outreach.spreadsheet import Cell, write_table
from outreach.units import UnitKind
from outreach.user_files.cells import read_ids, refuse_rounded
from outreach.user_files.table import read_table

_ZIP_DIGITS = 5


def read_geotargets(path: Path, rules: PlatformRules) -> dict[str, str]:
    """Return Google's criterion ID of every ZIP in its list of geo targets.

    An active ID goes before one that is planned for removal; a ZIP that has no other keeps that one
    until the next list.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, or an ID is no whole number.
    """
    title = "Google's list of geo targets"
    columns = number, name, _, _, country, kind, status = rules.header("geotargets")
    table = _read_list(path, title, columns)
    inside = (table[kind] == rules.word("postal_code")) & (
        table[country] == rules.word("country_code")
    )
    zips = table[inside]
    retired = zips[status].str.casefold() != "active"
    return _map_ids(zips[name], zips[number], retired, str(path))


def read_location_codes(
    path: Path, google_ids: Mapping[str, str], rules: PlatformRules
) -> dict[str, str]:
    """Return Microsoft's location ID of every ZIP that Google has an ID for.

    The two lists meet by Google's criterion ID, which Microsoft's list states for each place;
    display names are for people and are not read. Deprecated locations are left out, and an active
    ID goes before any other.

    Parameters
    ----------
    path
        Microsoft's geographical location codes.
    google_ids
        From :func:`read_geotargets`.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, or an ID is no whole number.
    """
    columns = number, google_id, kind, status = rules.header("location_codes")
    table = _read_list(path, "Microsoft's location codes", columns)
    states = table[status].str.casefold()
    known = table[google_id].str.strip() != ""
    usable = table[(table[kind] == rules.word("postal_code")) & (states != "deprecated") & known]

    # One place of Google's may have several locations; those that are not about to go come first.
    ids = pd.DataFrame(
        {
            "google_id": read_ids(usable[google_id], str(path)),
            "id": read_ids(usable[number], str(path)),
            "retired": states[usable.index] != "active",
        }
    )
    first = ids.sort_values("retired", kind="stable").drop_duplicates("google_id")
    by_google = dict(zip(first["google_id"], first["id"], strict=True))
    return {
        code: by_google[google_id]
        for code, google_id in google_ids.items()
        if google_id in by_google
    }


def match_zips(places: Iterable[Place], ids: Collection[str], what: str, origin: Path) -> None:
    """Refuse a platform's list that lacks ZIPs with many households.

    The few that it lacks are listed by :func:`write_unmatched`.

    Parameters
    ----------
    places
        Places to advertise in and to exclude; only ZIPs count.
    ids
        The ZIPs that the list has.
    what
        What a code of the list is, in the singular.
    origin
        The list, for messages.

    Raises
    ------
    InputError
        More than :data:`outreach.partners.MOST_UNMET` of the households live in ZIPs that the list
        lacks.
    """
    households = {
        place.code: place.households_count for place in places if place.kind == UnitKind.ZIP
    }
    match_codes(
        households,
        ids,
        "ZIPs of the targets",
        what,
        str(origin),
        pd.Series(households, dtype=float),
        todo="Download the platform's newest list. If it still lacks them, take these ZIPs off the"
        ' list, or set kind = "pins" under [units] in the campaign.',
    )


def write_unmatched(
    places: Iterable[Place], reason: str, name: str, rules: PlatformRules
) -> list[ExportFile]:
    """Write the ZIPs that are not in a platform's list; no file if there are none."""
    rows: list[Sequence[Cell]] = [
        (
            place.code,
            place.label,
            format_figure(place.households_count, 0),
            format_figure(place.budget_usd),
            reason,
        )
        for place in places
    ]
    if not rows:
        return []
    content = write_table(rows, rules.header("unmatched"), bom=rules.bom.value)
    return [ExportFile(name, content)]


def _read_list(path: Path, title: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a list of IDs, once for as long as its file stays the same.

    A list has hundreds of thousands of rows, and both the exporter and the check need it.
    """
    if not path.is_file():
        return read_table(path, title, columns)
    stat = path.stat()
    return _read_list_once(path, title, columns, (stat.st_mtime_ns, stat.st_size))


@functools.lru_cache(maxsize=4)
def _read_list_once(
    path: Path,
    title: str,
    columns: tuple[str, ...],
    stamp: tuple[int, int],  # noqa: ARG001  a changed file is another list
) -> pd.DataFrame:
    """Read a list of IDs; nobody may change the table."""
    return read_table(path, title, columns)


def _map_ids(
    names: "pd.Series[str]", numbers: "pd.Series[str]", retired: "pd.Series[bool]", origin: str
) -> dict[str, str]:
    """Map each ZIP to its first ID, those that are not about to go before the others."""
    names = names.str.strip()
    refuse_rounded(names, origin)
    # Where no ZIP begins with 0, a spreadsheet took the zeros away.
    if not names.str.startswith("0").any():
        names = names.str.zfill(_ZIP_DIGITS)
    ids = pd.DataFrame({"zip": names, "id": read_ids(numbers, origin), "retired": retired})
    first = ids.sort_values("retired", kind="stable").drop_duplicates("zip")
    return dict(zip(first["zip"], first["id"], strict=True))
