"""State the terms of a split: the budget, channels, minimums, caps and floors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, isfinite

from models.budget.ad_response import ResponseCurve
from models.budget.channels import META, AdChannel
from outreach.errors import ModelError


@dataclass(frozen=True, slots=True)
class GroupFloor:
    """The least that a group (a district, a language, a channel) must get, in USD."""

    group: str
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """How a budget may be split.

    Parameters
    ----------
    budget_usd
        The most to spend.
    channels, curve
        Where to advertise, and the assumptions about what it wins.
    minimum_spend_usd
        The least spend of a unit on a channel, if it gets any.
    max_impressions_per_household
        Frequency cap over the whole flight on each channel, as the mean over the households of a
        unit that can see the ads. The planning default is 8-10 a month (ASSUMED).
    floors
        Floors by the ``group`` column of the units; groups do not overlap.
    floors_by_channel
        Whether the groups of the floors are the channels instead.
    channel_frequency
        Frequency caps of the channels that have their own.
    least_value_share
        Money stays unspent once the next dollar wins less than this share (0-1) of what the best
        first dollar won; 0 spends all that can win anything. Floors are met all the same.

    Raises
    ------
    ModelError
        An amount is negative or not finite, a cap is 0, or a channel or group appears twice.
    """

    budget_usd: float
    channels: tuple[AdChannel, ...] = (META,)
    curve: ResponseCurve = field(default_factory=ResponseCurve)
    minimum_spend_usd: float = 0.0
    max_impressions_per_household: float = 24.0
    floors: tuple[GroupFloor, ...] = ()
    floors_by_channel: bool = False
    channel_frequency: Mapping[str, float] = field(default_factory=dict)
    least_value_share: float = 0.0

    def __post_init__(self) -> None:
        amounts = (self.budget_usd, self.minimum_spend_usd, *(floor.usd for floor in self.floors))
        if not all(isfinite(amount) and amount >= 0 for amount in amounts):
            raise ModelError(
                "Budget, minimum spend and floors must be finite amounts, at least 0.",
                "Correct the terms.",
            )

        caps = (self.max_impressions_per_household, *self.channel_frequency.values())
        if not min(*caps, inf) > 0:
            raise ModelError(
                "The frequency cap must be above 0.",
                "The planning default is 8-10 impressions a month.",
            )

        if not 0 <= self.least_value_share < 1:
            raise ModelError(
                "The least value of a dollar must be a share from 0 to below 1.",
                "Correct the terms.",
            )

        names = {channel.name for channel in self.channels}
        if not names or len(names) < len(self.channels):
            raise ModelError("A channel is missing or appears twice.", "Name each channel once.")
        if len({floor.group for floor in self.floors}) < len(self.floors):
            raise ModelError("A group has two floors.", "Give each group one floor.")
