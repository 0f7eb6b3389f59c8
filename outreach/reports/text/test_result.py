"""Hold the result of a test with a comparison group and put it in sentences."""

import datetime as dt
import json
from typing import Any

import pandas as pd
from pydantic import model_validator

from outreach.catalog import Words, read_words
from outreach.reports.text.result_checks import (
    DECIMALS,
    describe_claim,
    describe_cost_range,
    describe_delivered,
    describe_looks,
    describe_observed,
    describe_reported,
    describe_spill,
    describe_splits,
    describe_trimmed,
    write_points,
)
from outreach.reports.text.result_parts import (
    Claim,
    DeliveredEffect,
    Frozen,
    LookReading,
    ObservedDose,
    PlaceboSplits,
    ReportedClaim,
    Span,
    SpillOver,
    TrimmedMatch,
    WindowEstimate,
)
from outreach.units import Arm

#: A placebo that is this many days shorter than the flight counts as as long.
_PLACEBO_SLACK_DAYS = 7
#: Fields of a span.
_ENDS = ("low", "middle", "high")
#: Names of fields in results of version 0.1, and their names today.
_OLD_NAMES = {
    "drawn_by": "design_run_id",
    "draws_count": "permutations_count",
    "draws_seed": "permutation_seed",
    "reading": "flight",
    "spent_stated": "spend_reported",
    "smallest_visible_share": "mde_share",
}


class Readout(Frozen):
    """The result of a test and everything it rests on: the content of ``effect.json``.

    Parameters
    ----------
    run_id, design_run_id
        The run whose test was read out, and the run that randomized the arms.
    campaign, plan_digest, made_at
        Name of the campaign, SHA-256 of its test plan, and when the result was computed.
    flight_start, flight_end
        First and last day of the ads.
    provisional
        Whether it was read before the end of the flight: no p-value, no verdict.
    outcome, plan_method
        Outcome and method, as the test plan states them.
    method, permutations_count, permutation_seed, confidence
        How the estimate was computed.
    flight, placebo
        The flight's window, and one as long before it, where the ads cannot have had an effect;
        ``None`` where the archive does not go back that far.
    trimmed
        The check of the flight's estimate by trimmed match; ``None`` with fewer than four blocks,
        and in results of version 0.1.
    splits
        The placebo arms: splits of the held-out units as if half of them had ads; ``None`` where
        too few are held out, and in earlier results.
    spill
        The spill-over of a test of saturation; ``None`` for others.
    delivered
        The estimate by delivery; ``None`` without reports that tell places.
    observed
        Units with ads by dose, observational; ``None`` without deliveries.
    claim
        What the vendor says; ``None`` where the campaign declares nothing.
    reported
        What platforms count as wins, as imported reports say; empty where none says so.
    looks, looks_method
        The stated looks so far, after the flight with its end as the last one, and how their
        boundaries were made; empty where the plan states none.
    treated_households_count
        Households in the measured units with ads.
    responses, spent_usd, spend_reported, cost_usd
        Extra responses, what they cost together (reported by a person, or as planned), and the cost
        of each.
    flight_share
        Share of the flight's days (0-1) that the planned money is for.
    mde_share
        Minimum detectable effect of the test plan, 0-1; ``None`` where the plan has none.
    units_count, tracts_count
        Measured units by arm, and the tracts in them.
    left_out_units, left_out_tracts
        Units and tracts without a rate on one of the flight's dates.
    notes
        Sentences for people.
    versions
        Versions of the service and of the libraries behind the figures.
    """

    run_id: str
    design_run_id: str
    campaign: str
    plan_digest: str
    made_at: dt.datetime
    flight_start: dt.date
    flight_end: dt.date
    provisional: bool
    outcome: str
    plan_method: str
    method: str
    permutations_count: int
    permutation_seed: int
    confidence: float
    flight: WindowEstimate
    placebo: WindowEstimate | None
    treated_households_count: float
    responses: Span
    spent_usd: float
    spend_reported: bool
    cost_usd: Span
    mde_share: float | None
    units_count: dict[str, int]
    tracts_count: int
    left_out_units: tuple[str, ...]
    left_out_tracts: tuple[str, ...]
    notes: tuple[str, ...]
    versions: dict[str, str]
    flight_share: float = 1.0
    trimmed: TrimmedMatch | None = None
    splits: PlaceboSplits | None = None
    spill: SpillOver | None = None
    delivered: DeliveredEffect | None = None
    observed: ObservedDose | None = None
    claim: Claim | None = None
    reported: tuple[ReportedClaim, ...] = ()
    looks: tuple[LookReading, ...] = ()
    looks_method: str = ""

    @model_validator(mode="before")
    @classmethod
    def _rename_fields(cls, fields: Any) -> Any:
        """Take a result of version 0.1 as well."""
        if not isinstance(fields, dict):
            return fields
        return {_OLD_NAMES.get(name, name): value for name, value in fields.items()}

    def canonical_json(self) -> str:
        """Return the result as JSON in one spelling: sorted keys, no spaces, ISO dates."""
        return json.dumps(
            self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )

    def lines(self, words: Words | None = None) -> list[str]:
        """Return the result: verdict, responses, cost, placebo, detectable effect.

        Parameters
        ----------
        words
            The language; English by default.
        """
        words = words or read_words("en")
        return [
            self.verdict(words),
            *describe_looks(self.looks, words, is_over=not self.provisional),
            _describe_responses(self, words),
            _describe_cost(self, words),
            *describe_claim(self.claim, words),
            *describe_reported(self.reported, words),
            self.check(words),
            describe_splits(self.splits, words),
            describe_trimmed(self.trimmed, self.flight.effect.middle or 0.0, words),
            *describe_spill(self.spill, words),
            *([describe_delivered(self.delivered, words)] if self.delivered else []),
            *describe_observed(self.observed, words),
            _describe_mde(self, words),
        ]

    def tabulate(self) -> pd.DataFrame:
        """Return the estimates as a table for spreadsheets, in points of the response rate.

        Returns
        -------
        DataFrame
            ``estimate``, ``first`` and ``last`` (data dates), ``low_points``, ``middle_points``,
            ``high_points`` (empty where there is no end), ``p_value``.
        """
        flight, placebo = self.flight, self.placebo
        rows = [("primary", flight, flight.effect, flight.p_value)]
        if self.trimmed is not None:
            rows.append(("trimmed match", flight, self.trimmed.effect, None))
        if self.spill is not None:
            rows.append(("spill-over", flight, self.spill.effect, self.spill.p_value))
        if self.delivered is not None:
            rows.append(("by delivery", flight, self.delivered.effect, None))
        if self.observed is not None:
            rows.append(("by dose (observational)", flight, self.observed.effect, None))
        if placebo is not None:
            rows.append(("placebo", placebo, placebo.effect, placebo.p_value))
        if self.splits is not None:
            rows.append(("placebo arms", flight, self.splits.effect, None))
        return pd.DataFrame(
            {
                "estimate": name,
                "first": window.first,
                "last": window.last,
                **{f"{end}_points": _scale_points(getattr(effect, end)) for end in _ENDS},
                "p_value": p_value,
            }
            for name, window, effect, p_value in rows
        )

    def verdict(self, words: Words | None = None) -> str:
        """Say whether the ads changed the rate."""
        words = words or read_words("en")
        low, middle, high = (write_points(value, words) for value in self.flight.effect.values())
        confidence = words.share(self.confidence, 0)
        if self.provisional:
            return words.say(
                "effect.provisional",
                end=words.date(self.flight_end),
                last=words.date(self.flight.last),
                estimate=middle,
                confidence=confidence,
                low=low,
                high=high,
            )
        estimate = words.say(
            "effect.estimate",
            middle=middle,
            confidence=confidence,
            low=low,
            high=high,
            p=words.number(self.flight.p_value or 0.0, 3),
        )
        outcome = {0: "zero", 1: "raised", -1: "lowered"}[self.flight.sign]
        return words.say(f"effect.{outcome}", estimate=estimate)

    def check(self, words: Words | None = None) -> str:
        """Say what the window before the flight shows, when no ad ran."""
        words = words or read_words("en")
        if self.placebo is None:
            return words.say("effect.placebo_none")
        short = self._describe_short(words)
        low, middle, high = (write_points(value, words) for value in self.placebo.effect.values())
        sentence = words.say(
            "effect.placebo_drift" if self.placebo.sign else "effect.placebo",
            first=words.date(self.placebo.first),
            last=words.date(self.placebo.last),
            middle=middle,
            low=low,
            high=high,
        )
        return f"{sentence} {short}".rstrip()

    def _describe_short(self, words: Words) -> str:
        """Say that the archive allows only a shorter placebo; empty where it is as long."""
        if self.placebo is None:
            return ""
        flight, placebo = (
            (window.last - window.first).days for window in (self.flight, self.placebo)
        )
        if placebo >= flight - _PLACEBO_SLACK_DAYS:
            return ""
        return words.say("effect.placebo_short", days=placebo, flight=flight)


def describe_effect(readout: Readout, words: Words) -> str:
    """Return the result as one sentence for the season summary, in its language."""
    verdicts = {0: "season.effect_zero", 1: "season.effect_raised", -1: "season.effect_lowered"}
    low, middle, high = (words.points(value, DECIMALS) for value in readout.flight.effect.values())
    return words.say(
        "season.effect_measured",
        start=words.date(readout.flight_start),
        end=words.date(readout.flight_end),
        effect=middle,
        count=words.change(readout.responses.middle or 0.0),
        confidence=words.share(readout.confidence, 0),
        low=low,
        high=high,
        verdict=words.say(verdicts[readout.flight.sign]),
        run=readout.run_id,
    )


def _scale_points(share: float | None) -> float | None:
    """Return a share (0-1) in points, to the digits that results keep."""
    return None if share is None else round(100 * share, 6)


def _describe_responses(readout: Readout, words: Words) -> str:
    """Say how many more households responded."""
    low, middle, high = (words.change(value) for value in readout.responses.values())
    return words.say(
        "effect.responses",
        low=low,
        middle=middle,
        high=high,
        households=readout.treated_households_count,
        treated=readout.units_count[Arm.TREAT],
        held=readout.units_count[Arm.HOLDOUT],
    )


def _describe_cost(readout: Readout, words: Words) -> str:
    """Say what an extra response cost."""
    money = words.price(readout.spent_usd)
    if readout.spend_reported:
        spend = words.say("effect.spend_reported", money=money)
    elif readout.provisional:
        share = words.share(readout.flight_share, 0)
        last = words.date(readout.flight.last)
        spend = words.say("effect.spend_part", money=money, last=last, share=share)
    else:
        spend = words.say("effect.spend_planned", money=money)
    limits = describe_cost_range(readout.cost_usd, words)
    if readout.cost_usd.middle is None:
        return words.say("effect.cost_none", spend=spend, range=limits)
    cost = words.price(readout.cost_usd.middle)
    return words.say("effect.cost", cost=cost, range=limits, spend=spend)


def _describe_mde(readout: Readout, words: Words) -> str:
    """Say which effects the test was planned to detect."""
    if readout.mde_share is None:
        return words.say("effect.mde_none")
    return words.say("effect.mde", points=words.number(100 * readout.mde_share, 2))
