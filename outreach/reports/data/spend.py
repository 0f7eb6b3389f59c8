"""Hold what a campaign planned to spend."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSpend:
    """What a campaign planned to spend, in US dollars, fees included.

    Parameters
    ----------
    budget_usd, planned_usd
        The budget, and the part of it that the target list uses.
    targets_count
        How many targets get money; held-out units and buffers do not count.
    cpm_usd
        Price of 1,000 impressions.
    kind
        ``tracts``, ``zips``, ``pins`` or ``polygons``.
    withheld
        Whether all of it stays off the page, as in public.
    """

    budget_usd: float
    planned_usd: float
    targets_count: int
    cpm_usd: float
    kind: str = "tracts"
    withheld: bool = False
