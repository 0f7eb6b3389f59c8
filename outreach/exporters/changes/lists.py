"""Write the lines of plain lists and tables that a new list adds and removes."""

import re
from collections import Counter
from collections.abc import Iterable

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.changes.changer import Difference

#: The ending that tells parts of one list apart.
_PART = re.compile(r"-part-\d+-of-\d+")


def write_list_changes(difference: Difference, beginning: str = "") -> list[ExportFile]:
    """Write, for each list, one file of lines to add and one of lines to remove.

    Parts of one list count as one. A line that changes is removed in its old form and added in its
    new one. A table's header stands in both files.

    Parameters
    ----------
    difference
        The files of both lists: text with one entry on each line, or CSV.
    beginning
        How the names of the files to compare start.
    """
    old, new = (_join_parts(files, beginning) for files in (difference.old, difference.new))
    files = []
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name, []), new.get(name, [])
        header = (after or before)[:1] if _has_header(name) else []
        before, after = before[len(header) :], after[len(header) :]
        stem, ending = name.rsplit(".", 1)
        for verb, lines in (
            ("add", _subtract(after, before)),
            ("remove", _subtract(before, after)),
        ):
            if lines:
                content = b"".join([*header, *lines])
                files.append(ExportFile(f"{stem}-{verb}.{ending}", content))
    return files


def _join_parts(files: Iterable[ExportFile], beginning: str) -> dict[str, list[bytes]]:
    """Return the lines of each list, without the part in its name."""
    lists: dict[str, list[bytes]] = {}
    for file in files:
        if file.name.startswith(beginning) and not file.is_checklist:
            name = _PART.sub("", file.name)
            lines = file.content.splitlines(keepends=True)
            # The header of a further part is not an entry.
            own = lists.setdefault(name, [])
            own += lines[1:] if own and lines[:1] == own[:1] and _has_header(name) else lines
    return lists


def _has_header(name: str) -> bool:
    """Return whether a list is a table with a header; a country list is not."""
    return name.endswith(".csv") and not name.startswith("zips_country")


def _subtract(lines: list[bytes], others: list[bytes]) -> list[bytes]:
    """Return the lines that the others do not have as often, in their order."""
    spare = Counter(others)
    rest = []
    for line in lines:
        if spare[line]:
            spare[line] -= 1
        else:
            rest.append(line)
    return rest
