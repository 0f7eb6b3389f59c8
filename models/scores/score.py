"""Declare what a score is: one question about a tract, answered from 0 to 1.

A score file brings everything that the score needs: its columns, its reason, and its factor in the
priority. :mod:`models.targeting.priority` finds the files and names none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from models.budget.ad_price import AdPrice
from models.budget.assumptions import Assumption, Case
from outreach.objectives import Assumed
from outreach.tables import DataFrame, RatedTracts, ResponseRates


@dataclass(frozen=True, slots=True)
class ScoreInputs:
    """What scores read beside the tracts.

    Parameters
    ----------
    creative_languages
        ISO 639-1 codes of the languages that the campaign has ads in; regions allowed.
    goal_share
        The response rate that the planner wants at the deadline, 0-1; never a forecast.
    price
        What ads cost, and how many each household gets.
    """

    creative_languages: tuple[str, ...]
    goal_share: float
    price: AdPrice


class FactorBase(StrEnum):
    """What a factor is a share of."""

    HOUSEHOLDS = "households"
    MISSING = "missing households"


@dataclass(frozen=True, slots=True)
class Factor:
    """A score's part in the priority, which is a product of factors.

    Parameters
    ----------
    order
        Factors are multiplied in this order.
    needs
        Columns that ``measure`` reads; if one is absent, there is no such factor.
    measure
        Takes the rated tracts, the inputs and a case; returns 0-1 per tract. A missing value
        counts as 1.
    base
        ``HOUSEHOLDS`` for the share of households that are missing at the deadline; ``MISSING``
        for a share of these that an ad can win.
    required
        Whether there is no priority without the score: a tract without a value is ranked last.
    floor
        How much a measure of 0 still counts: the factor runs in a line from the floor to 1. Its
        uncertainty is common to all tracts. Without a floor the measure is the factor.
    measure_variance
        Returns ``below`` and ``above``: variances of the logarithm of the factor toward a lower
        and a higher priority, from errors that each tract has of its own. ``None`` if it has none.
    switch
        What turns the factor on; ``None`` for a factor that is measured and always counts.
    assumptions
        The figures that nobody has measured and that it rests on.
    """

    order: int
    needs: tuple[str, ...]
    measure: Callable[[DataFrame[RatedTracts], ScoreInputs, Case], "pd.Series[float]"]
    base: FactorBase = FactorBase.MISSING
    required: bool = False
    floor: Assumption | None = None
    measure_variance: Callable[[DataFrame[RatedTracts], ScoreInputs], pd.DataFrame] | None = None
    switch: Assumed | None = None
    assumptions: tuple[Assumption, ...] = ()

    def compute(
        self, tracts: DataFrame[RatedTracts], inputs: ScoreInputs, case: Case = Case.MID
    ) -> "pd.Series[float]":
        """Return the factor of each tract for a case, 0-1."""
        measure = self.measure(tracts, inputs, case)
        if not self.required:
            measure = measure.fillna(1.0)
        return measure if self.floor is None else raise_floor(measure, self.floor.value(case))


@dataclass(frozen=True, slots=True)
class Reason:
    """A score's clause in the reasons of a tract.

    Parameters
    ----------
    order
        Clauses are joined in this order.
    explain
        Takes the rated tracts and the inputs; returns a clause for people per tract, or an empty
        text if there is nothing to say.
    """

    order: int
    explain: Callable[[DataFrame[RatedTracts], ScoreInputs], "pd.Series[str]"]


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
        Columns that ``compute`` and the reason read; if one is absent, the score is left out.
    compute
        Takes the rated tracts and the inputs; returns 0-1 per tract, missing where an input is
        missing.
    reason
        Its clause in the reasons; ``None`` if it has none.
    factor
        Its part in the priority; ``None`` if it has none.
    derive
        Takes the rated tracts and their rates history, or ``None`` without a history; returns
        columns that are added to the tracts before any score is computed.
    list_figures
        Takes the rated tracts and the inputs; returns further columns of
        :class:`~outreach.tables.Scores`.
    """

    title: str
    question: str
    needs: tuple[str, ...]
    compute: Callable[[DataFrame[RatedTracts], ScoreInputs], "pd.Series[float]"]
    reason: Reason | None = None
    factor: Factor | None = None
    derive: (
        Callable[[DataFrame[RatedTracts], DataFrame[ResponseRates] | None], pd.DataFrame] | None
    ) = None
    list_figures: Callable[[DataFrame[RatedTracts], ScoreInputs], pd.DataFrame] | None = None

    @property
    def is_required(self) -> bool:
        """Whether there is no priority without this score."""
        return self.factor is not None and self.factor.required


def compare_median(values: "pd.Series[float]") -> "pd.Series[float]":
    """Return ``values / (values + median)``: 0 stays 0 and the median of the area is one half.

    No outlier squeezes the others together.
    """
    middle = float(values.median())
    return values / (values + (middle if middle > 0 else 1e-9))


def raise_floor(measure: "pd.Series[float]", floor: float) -> "pd.Series[float]":
    """Return a factor that runs in a line from ``floor`` at a measure of 0 to 1 at 1."""
    return floor + (1 - floor) * measure
