"""Write changes for Microsoft Advertising, with the IDs of its own bulk file.

To delete a location, its record needs ``Status``, ``Id``, and ``Parent Id`` (Campaign Location
Criterion Record - Bulk), and only Microsoft knows the last two.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.changes.changer import Changer, Difference
from outreach.exporters.changes.tables import (
    Row,
    RowChanges,
    compare_rows,
    list_new_cells,
    read_rows,
    write_rows,
)
from outreach.spreadsheet import Cell
from outreach.user_files.table import read_table

#: What names a record. Records of a file follow their campaign, whose name each of them gets here.
_KEYS = ("Type", "Campaign", "Ad Group", "Target", "Latitude", "Longitude", "Radius")
_POINT = ("Latitude", "Longitude", "Radius")
#: How records of one file point to each other; the keys mean nothing in another file.
_POINTERS = ("Id", "Parent Id")
#: Keys of new campaigns and of their ad groups are negative and go down from here.
_FIRST_KEY = -111
_CLEARED = "delete_value"

Key = tuple[str, ...]


def write_changes(difference: Difference) -> list[ExportFile]:
    """Write the records to add, to change, and to delete in one bulk file.

    Raises
    ------
    ExportError
        An uploaded campaign changes, and Microsoft's own file is missing or does not have it.
    """
    rules = difference.rules
    old, new = (
        list(_name_campaigns(read_rows(files, "microsoft-bulk")))
        for files in (difference.old, difference.new)
    )
    rows = compare_rows(old, new, _KEYS)
    if not (rows.added or rows.changed or rows.removed):
        return []

    # Uploaded campaigns have IDs of Microsoft's; new ones get keys of their own.
    uploaded = {row["Campaign"] for row in old}
    touched = {key[1] for part in (rows.added, rows.changed, rows.removed) for key in part}
    ids = _read_ids(difference.bulk_download) if touched & uploaded else {}
    created = sorted({row["Campaign"] for row in new} - uploaded)
    for number, name in enumerate(created):
        ids[_key_campaign(name)] = str(_FIRST_KEY - 2 * number)

    lines: list[dict[str, Cell]] = [
        {"Type": "Format Version", "Name": rules.word("format_version")}
    ]
    lines += _list_records(rows, ids, rules.word("deleted"))
    header = rules.header("bulk") + rules.header("campaign")
    content = write_rows(lines, header, bom=rules.bom.value)
    return [ExportFile("microsoft-bulk-changes.csv", content)]


def _name_campaigns(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the records with their campaign's name and without the pointers of their file."""
    name = ""
    for row in rows:
        if row["Type"] == "Campaign":
            name = row["Campaign"]
        if row["Type"] != "Format Version":
            yield {**row, "Campaign": name, **dict.fromkeys(_POINTERS, "")}


def _list_records(
    rows: RowChanges, ids: Mapping[Key, str], deleted: str
) -> Iterator[dict[str, Cell]]:
    """Yield the records of changes, campaigns before what belongs to them."""
    for key, (one, other) in rows.changed.items():
        yield _point(key, ids) | list_new_cells(one, other, _CLEARED)
    for key, row in rows.added.items():
        is_campaign = key[0] == "Campaign"
        parent = "0" if is_campaign else _find_id(ids, _key_campaign(key[1]))
        own = ids[key] if is_campaign else ""
        if key[0] == "Ad Group":
            own = str(int(parent) - 1) if int(parent) < 0 else ""
        shown = {"Id": own, "Parent Id": parent}
        named = {} if is_campaign or key[0] == "Ad Group" else {"Campaign": ""}
        yield {**row, **shown, **named}

    # A campaign that is deleted takes its records with it.
    gone = {key[1] for key in rows.removed if key[0] == "Campaign"}
    for key in rows.removed:
        if key[0] == "Campaign" or key[1] not in gone:
            yield _point(key, ids) | {"Status": deleted}


def _point(key: Key, ids: Mapping[Key, str]) -> dict[str, Cell]:
    """Return type and IDs of a record that Microsoft has."""
    parent = "0" if key[0] == "Campaign" else _find_id(ids, _key_campaign(key[1]))
    return {"Type": key[0], "Id": _find_id(ids, key), "Parent Id": parent}


def _key_campaign(name: str) -> Key:
    """Return the key of a campaign's own record."""
    return ("Campaign", name, "", "", "", "", "")


def _find_id(ids: Mapping[Key, str], key: Key) -> str:
    """Return the ID of a record.

    Raises
    ------
    ExportError
        Microsoft's file does not have it.
    """
    if key not in ids:
        what = " ".join(part for part in (key[0], *key[2:]) if part)
        raise ExportError(
            f"Microsoft's bulk file has no {what!r} in the campaign {key[1]!r}.",
            "Download the bulk file of the account again, with all campaigns and their targets. If"
            " the first list was never uploaded, export without --since.",
        )
    return ids[key]


def _read_ids(path: Path | None) -> dict[Key, str]:
    """Return Microsoft's ID of each record in the bulk file that a person downloaded.

    Raises
    ------
    ExportError
        There is no such file.
    InputError
        It cannot be read, or lacks a column.
    """
    if path is None:
        raise ExportError(
            "Microsoft changes and deletes by its own IDs, and only its bulk file has them.",
            "Download the bulk file of the account and name it with --bulk-download.",
        )
    columns = ("Type", "Id", "Parent Id", "Campaign", "Ad Group", "Target", *_POINT)
    table = read_table(path, "Microsoft's bulk file", columns).fillna("")
    campaigns = table[table["Type"] == "Campaign"]
    names = dict(zip(campaigns["Id"], campaigns["Campaign"], strict=True))
    ids: dict[Key, str] = {}
    for row in table[list(columns)].to_dict("records"):
        kind = str(row["Type"])
        name = str(row["Campaign"]) if kind == "Campaign" else names.get(row["Parent Id"], "")
        point = [_write_figure(str(row[column]), column) for column in _POINT]
        group = str(row["Ad Group"]) if kind == "Ad Group" else ""
        ids[kind, name, group, str(row["Target"]), *point] = str(row["Id"])
    return ids


def _write_figure(cell: str, column: str) -> str:
    """Return a coordinate or a radius as our own files have it."""
    if not cell:
        return ""
    return f"{float(cell):g}" if column == "Radius" else f"{float(cell):.6f}"


CHANGER = Changer(
    write_changes,
    notes=("Campaigns that run go on running: their status is not in the file.",),
)
