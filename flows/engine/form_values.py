"""Read what a person typed into the form of an offer, and say plainly what does not fit."""

import math
import re
from collections.abc import Mapping
from typing import Any

from flows.engine.serving.jobs import Offer
from outreach.errors import InputError
from outreach.phrasing import list_names

_YES, _NO = frozenset({"true", "on", "yes", "1"}), frozenset({"", "false", "off", "no", "0"})
#: Most choices that a sentence lists.
_LISTED = 12


def read_values(offer: Offer, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of an offer from the texts of its form.

    Parameters
    ----------
    offer
        Whose form it is.
    texts
        What was typed, by field. An empty text is the field's default.

    Raises
    ------
    InputError
        A field is unknown, missing, or outside its limits. It has a sentence for each.
    """
    faults = [f"The form has no field '{name}'." for name in texts if name not in offer.fields]
    values: dict[str, Any] = {}
    for name, field in offer.fields.items():
        text = texts.get(name, "").strip()
        title = str(field.get("title", name))
        if _find_type(field) != "boolean" and not text:
            if name in offer.required:
                faults.append(f"{title}: this is needed.")
            continue
        try:
            values[name] = _read_value(field, text)
        except ValueError as error:
            faults.append(f"{title}: {error}")
    if faults:
        raise InputError(" ".join(faults), "Nothing was started.")
    return values


def _find_type(field: Mapping[str, Any]) -> str:
    """Return the type of a field, whether or not it may be empty."""
    kinds = field.get("anyOf", (field,))
    return next((str(kind["type"]) for kind in kinds if kind.get("type") != "null"), "string")


def _find_limits(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits of a field, whether or not it may be empty."""
    kinds = field.get("anyOf", (field,))
    return next((dict(kind) for kind in kinds if kind.get("type") != "null"), {})


def _read_value(field: Mapping[str, Any], text: str) -> str | float | bool:
    """Return one value; a ``ValueError`` says what is wrong with it."""
    kind, limits = _find_type(field), _find_limits(field)
    if kind == "boolean":
        if text.casefold() not in _YES | _NO:
            raise ValueError("say yes or no.")
        return text.casefold() in _YES
    if kind == "number":
        return _read_number(limits, text)
    if kind == "integer":
        number = _read_number(limits, text)
        if number != int(number):
            raise ValueError("use a whole number.")
        return int(number)
    choices = field.get("enum")
    if choices and text not in choices:
        raise ValueError(f"choose from {list_names(list(choices), _LISTED)}.")
    most = limits.get("maxLength")
    if most and len(text) > most:
        raise ValueError(f"use {most} characters at most.")
    if (pattern := limits.get("pattern")) and not re.search(pattern, text):
        raise ValueError(f"'{text[:80]}' does not fit. {field.get('description', '')}".strip())
    return text


def _read_number(limits: Mapping[str, Any], text: str) -> float:
    """Return a number within its limits; ``$`` and commas are left out."""
    try:
        number = float(text.replace(",", "").removeprefix("$"))
    except ValueError:
        raise ValueError(f"'{text[:80]}' is not a number.") from None
    low, high = limits.get("minimum"), limits.get("maximum")
    above = limits.get("exclusiveMinimum")
    if not math.isfinite(number) or (high is not None and number > high):
        raise ValueError(f"use {high:,.0f} at most." if high is not None else "use a number.")
    if (low is not None and number < low) or (above is not None and number <= above):
        raise ValueError(f"use {low:,.0f} or more." if low is not None else "use more than 0.")
    return number
