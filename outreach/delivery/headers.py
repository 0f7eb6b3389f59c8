"""Read what the columns and lines of a platform's reports are called.

The facts are in ``headers/<platform>.toml``, each with a status, a source, and a value. A user
whose platform changed a name puts a ``<platform>-report.toml`` into the folder of platform rules
and writes there only what differs.
"""

import datetime as dt
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outreach.errors import InputError
from outreach.evidence import Fact, date_facts, overlay_facts
from outreach.user_files.toml import read_toml

#: The columns that a report may have, by our names.
COLUMNS = (
    *(
        "day",
        "first_day",
        "last_day",
        "channel",
        "campaign",
        "ad_group",
        "language",
        "place",
        "impressions",
    ),
    *("reach", "frequency", "clicks", "spend", "currency", "time_zone"),
    *("conversions", "conversions_of", "lift", "lift_of"),
)


class ReportHeaders(BaseModel):
    """The words of one platform's reports.

    Parameters
    ----------
    platform, title
        The platform's name, and what people call it.
    checked
        The day on which the facts were last compared with their sources.
    columns
        Names that a column may have, by ours (:data:`COLUMNS`), the best first.
    words
        How lines begin that are no data: ``totals``, ``footers``, and labels above the table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: str
    title: str
    checked: dt.date
    columns: dict[str, Fact[tuple[str, ...]]]
    words: dict[str, Fact[tuple[str, ...]]] = Field(default_factory=dict)

    def names(self, column: str) -> tuple[str, ...]:
        """Return the names of a column; none where the platform has no such column."""
        return self.columns[column].value if column in self.columns else ()

    def beginnings(self, kind: str) -> tuple[str, ...]:
        """Return how lines of a kind begin; none where there are no such lines."""
        return self.words[kind].value if kind in self.words else ()


def load_headers(platform: str, folder: Path | None = None) -> ReportHeaders:
    """Read the words of a platform's reports.

    Parameters
    ----------
    platform
        Name of a reader.
    folder
        Where the user's own ``<platform>-report.toml`` may be. A fact in it without a status
        becomes ``USER`` with the file as its source.

    Raises
    ------
    InputError
        The user's file cannot be read or is not in the right form.
    """
    file = resources.files("outreach.delivery") / "headers" / f"{platform}.toml"
    shipped: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    date_facts(shipped, shipped["checked"])
    own = folder / f"{platform}-report.toml" if folder else None
    if own is None or not own.is_file():
        return ReportHeaders.model_validate(shipped)

    hint = "Write each fact like this: columns.spend = {value = ['Cost'], source = 'our account'}."
    changes = read_toml(own, "the words of reports", hint)
    _refuse_unknown(changes, shipped, own)
    try:
        return ReportHeaders.model_validate(overlay_facts(shipped, changes, str(own)))
    except ValidationError as error:
        address = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
    raise InputError(f"{own}: '{address}' is wrong.", hint)


def _refuse_unknown(changes: dict[str, Any], shipped: dict[str, Any], own: Path) -> None:
    """Refuse a column or a word that no reader reads, because nobody would notice the typo."""
    known = {"columns": set(COLUMNS), "words": set(shipped["words"])}
    for part, names in changes.items():
        is_table = part in known and isinstance(names, dict)
        unknown = sorted(set(names) - known[part]) if is_table else [part]
        if unknown:
            allowed = ", ".join(sorted(known.get(part, known)))
            raise InputError(
                f"{own} has '{unknown[0]}', which no reader reads.", f"Choose from: {allowed}."
            )
