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
        Columns of Tracts it reads; where one is absent the score is missing and the run says so.
    compute
        Takes the rated tracts and the campaign; returns 0-1 per tract, missing where an input is missing.
    reason
        Takes one tract's row and the campaign; returns a clause for people, or an empty text where there is nothing to say.
    """

    title: str
    question: str
    needs: tuple[str, ...]
    compute: Callable[[pd.DataFrame, Campaign], "pd.Series[float]"]
    reason: Callable[["pd.Series[float]", Campaign], str]
