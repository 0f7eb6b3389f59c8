"""Make a right-to-left language of the English catalog, as a translator's file would add it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from outreach.catalog import Words, read_words
from outreach.catalog.read import FOLDER

#: Letters of Hebrew take the place of those of English, so that lines run from right to left and
#: are about as long; whatever stands in braces stays.
_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz",
    "\u05d0\u05d1\u05d2\u05d3\u05d4\u05d5\u05d6\u05d7\u05d8\u05d9"
    "\u05db\u05dc\u05de\u05e0\u05e1\u05e2\u05e4\u05e6\u05e7\u05e8\u05e9\u05ea\u05d0\u05d1\u05d2"
    "\u05d3",
)


def read_right_to_left(folder: Path) -> Words:
    """Add the language as one file beside the English catalog, and read it."""
    english = (FOLDER / "en.toml").read_text(encoding="utf-8")
    (folder / "en.toml").write_text(english, encoding="utf-8")
    table = _turn(tomllib.loads(english))
    table["language"] = {"name": "\u05e2\u05d1\u05e8\u05d9\u05ea", "locale": "he"}
    (folder / "he.toml").write_text("\n".join(_write(table)), encoding="utf-8")
    return read_words("he", folder)


def _turn(value: Any) -> Any:
    """Replace the letters of every text."""
    if isinstance(value, dict):
        return {key: _turn(part) for key, part in value.items()}
    parts = str(value).lower().split("{")
    return "{".join(
        part.partition("}")[0] + "}" + part.partition("}")[2].translate(_LETTERS)
        if place
        else part.translate(_LETTERS)
        for place, part in enumerate(parts)
    )


def _write(table: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Write a table as lines of dotted keys."""
    lines: list[str] = []
    for key, value in table.items():
        if isinstance(value, dict):
            lines += _write(value, f"{prefix}{key}.")
        else:
            text = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            lines.append(f'{prefix}{key} = "{text}"')
    return lines
