"""Read the service's own small files, and say plainly when one is damaged."""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from outreach.errors import OutreachError, StoreError

_Record = TypeVar("_Record", bound=BaseModel)


def read_record(
    path: Path,
    kind: type[_Record],
    name: str,
    todo: str,
    failure: type[OutreachError] = StoreError,
    *,
    strict: bool = False,
) -> _Record:
    """Read a JSON file that the service wrote.

    Parameters
    ----------
    path, kind
        The file, and what it has to hold.
    name
        What the file is, such as ``manifest``.
    todo
        The way out, as a sentence.
    failure
        The error to raise.
    strict
        Refuse a value of another kind, such as text for a number, instead of converting it.

    Raises
    ------
    OutreachError
        The file cannot be read, is empty, is cut off, or holds something else; of the type
        ``failure``.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise failure(f"The {name} {path} cannot be read: {reason}.", todo) from error
    try:
        return kind.model_validate_json(content, strict=strict)
    except ValidationError as error:
        reason = describe_damage(content, error)
    raise failure(f"The {name} {path} cannot be read: {reason}.", todo)


def describe_damage(content: bytes, error: ValidationError | None = None) -> str:
    """Say in plain words what is wrong with the content of a JSON file."""
    if not content.strip(b"\0 \t\r\n"):
        return "the file is empty"
    try:
        json.loads(content)
    except ValueError:
        return "the file is damaged or cut off"
    except RecursionError:
        return "the file is nested too deeply"
    places = [".".join(map(str, one["loc"])) for one in error.errors()] if error else []
    first = next((place for place in places if place), "")
    return f"'{first}' is missing or wrong" if first else "it does not hold what it should"
