"""Puts what is wrong in a file that a person wrote into that person's words: key, what is allowed, what stands there."""

from collections.abc import Callable, Sequence
from typing import Any

#: So much of a wrong value is shown.
_SHOWN = 60

#: Names the keys that are allowed at a place, given as pydantic gives it.
FieldsAt = Callable[[tuple[Any, ...]], list[str]]

#: What a figure must look like, in the words of a message to a planner, by the pattern that it
#: broke.
_PATTERN_WORDS = {
    r"^[0-9]{2}$": 'two digits in quotes, such as "17"',
    r"^[0-9]{3}$": 'three digits in quotes, such as "031"',
    r"^[0-9]{5}$": 'five digits in quotes, such as "14000"',
    r"^[0-9]{11}$": 'eleven digits in quotes, such as "17031010100"',
    r"^[^\x00-\x1f\x7f]*$": "text in one line without control characters",
    r"^[a-z][a-z0-9_]{0,29}$": 'a short name in lower-case letters, digits and "_", such as "meta" or "local_radio"',
    r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$": 'an ISO language code, such as "en", "es" or "zh-Hans"',
}

#: What is wrong, by pydantic's kind of fault; ``given`` is what stands there.
_WORDS = {
    "missing": "is missing",
    "string_type": "must be text in quotes, not {given}",
    "string_too_long": "may have at most {max_length} characters",
    "bool_type": "must be true or false without quotes, not {given}",
    "float_type": "must be a number without quotes, not {given}",
    "int_type": "must be a whole number without quotes, not {given}",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "tuple_type": "must be a list ([...]) or, for a table, stand in double brackets ([[...]]), not {given}",
    "date_type": "must be a day without quotes, such as 2020-10-15, not {given}",
    "date_from_datetime_parsing": "must be a day, such as 2020-10-15, not {given}",
    "string_pattern_mismatch": "must be {wanted}, not {given}",
    "extra_forbidden": "is not a key of a campaign; allowed here: {allowed}",
    "value_error": "is wrong: {error}",
}


def explain_faults(faults: Sequence[Any], fields_at: FieldsAt) -> list[str]:
    """Put the faults of :meth:`pydantic.ValidationError.errors` into sentences, leaving out those that only follow from another one."""
    return [_explain(fault, fields_at) for fault in faults if not _follows(fault, faults)]


def _explain(fault: Any, fields_at: FieldsAt) -> str:
    """Put one pydantic fault into words: key, what is allowed, what stands there."""
    key = "".join(
        f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]
    ).lstrip(".")
    context = fault.get("ctx", {})
    pattern = context.get("pattern", "")
    facts = context | {
        "given": _shorten(fault["input"]),
        "wanted": _PATTERN_WORDS.get(pattern, pattern),
        "allowed": ", ".join(fields_at(fault["loc"][:-1])),
    }
    other = fault["msg"].replace("Input should be", "must be").rstrip(".") + ", not {given}"
    words = _WORDS.get(
        fault["type"], other.replace("{", "{{").replace("}", "}}").replace("{{given}}", "{given}")
    )
    subject = f"'{key}'" if key else "The campaign"
    return f"{subject} {words.format(**facts)}."


def _follows(fault: Any, faults: Any) -> bool:
    """Whether a list is called too short only because one of its items is wrong."""
    place = fault["loc"]
    return fault["type"] == "too_short" and any(
        other["loc"][: len(place)] == place and other is not fault for other in faults
    )


def _shorten(given: object) -> str:
    """Return what stands there, no longer than a message bears."""
    text = repr(given)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
