"""Summarize a plan: what to expect of the coming census, in the place of a rate of today."""

import numpy as np
import pandas as pd

from models.assess import Assessment
from models.planning.assess_plan import PlanYears
from outreach.phrasing import write_count, write_percent
from outreach.rates import AreaErrors, average_rate, count_alike
from outreach.tables import DataFrame, Tracts

#: Sentences of a season that a plan has no use for.
_OF_A_SEASON = ("Rate", "Forecast", "Weights")


def summarize_plan(
    summary: dict[str, str],
    tracts: DataFrame[Tracts],
    assessment: Assessment,
    goal_percent: float,
    years: PlanYears,
) -> dict[str, str]:
    """Return the summary of a run with what a plan says, and without what a season would say.

    Parameters
    ----------
    summary
        From :func:`flows.steps.results.summary.summarize_run`.
    tracts, assessment
        The planned tracts, and what the plan rests on.
    goal_percent
        The planner's goal.
    years
        The censuses.
    """
    rest = {title: text for title, text in summary.items() if title not in _OF_A_SEASON}
    facts = assessment.provenance
    return {
        "Plan": _describe_plan(tracts, goal_percent, years, facts.get("area_errors")),
        "Test of the method": (
            f"the final rates of {years.last}, expected the same way from what was known before,"
            f" were missed by {facts['error_points_of_the_last_census']:.1f} points on average;"
            f" {write_percent(facts['covered80_share_of_the_last_census'])} lay in their 80% range"
        ),
        **rest,
    }


def _describe_plan(
    tracts: DataFrame[Tracts], goal_percent: float, years: PlanYears, areas: dict[str, float] | None
) -> str:
    """Say what to expect, after what, and how many households that leaves."""
    households = tracts["households_count"]
    expected = average_rate(tracts["cumulative_share"], households)
    last = average_rate(tracts[f"final_{years.last}_share"], households)
    missing = float((households * (1 - tracts["cumulative_share"])).sum())
    spread = ""
    if areas is not None:
        rated = households.where(tracts["cumulative_share"].notna(), 0.0)
        size = count_alike(rated, pd.Series("", index=tracts.index))
        reach = float(AreaErrors(**areas).reach(np.asarray(size, dtype=np.float64))[0])
        spread = (
            f" (80% range {write_percent(max(expected - reach, 0), 1)} to"
            f" {write_percent(min(expected + reach, 1), 1)})"
        )
    return (
        f"{write_percent(expected, 1)}{spread} of households are expected to respond by themselves"
        f" in {years.coming} if nothing is done, after {write_percent(last, 1)} in {years.last};"
        f" about {write_count(round(missing), 'household')} would be missing. The goal is"
        f" {goal_percent:g}%"
    )
