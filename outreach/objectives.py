"""Name what a list is for, and the assumptions that a campaign may turn on."""

from enum import StrEnum


class Objective(StrEnum):
    """What a list is for: the order in which tracts are bought.

    Most missing households reached for a dollar, lowest rates at the deadline, or most households
    missing at the deadline.
    """

    MISSING_PER_DOLLAR = "missing_per_dollar"
    LOWEST_RATES = "lowest_rates"
    MOST_MISSING = "most_missing"

    @property
    def label(self) -> str:
        """The objective in words."""
        return {
            Objective.MISSING_PER_DOLLAR: "most missing households reached for a dollar",
            Objective.LOWEST_RATES: "lowest rates at the deadline",
            Objective.MOST_MISSING: "most households missing at the deadline",
        }[self]


class Assumed(StrEnum):
    """An assumption that moves lists or ranges only where a campaign turns it on."""

    OPENNESS = "openness"
    SPREAD = "spread"
