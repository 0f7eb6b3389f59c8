"""Read and keep partners' logs of calls, doors, events, and texts, by area."""

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from outreach.delivery.places import name_place
from outreach.errors import InputError, StoreError
from outreach.files import write_file
from outreach.tables import Activity, DataFrame, as_table, check
from outreach.user_files.cells import parse_days, read_numbers
from outreach.user_files.table import fold_name, read_table

#: The columns of a log.
COLUMNS = ("organization", "kind", "place", "day", "contacts")
#: What a kind may be called.
_KINDS = {
    **dict.fromkeys(("calls", "call", "phone", "phones", "phone bank"), "calls"),
    **dict.fromkeys(("doors", "door", "canvass", "canvassing", "door knocking"), "doors"),
    **dict.fromkeys(("events", "event", "tabling"), "events"),
    **dict.fromkeys(("texts", "text", "sms", "messages"), "texts"),
}
#: Names of columns that are about persons; a log is about areas.
_PERSONAL = re.compile(
    r"(first|last|full|contact) ?name|e-?mail( address)?|phone( number)?|street|address|birth.*"
)
#: A ZIP, a tract, or a unit id; words behind a dash could be an address.
_AREA = r"\d{5}|\d{11}|tract-\d{11}|zip-\d{5}|(?:pin|polygon)-\d{1,6}"
#: The longest name of an organization, and the most contacts of it in a place on a day.
_LONGEST_NAME, _MOST_CONTACTS = 200, 1_000_000
_CONTROL = r"[\x00-\x1f\x7f-\x9f]"
_KEY = ["organization", "kind", "place", "day"]


def read_activity(path: Path) -> DataFrame[Activity]:
    """Read a partner's log.

    Parameters
    ----------
    path
        A table with the columns of :data:`COLUMNS`.

    Raises
    ------
    InputError
        It is no such table, has a column about persons, or a row names no area, day, or kind.
    """
    what = "a log of outreach"
    every = read_table(path, what)
    personal = [name for name in every if _PERSONAL.fullmatch(fold_name(name))]
    if personal:
        raise InputError(
            f"{path} has the column '{personal[0]}', which is about persons.",
            "Remove it: a log holds areas only. Nothing was read.",
        )
    return parse_activity(read_table(path, what, COLUMNS), str(path))


def parse_activity(cells: pd.DataFrame, origin: str) -> DataFrame[Activity]:
    """Make a log of cells as a person wrote them.

    Parameters
    ----------
    cells
        Text in the columns of :data:`COLUMNS`.
    origin
        Where they come from, for messages.

    Raises
    ------
    InputError
        A row names no organization, area, day, or kind, or has more contacts than there can be; or
        there is no row.
    """
    names, contacts = cells["organization"], read_numbers(cells["contacts"], origin, low=0)
    kinds = cells["kind"].str.casefold().map(_KINDS)
    places = cells["place"].map(lambda cell: name_place(cell, "zip"))
    days = parse_days(cells["day"])
    faults = {
        "organization": (
            (names == "") | (names.str.len() > _LONGEST_NAME) | names.str.contains(_CONTROL),
            f"Write who did it in one line of 1 to {_LONGEST_NAME} characters.",
        ),
        "kind": (kinds.isna(), "Write calls, doors, events, or texts."),
        "place": (~places.str.fullmatch(_AREA), "Write a ZIP, a tract, or a unit id, no address."),
        "day": (days.isna(), "Write days as 2030-04-01 or 4/1/2030."),
        "contacts": (contacts > _MOST_CONTACTS, f"Write {_MOST_CONTACTS:,} at most."),
    }
    for column, (wrong, todo) in faults.items():
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            cell = str(cells[column].iloc[row])[:60]
            raise InputError(f"{origin}: {column} in data row {row + 1} is {cell!r}.", todo)
    table = pd.DataFrame(
        {
            "day": days,
            "organization": names,
            "kind": kinds,
            "place": places,
            "contacts_count": contacts,
        }
    )
    if table.empty:
        raise InputError(f"{origin} has no row.", "Name a log with at least one.")
    return check(table.groupby(_KEY, as_index=False).sum(), Activity, origin)


@dataclass(frozen=True, slots=True)
class ActivityLog:
    """The logs of one campaign, append-only: a folder with a file for each import."""

    folder: Path

    def record(self, activity: DataFrame[Activity]) -> tuple[int, int]:
        """Store what a log adds or corrects.

        Returns
        -------
        tuple of int
            How many rows are new, and how many supersede earlier ones. Where both are 0, nothing is
            stored.

        Raises
        ------
        StoreError
            The folder cannot be written, or a file of it is damaged.
        """
        known = self.read().set_index(_KEY)["contacts_count"]
        rows = activity.set_index(_KEY)["contacts_count"]
        before = known.reindex(rows.index)
        changed = rows[before != rows]
        if changed.empty:
            return 0, 0
        buffer = io.BytesIO()
        changed.reset_index().to_parquet(buffer)
        content = buffer.getvalue()
        number = len(self._list_files()) + 1
        path = self.folder / f"{number:04d}-{hashlib.sha256(content).hexdigest()[:12]}.parquet"
        try:
            write_file(path, content)
        except OSError as error:
            raise StoreError(
                f"Cannot write {path}: {error.strerror or error}.", "Free some space."
            ) from error
        new = int(before[changed.index].isna().sum())
        return new, len(changed) - new

    def read(self) -> DataFrame[Activity]:
        """Return the rows that count: of an organization's day in a place, the last one.

        Raises
        ------
        StoreError
            A file was changed or damaged.
        """
        parts = [
            pd.DataFrame({name: pd.Series(dtype=object) for name in (*_KEY, "contacts_count")})
        ]
        for path in self._list_files():
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest()[:12] != path.stem.split("-")[1]:
                raise StoreError(
                    f"{path} was changed or damaged.", "Restore it from a backup, or remove it."
                )
            parts.append(pd.read_parquet(io.BytesIO(content)))
        filled = [part for part in parts if len(part)] or parts[:1]
        rows = pd.concat(filled, ignore_index=True).drop_duplicates(_KEY, keep="last")
        return as_table(check(rows, Activity, str(self.folder)), Activity)

    def _list_files(self) -> list[Path]:
        """Return the files of the imports, the oldest first."""
        return sorted(self.folder.glob("[0-9]*.parquet"))
