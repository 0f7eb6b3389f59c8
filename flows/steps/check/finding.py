"""Describe what a check found: a fault, or a remark that stops nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from outreach.phrasing import list_names

#: Most names that a sentence lists.
_LISTED = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    Parameters
    ----------
    sentence
        What is wrong, where, and what to do.
    is_fault
        Whether it stops a run; a remark does not.
    """

    sentence: str
    is_fault: bool = True


def suggest_names(wrong: str, names: Sequence[str]) -> str:
    """Write which name may be meant and which ones exist: ``Did you mean "Ward"? It has Ward.``."""
    near = get_close_matches(wrong, names, n=1)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    return f"{hint}Choose from: {list_names(names, _LISTED)}."
