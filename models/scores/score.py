"""What a score is: one question about a tract, answered 0 to 1 from columns that are there."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from outreach.campaign import Campaign


@dataclass(frozen=True, slots=True)
class Score:
    """One score.

    Parameters
    ----------
    title
        What planners call it.
    question
        The question it answers, in one sentence.
    needs
        Columns of the table made by :func:`models.targeting.priority.gather_inputs` that it reads;
        where one is absent the score is left out.
    compute
        Takes the rated tracts and the campaign; returns 0-1 per tract, missing where an input is
        missing.
    explain
        Takes the same; returns a clause for people per tract, or an empty text where there is
        nothing to say.
    """

    title: str
    question: str
    needs: tuple[str, ...]
    compute: Callable[[pd.DataFrame, Campaign], "pd.Series[float]"]
    explain: Callable[[pd.DataFrame, Campaign], "pd.Series[str]"]


def against_median(values: "pd.Series[float]") -> "pd.Series[float]":
    """Return ``values / (values + median)``: 0 stays 0, the median of the area is one half, and no outlier squeezes the others."""
    middle = float(values.median())
    return values / (values + (middle if middle > 0 else 1e-9))
