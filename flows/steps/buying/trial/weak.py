"""Say whether a test that can be read out is nearly useless, and what is better."""

import math
from collections.abc import Iterable

import pandas as pd

from flows.steps.buying.trial.readable import Variant, compare_arms
from models.trial.decision import PRIOR_HIGH
from models.trial.design import Design
from models.trial.plan import NEARLY_USELESS
from models.trial.readable import find_obstacle, measure_noise
from outreach.campaign import Campaign
from outreach.phrasing import write_points
from outreach.units import Arm, name_kind

#: A side of the buffers is nearly useless if the other one detects effects this many times smaller.
_MOST_LOSS = 2.0
#: Permutations that measure the noise of a design.
_PERMUTATIONS = 100


def judge_strength(
    design: Design,
    matched: pd.DataFrame,
    campaign: Campaign,
    variants: Iterable[Variant],
    mde_share: float | None,
) -> str:
    """Judge whether a test that can be read out is likely to detect what ads plausibly do.

    Parameters
    ----------
    design, matched, campaign
        As for :func:`flows.steps.buying.trial.readable.judge_test`.
    variants
        Other holdouts of the same units, the nearest first; drawn only as far as needed.
    mde_share
        Minimum detectable effect (0-1); ``None`` if it is not known, and then only the side of the
        buffers is judged.

    Returns
    -------
    str
        A warning with the nearest design that is better; empty if the test is not so weak.
    """
    if mde_share is not None and mde_share > PRIOR_HIGH:
        return _describe_size(design, matched, campaign, variants, mde_share)
    if design.buffered and design.buffer_side == Arm.HOLDOUT:
        return _judge_side(design, matched, campaign, variants)
    return ""


def _describe_size(
    design: Design,
    matched: pd.DataFrame,
    campaign: Campaign,
    variants: Iterable[Variant],
    mde_share: float,
) -> str:
    """Say that no plausible effect is likely to be detected, and with which holdout one is."""
    seed = campaign.holdout.seed
    most = measure_noise(compare_arms(design, matched, seed, _PERMUTATIONS))
    most *= PRIOR_HIGH / mde_share
    remedy = (
        "No other holdout of these units is enough: buy more and smaller ones (raise budget_usd or"
        " [units] coverage_percent), choose quieter weeks for the flight, or set [holdout]"
        " percent = 0."
    )
    for variant in variants:
        # Without buffers the noise is less, but so is the effect that is left to measure.
        drops_buffers = variant.side == "none" and campaign.holdout.buffer != "none"
        if not drops_buffers and _measure_noise(variant, matched, seed, most) <= most:
            remedy = f"The nearest design with the same units that is better: {variant.keys}."
            break
    return (
        f"{NEARLY_USELESS} It is likely to detect only effects of {write_points(mde_share, 2)} and"
        f" more, and ads plausibly add {write_points(PRIOR_HIGH, 2)} at most. {remedy}"
    )


def _judge_side(
    design: Design, matched: pd.DataFrame, campaign: Campaign, variants: Iterable[Variant]
) -> str:
    """Judge whether buffers leave too few held-out units, against buffers that get no ads."""
    seed, own = campaign.holdout.seed, campaign.holdout.percent
    other = next((each for each in variants if (each.percent, each.side) == (own, Arm.TREAT)), None)
    if other is None:
        return ""
    noise = measure_noise(compare_arms(design, matched, seed, _PERMUTATIONS))
    loss = noise / _measure_noise(other, matched, seed, noise / _MOST_LOSS)
    if loss < _MOST_LOSS:
        return ""
    counts, noun = design.assign(seed)["arm"].value_counts(), name_kind(campaign.units.kind)
    return (
        f"{NEARLY_USELESS} Its buffers take {counts[Arm.BUFFER]:,} {noun} that are held out, and"
        f" leave {counts[Arm.HOLDOUT]:,} to measure. The nearest design with the same units that is"
        f" better: {other.keys}, which detects effects {loss:.1f} times smaller."
    )


def _measure_noise(variant: Variant, matched: pd.DataFrame, seed: int, most: float) -> float:
    """Measure the noise of another holdout; infinite if it is little but cannot be read out."""
    noise = measure_noise(compare_arms(variant.design, matched, seed, _PERMUTATIONS))
    if noise > most:
        return noise
    obstacle = find_obstacle(compare_arms(variant.design, matched, seed), variant.arms)
    return math.inf if obstacle else noise
