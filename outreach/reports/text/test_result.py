"""The read-out of a test with a comparison group: what is kept of it, and its sentences."""

import datetime as dt
import json

from pydantic import BaseModel, ConfigDict

from outreach.reports.text.catalog import Words, read_words

_DECIMALS = 2


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class Span(_Kept):
    """A figure with its range; ``None`` where there is none, as a cost has no upper end where no effect at all fits the data."""

    low: float | None
    middle: float | None
    high: float | None


class Reading(_Kept):
    """An estimate over one window.

    Parameters
    ----------
    first, last
        Data dates between which the change was taken.
    effect
        On the response rate, a share 0-1.
    p_value
        Two-sided; ``None`` where it is withheld.
    standard_error_share
        Spread of the estimate over re-draws without effect.
    """

    first: dt.date
    last: dt.date
    effect: Span
    p_value: float | None
    standard_error_share: float

    @property
    def sign(self) -> int:
        """1 or -1 where the range leaves zero out, else 0."""
        low, high = self.effect.low or 0.0, self.effect.high or 0.0
        return 1 if low > 0 else -1 if high < 0 else 0


class Readout(_Kept):
    """What a test says, and all that the statement rests on: the content of ``effect.json``.

    Parameters
    ----------
    run_id, drawn_by, campaign, plan_digest, made_at
        The run that was read out, the one that drew its arms, what for, by which plan, when.
    flight_start, flight_end
        When ads ran.
    provisional
        Read before the flight was over: no p-value, no verdict.
    outcome, plan_method
        As the plan says.
    method, draws_count, draws_seed, confidence
        How the estimate was made.
    reading, placebo
        The flight's window, and one as long before it, where nothing can have been caused; ``None``
        where the archive does not reach back.
    treated_households_count
        In the measured units with ads.
    responses, spent_usd, spent_stated, cost_usd
        Extra responses; what they cost together (stated by somebody, or as planned) and each.
    mde_share
        As the plan says, 0-1.
    units_count, tracts_count
        Measured: units by arm, tracts in them.
    left_out_units, left_out_tracts
        Without a rate on one of the flight's dates.
    notes
        Sentences for people.
    versions
        Of the tool and the libraries that counted.
    """

    run_id: str
    drawn_by: str
    campaign: str
    plan_digest: str
    made_at: dt.datetime
    flight_start: dt.date
    flight_end: dt.date
    provisional: bool
    outcome: str
    plan_method: str
    method: str
    draws_count: int
    draws_seed: int
    confidence: float
    reading: Reading
    placebo: Reading | None
    treated_households_count: float
    responses: Span
    spent_usd: float
    spent_stated: bool
    cost_usd: Span
    mde_share: float | None
    units_count: dict[str, int]
    tracts_count: int
    left_out_units: tuple[str, ...]
    left_out_tracts: tuple[str, ...]
    notes: tuple[str, ...]
    versions: dict[str, str]

    def canonical_json(self) -> str:
        """Return it as JSON, with one spelling only: keys sorted, no spaces, dates in ISO form."""
        return json.dumps(
            self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )

    def lines(self) -> list[str]:
        """Say it to people in English, one sentence or two a line: verdict, responses, cost, placebo, what could be seen."""
        words = read_words("en")
        return [
            self.verdict(),
            _tell_responses(self, words),
            _tell_cost(self, words),
            self.check(),
            _tell_visible(self),
        ]

    def verdict(self) -> str:
        """Say whether the ads moved the rate."""
        low, middle, high = (say_points(value) for value in ends(self.reading.effect))
        told = f"the range ({self.confidence:.0%}) reaches from {low} to {high}"
        if self.provisional:
            return (
                f"PROVISIONAL, no verdict before the flight is over on {self.flight_end}: by {self.reading.last} the estimate is {middle}, {told}. "
                "The p-value is withheld: to look early and stop on what is seen finds effects that are not there."
            )
        told += f", p = {self.reading.p_value:.3f}"
        if self.reading.sign > 0:
            return f"The ads raised the response rate by an estimated {middle}; {told}."
        if self.reading.sign < 0:
            return f"The response rate ended lower where ads ran, by an estimated {middle}; {told}."
        return (
            f"The effect of the ads could not be told apart from zero: the estimate is {middle}, {told}. "
            "That is no proof that they did nothing: every effect in the range fits the data."
        )

    def check(self) -> str:
        """Say what the window before the flight shows, when no ad ran."""
        if self.placebo is None:
            return "Placebo: the archive does not reach back a window as long before the flight, so the check without ads cannot be made."
        low, middle, high = (say_points(value) for value in ends(self.placebo.effect))
        said = f"Placebo, {self.placebo.first} to {self.placebo.last}, when none of these ads ran: {middle}, from {low} to {high}"
        if self.placebo.sign:
            return (
                f"{said}. That leaves zero out, as one in twenty does by chance: the arms drifted apart before the flight, so trust the estimate "
                "less."
            )
        return f"{said}, which holds zero as it should."


def tell_effect(readout: Readout, words: Words) -> str:
    """Return the read-out as the season summary tells it, in its language."""
    effect = readout.reading.effect
    verdict = {0: "season.effect_zero", 1: "season.effect_raised", -1: "season.effect_lowered"}[
        readout.reading.sign
    ]
    low, middle, high = (words.points(value, _DECIMALS) for value in ends(effect))
    return words.say(
        "season.effect_told",
        start=words.date(readout.flight_start),
        end=words.date(readout.flight_end),
        effect=middle,
        count=words.change(readout.responses.middle or 0.0),
        confidence=words.share(readout.confidence, 0),
        low=low,
        high=high,
        verdict=words.say(verdict),
    )


def _tell_responses(readout: Readout, words: Words) -> str:
    """Say how many more households answered."""
    low, middle, high = (words.change(value) for value in ends(readout.responses))
    return (
        f"Extra responses: {middle} households (from {low} to {high}) of {readout.treated_households_count:,.0f} in "
        f"{readout.units_count['treat']:,} units with ads, against {readout.units_count['holdout']:,} held out."
    )


def _tell_cost(readout: Readout, words: Words) -> str:
    """Say what an extra response cost."""
    cost = readout.cost_usd
    spent = f"{words.price(readout.spent_usd)} {'stated as spent' if readout.spent_stated else 'planned for these units'}"
    if cost.middle is None:
        return f"Cost of an extra response: not to be told ({spent}, no extra response in the estimate; {say_cost_range(cost, words)})."
    return f"Cost of an extra response: {words.price(cost.middle)}, {say_cost_range(cost, words)} ({spent})."


def say_cost_range(cost: Span, words: Words) -> str:
    """Say between which ends the cost of a response lies."""
    if cost.low is None:
        return "no effect in the range is above zero"
    if cost.high is None:
        return f"from {words.price(cost.low)} with no upper end, because no effect at all fits the data too"
    return f"from {words.price(cost.low)} to {words.price(cost.high)}"


def _tell_visible(readout: Readout) -> str:
    """Say what the plan could see."""
    if readout.mde_share is None:
        return "Which effect the test could see was not worked out in its plan."
    return f"The plan was to see effects of {100 * readout.mde_share:.2f} points and more (4 times in 5)."


def ends(span: Span) -> tuple[float, float, float]:
    """Return low, middle and high of a figure that has all three."""
    return span.low or 0.0, span.middle or 0.0, span.high or 0.0


def say_points(share: float | None) -> str:
    """Write a share as percentage points, with its sign."""
    return read_words("en").points(share or 0.0, _DECIMALS)
