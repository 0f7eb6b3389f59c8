"""Say in plain sentences what a test is: its arms, its looks, and what it can detect."""

import math

import pandas as pd

from flows.steps.buying.previous_run import RunningTest
from flows.steps.buying.trial.flight_outlook import DELIVERED
from flows.steps.buying.trial.mde import count_weeks
from models.trial.design import Design, Ties
from models.trial.plan import TrialPlan
from outreach.campaign import Campaign
from outreach.phrasing import join_words, write_count, write_date, write_percent, write_points
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, name_kind

_PERCENT = 100


def count_arms(assigned: pd.DataFrame, ties: Ties, campaign: Campaign) -> str:
    """Say how many units each arm has, and why there are buffers."""
    arms, noun = assigned["arm"].value_counts(), name_kind(campaign.units.kind)
    sentence = (
        f"Of {len(assigned):,} {noun}, {arms[Arm.TREAT]:,} get ads and {arms[Arm.HOLDOUT]:,} are"
        " held out"
    )
    if ties.area is not None:
        return f"{sentence}."
    if not ties.touching:
        return f"{sentence}; there are no buffers between them."
    other = "that are held out" if ties.buffer_side == Arm.TREAT else "with ads"
    return (
        f"{sentence}. Buffers without ads, because they touch {noun} {other}:"
        f" {arms.get(Arm.BUFFER, 0):,}. Neighbors were drawn together in"
        f" {write_count(assigned['cluster'].nunique(), 'group')}. Set [holdout] buffer in the"
        " campaign to choose which side becomes a buffer."
    )


def describe_levels(design: Design, assigned: pd.DataFrame, campaign: Campaign) -> str:
    """Say which part of the areas of a test of saturation is high; empty for other designs."""
    if design.levels is None:
        return ""
    noun, share = name_kind(campaign.units.kind), campaign.holdout.percent / _PERCENT
    areas, pairs = len(design.held), len(set(map(int, design.levels.pair)))
    treated = (assigned["arm"] == Arm.TREAT).mean()
    return (
        f"Areas of neighboring {noun}: {areas:,} in {pairs:,} pairs, one of each drawn high. High"
        f" areas show ads in {write_percent(1 - share)} of their {noun}, low ones in"
        f" {write_percent(share)}, {write_percent(treated)} together; what high areas win beyond"
        " their own ads is the spill-over."
    )


def describe_looks(plan: TrialPlan) -> str:
    """Say when the test may be looked at before its end; empty if the plan states no looks."""
    if not plan.looks:
        return ""
    days = join_words([write_date(day) for day in plan.looks])
    return (
        f"The test may be looked at on {days}, before its end; the chance to find an effect that is"
        " not there, at any look or at the end, stays 5%."
    )


def describe_kept(arm: "pd.Series[str]", new: "pd.Series[bool]", test: RunningTest) -> str:
    """Say which arms are kept, how many units each has, and which units are not of the test."""
    plan, noun = test.plan, name_kind(test.plan.unit_kind)
    own = arm[~new].value_counts()
    counts = (
        f"{own.get(Arm.TREAT, 0):,} {noun} with ads, {own.get(Arm.HOLDOUT, 0):,} held out, and"
        f" {own.get(Arm.BUFFER, 0):,} buffers"
    )
    newcomers = (
        f" {int(new.sum()):,} {noun} are new on the list and not part of the test;"
        f" {int((arm[new] == Arm.BUFFER).sum()):,} of them touch a held-out one and get no ads."
        if new.any()
        else ""
    )
    return (
        f"The arms are those of the approved test of {test.run_id}, which runs until"
        f" {write_date(plan.flight_end)}: {counts}. All of them stay on the list until"
        f" then.{newcomers}"
    )


def describe_power(plan: TrialPlan, targets: DataFrame[Targets], power: pd.DataFrame | None) -> str:
    """Say what effect a test can detect, and whether the ads are expected to have as much.

    Parameters
    ----------
    plan
        The plan of the test.
    targets
        With arms, money, and expected responses.
    power
        The effects that the test could detect, by design and window.

    Returns
    -------
    str
        Empty if the minimum detectable effect could not be computed.
    """
    if plan.mde_share is None or power is None:
        return ""
    arms, treated = targets["arm"].value_counts(), targets[targets["arm"] == Arm.TREAT]
    responses = treated[[f"expected_responses{case}_count" for case in ("_low", "", "_high")]].sum()
    low, middle, high = responses / treated["households_count"].sum()
    weeks = count_weeks(plan.flight_start, plan.flight_end)
    verdict = (
        "which it can detect"
        if middle >= plan.mde_share
        else "which is too little for this test to detect"
        if high >= plan.mde_share
        else "which is too little for this test to detect even in the high case"
    )
    return (
        f"With {arms[Arm.TREAT]:,} + {arms[Arm.HOLDOUT]:,} {name_kind(plan.unit_kind)} and"
        f" {write_count(weeks, 'week')}, the minimum detectable effect is"
        f" {write_points(plan.mde_share, 2)} of the response rate"
        f" {_describe_outlook(plan, power, weeks)}. The ads are expected"
        f" to add {write_points(middle, 2)} (low case {write_points(low, 2)}, high case"
        f" {write_points(high, 2)}), {verdict}.{_describe_spill_mde(plan)}"
    )


def _describe_spill_mde(plan: TrialPlan) -> str:
    """Say which spill-over a test of saturation can detect; empty for other designs."""
    if plan.levels is None:
        return ""
    if plan.spill_mde_share is None:
        return " Which spill-over it can detect between areas is not known, or none at all."
    return (
        f" The smallest spill-over that it can detect between areas is"
        f" {write_points(plan.spill_mde_share, 2)} (80% power, as rates scattered lately)."
    )


def _describe_outlook(plan: TrialPlan, power: pd.DataFrame, weeks: int) -> str:
    """Say what the minimum detectable effect rests on, and how far it can be off."""
    is_own = (power["weeks"] == weeks) & (power["holdout_share"] == plan.holdout_share)
    own = power[is_own & (power["window"] == 0)].iloc[0]
    length = write_count(weeks, "week")
    delivered = (
        f"{write_points(own['delivered_mde_share'], 2)} if only {write_percent(DELIVERED.value)} of"
        " the ads reach their own unit; power.csv has other designs)"
    )
    if math.isnan(own["flight_mde_low_share"]):
        return (
            f"(80% power, if rates scatter in the flight as in the area's latest {length};"
            f" {delivered}"
        )
    low, high = (write_points(own[f"flight_mde_{end}_share"], 2) for end in ("low", "high"))
    return (
        f"(80% power, from the area's latest {length} and from how far rates scattered in the same"
        f" weeks of a past season; no past tells it exactly: {low} to {high} in 4 of 5 areas;"
        f" {delivered}"
    )
