"""Define one case of a round of damaged files, and compare values."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class ChangedValueError(AssertionError):
    """A file was read to other values than it holds."""


@dataclass(frozen=True)
class Case:
    """One file to read.

    Parameters
    ----------
    read
        Reads the file, and raises :class:`ChangedValueError` if a value is not that of the file.
    is_good
        Whether the file is whole, so that a refusal is a fault.
    """

    read: Callable[[], None]
    is_good: bool


def compare_values(written: Any, read: Any, place: str = "", *, defaults: bool = False) -> None:
    """Compare what a file holds with what was read; blanks around text make no difference.

    With ``defaults``, a key that the file lacks may have a value, as where an older version wrote
    the file.

    Raises
    ------
    ChangedValueError
        A value, its kind, or a key is not the same.
    """
    if isinstance(written, dict) and isinstance(read, dict):
        if set(written) - set(read) or (set(read) - set(written) and not defaults):
            raise ChangedValueError(f"{place}: keys {sorted(set(written) ^ set(read))[:3]}")
        for key, value in written.items():
            compare_values(value, read[key], f"{place}.{key}", defaults=defaults)
    elif isinstance(written, list | tuple) and isinstance(read, list | tuple):
        if len(written) != len(read):
            raise ChangedValueError(f"{place}: {len(written)} items became {len(read)}")
        for number, (one, other) in enumerate(zip(written, read, strict=True)):
            compare_values(one, other, f"{place}[{number}]", defaults=defaults)
    elif not _is_same(written, read):
        raise ChangedValueError(f"{place}: {written!r} became {read!r}")


def _is_same(written: Any, read: Any) -> bool:
    """Whether two single values are one."""
    if isinstance(written, str) and isinstance(read, str):
        return written.strip() == read.strip() or _is_same_moment(written, read)
    if isinstance(written, bool) or isinstance(read, bool):
        return written is read
    if isinstance(written, int | float) and isinstance(read, int | float):
        return written == read
    return type(written) is type(read) and bool(written == read)


def _is_same_moment(written: str, read: str) -> bool:
    """Whether two texts are one moment."""
    try:
        return dt.datetime.fromisoformat(written) == dt.datetime.fromisoformat(read)
    except (ValueError, TypeError):
        return False
