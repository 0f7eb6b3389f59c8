"""Explain validation faults in plain words: key, allowed values, value found."""

from collections.abc import Callable, Sequence
from typing import Any

from outreach.campaign.forms import PATTERN_WORDS

#: Longest wrong value that a message shows, in characters.
_LONGEST_VALUE = 60

#: Lists the keys that are allowed at a place, given as pydantic gives it.
KeyLister = Callable[[tuple[Any, ...]], list[str]]

#: Sentences by pydantic's type of fault; ``given`` is the value in the file.
_WORDS = {
    "missing": "is missing",
    "string_type": "must be text in quotes, not {given}",
    "string_too_long": "may have at most {max_length} characters",
    "bool_type": "must be true or false without quotes, not {given}",
    "float_type": "must be a number without quotes, not {given}",
    "int_type": "must be a whole number without quotes, not {given}",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "tuple_type": (
        "must be a list ([...]) or, for a table, use double brackets ([[...]]), not {given}"
    ),
    "date_type": "must be a date without quotes, such as 2020-10-15, not {given}",
    "date_from_datetime_parsing": "must be a date, such as 2020-10-15, not {given}",
    "string_pattern_mismatch": "must be {pattern_words}, not {given}",
    "extra_forbidden": "is not a campaign key; keys allowed here: {allowed}",
    "value_error": "is invalid: {error}",
}


def explain_faults(faults: Sequence[Any], list_keys: KeyLister) -> list[str]:
    """Explain each fault in a sentence, except those that only follow from another one.

    Parameters
    ----------
    faults
        From :meth:`pydantic.ValidationError.errors`.
    list_keys
        Lists the keys that are allowed at a place.
    """
    return [_explain_fault(fault, list_keys) for fault in faults if not _follows(fault, faults)]


def _explain_fault(fault: Any, list_keys: KeyLister) -> str:
    """Explain one fault: key, what is allowed, what the file has."""
    # Name the key as the file spells it, list items counted from 1.
    key = "".join(
        f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]
    ).lstrip(".")
    subject = f"'{key}'" if key else "The campaign"

    context = fault.get("ctx", {})
    pattern = context.get("pattern", "")
    facts = context | {
        "given": _shorten(fault["input"]),
        "pattern_words": PATTERN_WORDS.get(pattern, pattern),
        "allowed": ", ".join(list_keys(fault["loc"][:-1])),
    }
    if fault["type"] in _WORDS:
        return f"{subject} {_WORDS[fault['type']].format(**facts)}."

    # Any other fault has pydantic's own words.
    other = fault["msg"].replace("Input should be", "must be").rstrip(".")
    return f"{subject} {other}, not {facts['given']}."


def _follows(fault: Any, faults: Sequence[Any]) -> bool:
    """Return whether a fault only follows from another one.

    A list is too short because one of its items is wrong, or a default cannot be found because
    what it depends on is wrong.
    """
    if fault["type"] == "default_factory_not_called":
        return True
    place = fault["loc"]
    return fault["type"] == "too_short" and any(
        other["loc"][: len(place)] == place and other is not fault for other in faults
    )


def _shorten(value: object) -> str:
    """Return a value as the message shows it."""
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."
