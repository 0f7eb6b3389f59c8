"""Read a user's TOML file, and say plainly what is wrong with it."""

import tomllib
from pathlib import Path
from typing import Any

from outreach.errors import InputError, OutreachError


def read_toml(
    path: Path, what: str, todo: str, failure: type[OutreachError] = InputError
) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path, what
        The file, and what it is, such as ``the campaign file``.
    todo
        The way out where the file cannot be read at all, as a sentence.
    failure
        The error to raise.

    Raises
    ------
    OutreachError
        The file cannot be read or is not TOML; of the type ``failure``.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise failure(f"Cannot read {what} {path}: {reason}.", todo) from None
    return parse_toml(text, str(path), todo, failure)


def parse_toml(
    text: str, origin: str, todo: str, failure: type[OutreachError] = InputError
) -> dict[str, Any]:
    """Read the text of a TOML file; see :func:`read_toml`.

    Parameters
    ----------
    text, origin
        The text, and where it comes from, for messages.
    todo, failure
        As in :func:`read_toml`.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise failure(f"{origin} has too many lists or tables inside one another.", todo) from None
    except tomllib.TOMLDecodeError as error:
        raise failure(f"{origin} is not valid TOML: {error}.", "Fix that line.") from None
