"""Say what stands beside the estimate of a test: its checks, looks, and spill-over."""

from outreach.catalog import Words
from outreach.reports.text.result_parts import (
    Claim,
    DeliveredEffect,
    LookReading,
    ObservedDose,
    PlaceboSplits,
    ReportedClaim,
    Span,
    SpillOver,
    TrimmedMatch,
)

#: Digits of a point of the response rate.
DECIMALS = 2


def describe_trimmed(trimmed: TrimmedMatch | None, estimate_share: float, words: Words) -> str:
    """Say what trimmed match finds, and whether it agrees with the estimate."""
    if trimmed is None:
        return words.say("effect.trimmed_none")
    low, middle, high = (
        words.say("effect.no_end") if end is None else write_points(end, words)
        for end in (trimmed.effect.low, trimmed.effect.middle, trimmed.effect.high)
    )
    ends = trimmed.effect
    agrees = (ends.low is None or ends.low <= estimate_share) and (
        ends.high is None or estimate_share <= ends.high
    )
    return words.say(
        "effect.trimmed",
        middle=middle,
        low=low,
        high=high,
        count=trimmed.trimmed_count,
        blocks=trimmed.blocks_count,
        verdict=words.say(f"effect.trimmed_{'agrees' if agrees else 'differs'}"),
    )


def describe_splits(splits: PlaceboSplits | None, words: Words) -> str:
    """Say what splits of the held-out units find, as if half of them had ads."""
    if splits is None:
        return words.say("effect.splits_none")
    low, _, high = (write_points(value, words) for value in splits.effect.values())
    return words.say(
        "effect.splits",
        units=words.count(splits.units_count),
        count=splits.splits_count,
        found=words.share(splits.found_share, 1),
        low=low,
        high=high,
        verdict=words.say(f"effect.splits_{'sound' if splits.is_sound else 'often'}"),
    )


def describe_spill(spill: SpillOver | None, words: Words) -> list[str]:
    """Say how far ads spilled over between units of an area; empty for other tests."""
    if spill is None:
        return []
    effect = spill.effect
    low, middle, high = (
        words.say("effect.no_end") if end is None else write_points(end, words)
        for end in (effect.low, effect.middle, effect.high)
    )
    is_found = (effect.low or 0.0) > 0 or (effect.high or 0.0) < 0
    verdict = words.say(f"effect.spill_{'found' if is_found else 'zero'}")
    return [words.say("effect.spill", middle=middle, low=low, high=high, verdict=verdict)]


def describe_delivered(delivered: DeliveredEffect, words: Words) -> str:
    """Say what was delivered to whom, and what all planned ads would have done."""
    low, middle, high = (
        words.say("effect.no_end") if end is None else write_points(end, words)
        for end in (delivered.effect.low, delivered.effect.middle, delivered.effect.high)
    )
    return words.say(
        "effect.delivered",
        contrast=words.share(delivered.contrast_share, 0),
        leak=words.part(delivered.leak_share),
        middle=middle,
        low=low,
        high=high,
    )


def describe_looks(looks: tuple[LookReading, ...], words: Words, *, is_over: bool) -> list[str]:
    """Say where the estimate stood at each stated look, and that the end allows for them.

    The last one is the end of a test that ``is_over``.
    """
    early = looks[:-1] if is_over else looks
    sentences = [
        words.say(
            f"effect.look_{'beyond' if look.is_beyond else 'within'}",
            planned=words.date(look.planned),
            last=words.date(look.last),
            estimate=write_points(look.estimate_share, words),
            boundary=words.number(100 * look.boundary_share, DECIMALS),
            spent=words.share(look.spent_share, 1),
        )
        for look in early
    ]
    if early and is_over:
        sentences.append(words.say("effect.look_end", count=len(early)))
    return sentences


def describe_observed(observed: ObservedDose | None, words: Words) -> list[str]:
    """Say what units with ads won by dose, and that this is observational."""
    if observed is None:
        return []
    low, middle, high = (write_points(value, words) for value in observed.effect.values())
    return [words.say("effect.observed", middle=middle, low=low, high=high)]


def describe_claim(claim: Claim | None, words: Words) -> list[str]:
    """Say what the vendor says that its ads cost, and what it counts."""
    if claim is None:
        return []
    return [
        words.say(
            "effect.claim",
            vendor=words.name(claim.vendor),
            cost=words.price(claim.usd),
            counts=words.name(claim.counts),
            source=words.name(claim.source),
        )
    ]


def describe_reported(claims: tuple[ReportedClaim, ...], words: Words) -> list[str]:
    """Say what platforms count as wins in their reports, and that these are no responses."""
    return [
        words.say(
            f"effect.{'lift' if claim.is_lift else 'conversions'}_reported",
            channel=words.name(claim.channel),
            number=words.count(claim.count),
            counts=words.name(claim.counts),
            cost=words.price(claim.usd),
        )
        for claim in claims
    ]


def describe_cost_range(cost: Span, words: Words) -> str:
    """Say between which ends the cost of a response lies."""
    if cost.low is None:
        return words.say("effect.cost_above")
    low = words.price(cost.low)
    if cost.high is None:
        return words.say("effect.cost_open", low=low)
    return words.say("effect.cost_range", low=low, high=words.price(cost.high))


def write_points(share: float | None, words: Words) -> str:
    """Write a share as percentage points, with its sign."""
    return words.points(share or 0.0, DECIMALS)
