"""Give the scores the words of a plan: what is expected, not what has happened."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from models.planning.assess_plan import PlanYears
from models.scores.missing_households import count_missing_at_deadline
from models.scores.score import Reason, Score, ScoreInputs
from outreach.phrasing import write_percent, write_points
from outreach.tables import DataFrame, RatedTracts

#: Distance to similar places from which on it is worth a sentence.
_NOTABLE_GAP = 0.01


def word_scores(declared: Mapping[str, Score], years: PlanYears) -> dict[str, Score]:
    """Return the scores with reasons for a plan; what needs rates of the season is left out."""
    worded = {name: score for name, score in declared.items() if name != "momentum"}
    for name, order, explain in (
        ("missing_households", 10, _explain_missing),
        ("response_gap", 30, _explain_gap),
    ):
        if name in worded:
            worded[name] = replace(
                worded[name], reason=Reason(order, partial(explain, years=years))
            )
    return worded


def _explain_missing(
    tracts: DataFrame[RatedTracts], _inputs: ScoreInputs, *, years: PlanYears
) -> "pd.Series[str]":
    """Say how many households are expected to be missing, and what the last census had."""
    ranges = count_missing_at_deadline(tracts).to_numpy()
    last = tracts.get(f"final_{years.last}_share", pd.Series(float("nan"), index=tracts.index))
    clauses = [
        f"about {middle:,.0f} ({low:,.0f} to {high:,.0f}) of {whole:,.0f} households are expected"
        f" to be missing in {years.coming}"
        + ("" if pd.isna(final) else f", after {write_percent(final, 1)} responded in {years.last}")
        for (middle, low, high), whole, final in zip(
            ranges, tracts["households_count"], last, strict=True
        )
    ]
    return pd.Series(clauses, index=tracts.index, dtype=object)


def _explain_gap(
    tracts: DataFrame[RatedTracts], _inputs: ScoreInputs, *, years: PlanYears
) -> "pd.Series[str]":
    """Say how far a tract is expected to be from similar places."""
    clauses = [
        f"it is expected in line with similar places in {years.coming}"
        if abs(gap) < _NOTABLE_GAP
        else f"it is expected {write_points(abs(gap))} {'below' if gap > 0 else 'above'} similar"
        f" places in {years.coming}"
        for gap in tracts["gap_share"]
    ]
    return pd.Series(clauses, index=tracts.index, dtype=object)
