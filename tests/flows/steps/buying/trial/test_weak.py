"""Test that a test that is nearly useless is known before the money is spent."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.steps.buying.trial.readable import Variant
from flows.steps.buying.trial.weak import judge_strength
from flows.steps.results.summary import describe_trial
from models.trial.design import Design, Ties, design_arms
from models.trial.plan import NEARLY_USELESS, warn_of_test
from outreach.campaign import Campaign
from outreach.units import Arm
from tests.flows.steps.buying.planner import Planner
from tests.models.trial.test_design import MATCH, draw_units, ring


@pytest.mark.parametrize(
    ("kind", "holdout", "verdict"),
    [
        ("tracts", {"percent": 20, "buffer": "treat"}, "readable"),
        ("tracts", {"percent": 20, "buffer": "holdout"}, "cannot be read out"),
        ("tracts", {"percent": 40, "buffer": "holdout"}, "nearly useless"),
        ("tracts", {"percent": 20, "buffer": "none"}, "readable"),
        ("tracts", {"percent": 20, "design": "saturation"}, "readable"),
        ("zips", {"percent": 20, "buffer": "treat"}, "cannot be read out"),
        ("zips", {"percent": 20, "buffer": "none"}, "readable"),
        ("zips", {"percent": 20, "design": "saturation"}, "readable"),
    ],
)
def test_every_design_can_be_read_out_or_the_run_says_that_it_is_of_no_use(
    plan: Planner, kind: str, holdout: dict[str, Any], verdict: str
) -> None:
    units = {"kind": kind}
    if kind == "zips":
        units |= {"zips": plan.files["zip"], "coverage_percent": 95}
    made = plan(units=units, holdout=holdout, max_targets=144)
    assert made.trial is not None
    sentence = warn_of_test(made.trial)
    if verdict == "readable":
        assert sentence == ""
        assert made.trial.mde_share is not None
        assert made.trial.mde_share <= 0.01
        return

    # The same sentence stands in the plan, the notes, the summary, and the checklist.
    assert sentence.startswith(f"This test {'is ' if 'useless' in verdict else ''}{verdict}.")
    assert sentence in made.notes
    remedy = sentence.rpartition("The nearest design with the same units that ")[2]
    assert "[holdout] percent = " in remedy
    assert remedy in describe_trial(made.trial)["Test"]
    assert (sentence in made.trial.warnings) == ("useless" in verdict)


def vary(units: pd.DataFrame, percent: float, side: Arm, *, near: bool = True) -> Variant:
    """Return a design of units in a ring, two neighbors drawn together."""
    group = pd.Series(np.arange(len(units)) // 2, index=units.index)
    design = design_arms(
        units, percent / 100, MATCH, Ties(group, ring(units) if near else (), side)
    )
    return Variant(percent, str(side) if near else "none", design, design.assign(0)["arm"])


def judge(plan: Planner, own: Variant, variants: list[Variant], mde_share: float | None) -> str:
    """Judge one of the designs as a campaign would."""
    units = draw_units(len(own.arms))
    campaign: Campaign = plan.ask(holdout={"percent": own.percent, "buffer": own.side})
    design: Design = own.design
    matched = units[["households_count", *MATCH]]
    return judge_strength(design, matched, campaign, variants, mde_share)


def test_the_nearest_design_that_detects_what_ads_plausibly_do_is_named(plan: Planner) -> None:
    units = draw_units(120)
    own, half, bare = (
        vary(units, 10, Arm.TREAT),
        vary(units, 50, Arm.TREAT),
        vary(units, 10, Arm.TREAT, near=False),
    )
    assert judge(plan, own, [bare, half], 0.0099) == ""
    sentence = judge(plan, own, [bare, half], 0.0101)
    assert sentence == (
        f"{NEARLY_USELESS} It is likely to detect only effects of 1.01 points and more, and ads"
        " plausibly add 1.00 points at most. The nearest design with the same units that is better:"
        ' [holdout] percent = 50, buffer = "treat".'
    )
    assert "No other holdout of these units is enough: buy more" in judge(plan, own, [half], 0.2)


def test_buffers_that_leave_little_to_measure_are_of_no_use_even_without_a_past(
    plan: Planner,
) -> None:
    units = draw_units(240)
    own, other = vary(units, 10, Arm.HOLDOUT), vary(units, 10, Arm.TREAT)
    assert judge(plan, own, [], None) == ""
    assert judge(plan, other, [own], None) == ""
    sentence = judge(plan, own, [other], None)
    assert sentence.startswith(f"{NEARLY_USELESS} Its buffers take ")
    counts = own.design.assign(plan.ask().holdout.seed)["arm"].value_counts()
    assert f" take {counts[Arm.BUFFER]} tracts that are held out, and leave" in sentence
    assert f" leave {counts[Arm.HOLDOUT]} to measure." in sentence
    assert re.search(
        r'that is better: \[holdout\] percent = 10, buffer = "treat", which detects effects'
        r" 2\.[0-9] times smaller\.$",
        sentence,
    )
    assert judge(plan, vary(units, 50, Arm.HOLDOUT), [vary(units, 50, Arm.TREAT)], None) == ""
