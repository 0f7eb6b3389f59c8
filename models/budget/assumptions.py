"""Declare assumptions about advertising: a default, a plausible range, and the evidence."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf

from outreach.errors import ModelError
from outreach.evidence import Evidence


class Case(StrEnum):
    """All assumptions together at their unfavorable end, at their default, or at the other end."""

    LOW = "low"
    MID = "mid"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure that this project has not measured.

    Parameters
    ----------
    label, unit
        What it is and what it counts, for people.
    low, mid, high
        Smallest plausible, default and largest plausible value.
    evidence
        How well it is supported, and by whom.

    Raises
    ------
    ModelError
        The figures are negative, infinite or out of order.
    """

    label: str
    low: float
    mid: float
    high: float
    unit: str
    evidence: Evidence

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.mid <= self.high < inf:
            raise ModelError(
                f"The assumption '{self.label}' has the values {self.low}, {self.mid} and"
                f" {self.high}.",
                "Give three finite figures, at least 0, in rising order.",
            )

    def value(self, case: Case, *, costs: bool = False) -> float:
        """Return the figure for a case; if it ``costs``, its unfavorable end is the high one."""
        if case is Case.MID:
            return self.mid
        return self.high if (case is Case.HIGH) != costs else self.low

    def set_value(self, value: float, evidence: Evidence) -> "Assumption":
        """Return the assumption with one figure in place of its range."""
        return replace(self, low=value, mid=value, high=value, evidence=evidence)
