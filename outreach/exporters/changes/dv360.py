"""Write changes for Display & Video 360: locations of lists, and rows of line items."""

import json
from collections.abc import Sequence
from typing import Any

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.rules import PlatformRules
from outreach.exporters.changes.changer import Changer, Difference
from outreach.exporters.changes.tables import compare_rows, read_rows, write_rows
from outreach.spreadsheet import Cell


def write_changes(difference: Difference) -> list[ExportFile]:
    """Write a bulk edit for each location list that changes, and the line items that do."""
    old, new = (_read_lists(files) for files in (difference.old, difference.new))
    files = []
    for name in dict.fromkeys([*new, *old]):
        edit = _describe_edit(old.get(name), new.get(name))
        if edit:
            content = json.dumps(edit, ensure_ascii=False, indent=1).encode("utf-8")
            files.append(ExportFile(f"{name}-changes.json", content))
    return files + _write_line_items(difference)


def _read_lists(files: Sequence[ExportFile]) -> dict[str, dict[str, Any]]:
    """Return the location lists by the name of their file, which is that of their place."""
    return {
        file.name.removesuffix(".json"): json.loads(file.content)
        for file in files
        if file.name.endswith(".json")
    }


def _list_ids(spec: dict[str, Any] | None) -> list[str]:
    """Return the locations of a list; none where there is no list."""
    entries = spec["bulkEdit"]["createdAssignedLocations"] if spec else []
    return [entry["targetingOptionId"] for entry in entries]


def _describe_edit(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any]:
    """Return a bulk edit in the API's field names; empty if nothing changes."""
    before, after = _list_ids(old), _list_ids(new)
    created = [{"targetingOptionId": id_} for id_ in after if id_ not in set(before)]
    deleted = [id_ for id_ in before if id_ not in set(after)]
    if not created and not deleted:
        return {}
    whole = new or old or {}
    action = "create" if old is None else "delete" if new is None else "edit"
    return whole | {
        "action": action,
        "bulkEdit": {"createdAssignedLocations": created, "deletedAssignedLocations": deleted},
    }


def _write_line_items(difference: Difference) -> list[ExportFile]:
    """Write the line items that are new, changed, or to be archived."""
    rules = difference.rules
    rows = compare_rows(
        read_rows(difference.old, "dv360-sdf-line-items"),
        read_rows(difference.new, "dv360-sdf-line-items"),
        ["Name"],
    )
    lines: list[dict[str, Cell]] = [
        dict(new) | _point(key[0], rules) | {"Status": ""} for key, (_, new) in rows.changed.items()
    ]
    lines += [dict(row) for row in rows.added.values()]
    lines += [
        dict(row) | _point(key[0], rules) | {"Status": rules.word("archived")}
        for key, row in rows.removed.items()
    ]
    if not lines:
        return []
    header = rules.header("sdf")
    content = write_rows(lines, header, bom=rules.bom.value)
    return [ExportFile("dv360-sdf-line-items-changes.csv", content)]


def _point(name: str, rules: PlatformRules) -> dict[str, Cell]:
    """Return words in the place of the ID that a line item has on the platform."""
    return {"Line Item Id": f"{rules.word('list_id')} {name}"}


CHANGER = Changer(
    write_changes,
    notes=(
        (
            "Put the ID of each line item and its present status into the file. In a bulk edit, the"
            " locations to delete go by the IDs that the list itself shows for them."
        ),
    ),
)
