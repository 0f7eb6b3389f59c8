"""Hold the estimates that the result of a test consists of."""

import datetime as dt

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A record that cannot be changed."""

    model_config = ConfigDict(frozen=True)


class Span(Frozen):
    """A figure with its range.

    An end is ``None`` where there is none: a cost has no upper end where no effect at all fits the
    data.
    """

    low: float | None
    middle: float | None
    high: float | None

    def values(self) -> tuple[float, float, float]:
        """Return low, middle and high of a figure that has all three."""
        return self.low or 0.0, self.middle or 0.0, self.high or 0.0


class WindowEstimate(Frozen):
    """An estimate over one window.

    Parameters
    ----------
    first, last
        Data dates between which the change was taken.
    effect
        Effect on the response rate, a share 0-1.
    p_value
        Two-sided; ``None`` where it is withheld.
    standard_error_share
        Spread of the estimate over permutations of the arms, that is, without an effect.
    """

    first: dt.date
    last: dt.date
    effect: Span
    p_value: float | None
    standard_error_share: float

    @property
    def sign(self) -> int:
        """1 or -1 where the range excludes zero, else 0."""
        low, _, high = self.effect.values()
        return 1 if low > 0 else -1 if high < 0 else 0


class TrimmedMatch(Frozen):
    """The flight's effect without the most extreme blocks, as a check of robustness.

    Parameters
    ----------
    effect
        Effect on the response rate, a share 0-1; an end is ``None`` where the check rules out
        nothing on that side.
    blocks_count, trimmed_count
        Blocks with both arms, and how many of them are left out at either end.
    method
        How it was computed.
    """

    effect: Span
    blocks_count: int
    trimmed_count: int
    method: str


class PlaceboSplits(Frozen):
    """What splits of the held-out units find, as if half of them had ads.

    Parameters
    ----------
    effect
        Middle 95% of the estimates and their median, shares 0-1.
    found_share
        Share of the splits (0-1) that find an effect where there is none.
    is_sound
        Whether that is no more than the level of the test lets them, apart from chance.
    splits_count, units_count
        How many splits, of how many held-out units.
    method
        How it was computed.
    """

    effect: Span
    found_share: float
    is_sound: bool
    splits_count: int
    units_count: int
    method: str


class SpillOver(Frozen):
    """What areas drawn high won beyond their own ads, in a test of saturation.

    Parameters
    ----------
    effect
        On the response rate, a share 0-1; an end is ``None`` where nothing is ruled out on that
        side.
    p_value
        Two-sided; ``None`` where it is withheld.
    method
        How it was computed.
    """

    effect: Span
    p_value: float | None
    method: str


class ObservedDose(Frozen):
    """What units with ads won by each full dose; observational, since nobody drew the doses.

    Parameters
    ----------
    effect
        On the response rate, a share 0-1.
    method
        How it was computed.
    """

    effect: Span
    method: str


class Claim(Frozen):
    """What a vendor says that its ads cost.

    Parameters
    ----------
    vendor, source
        Who says it, and where.
    usd, counts
        The cost of one, and what the vendor counts.
    """

    vendor: str
    usd: float
    counts: str
    source: str


class ReportedClaim(Frozen):
    """What a platform counts as wins of its ads, as its imported reports say.

    Parameters
    ----------
    channel, counts
        The platform, and what it counts, in its words.
    count, usd
        How many, and its spend for each without fees.
    is_lift
        Whether the platform credits them to the ads.
    """

    channel: str
    counts: str
    count: float
    usd: float
    is_lift: bool


class LookReading(Frozen):
    """A look that the plan states, or the end of a test with looks.

    Parameters
    ----------
    planned, last
        The day that the plan states, and the data date that was read.
    estimate_share, boundary_share
        The estimate, and how far from zero it must be to be found (0-1).
    spent_share
        Error that is spent by then, 0-1.
    """

    planned: dt.date
    last: dt.date
    estimate_share: float
    boundary_share: float
    spent_share: float

    @property
    def is_beyond(self) -> bool:
        """Whether the estimate is beyond its boundary."""
        return abs(self.estimate_share) > self.boundary_share


class DeliveredEffect(Frozen):
    """What all planned ads would have done, by what was delivered where.

    Parameters
    ----------
    effect
        Effect on the response rate, a share 0-1; an end is ``None`` where the data rule out
        nothing on that side.
    contrast_share
        How much more the treated units were shown than the held-out ones, over what was planned: 1
        if every planned ad reached its unit and none leaked.
    leak_share, told_share
        Share of the ads outside of what was bought, among those whose place is told; and the share
        of those.
    imports_count
        Reports that were imported.
    method
        How it was computed.
    """

    effect: Span
    contrast_share: float
    leak_share: float
    told_share: float
    imports_count: int
    method: str
