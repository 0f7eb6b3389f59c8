"""Count how many households of a tract would still be missing at the deadline.

Missing households are households (ACS) times one minus the self-response rate: the forecast at the
deadline, or today's rate without a forecast. The rate's own denominator is addresses, occupied or
not, so the count is too low where many homes are vacant.
"""

import numpy as np
import pandas as pd

from models.budget.assumptions import Case
from models.scores.score import Factor, FactorBase, Reason, Score, ScoreInputs
from outreach.tables import DataFrame, RatedTracts

#: Standard deviations from the middle of a normal distribution to its 80% bounds, and to the
#: Census Bureau's 90% margins.
TO_80, TO_90 = 1.2816, 1.645

#: Least missing share whose logarithm is taken, and the largest standard deviation believed of it.
_LEAST_SHARE = 1e-6
_LARGEST_ERROR = 3.0


def count_missing(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Count the households without a response today; missing if households or rate are."""
    return (tracts["households_count"] * (1 - tracts["cumulative_share"])).rename(
        "missing_households_count"
    )


def read_deadline(tracts: DataFrame[RatedTracts]) -> pd.DataFrame:
    """Return the rate at the deadline: ``share``, ``low80_share``, ``high80_share``.

    Without a forecast all three are today's rate.
    """
    if "final_share" not in tracts:
        today = tracts["cumulative_share"]
        return pd.DataFrame({"share": today, "low80_share": today, "high80_share": today})
    final = tracts["final_share"]
    bounds = {
        f"{side}80_share": tracts.get(f"final_{side}80_share", final) for side in ("low", "high")
    }
    return pd.DataFrame({"share": final, **bounds})


def count_missing_at_deadline(tracts: DataFrame[RatedTracts]) -> pd.DataFrame:
    """Count the households missing at the deadline, with an 80% range.

    The range combines that of the forecast with the margin of error of the households, in
    quadrature, because the two are independent.

    Returns
    -------
    DataFrame
        ``missing_at_deadline_count``, ``missing_at_deadline_low80_count`` and
        ``missing_at_deadline_high80_count``, per tract.
    """
    households, rate = tracts["households_count"], read_deadline(tracts)
    missing = households * (1 - rate["share"])
    margin = (
        tracts["households_count_moe"].fillna(0.0) * TO_80 / TO_90
        if "households_count_moe" in tracts
        else 0.0
    )
    sampling = margin * (1 - rate["share"])
    below = np.hypot(households * (rate["high80_share"] - rate["share"]), sampling)
    above = np.hypot(households * (rate["share"] - rate["low80_share"]), sampling)
    return pd.DataFrame(
        {
            "missing_at_deadline_count": missing,
            "missing_at_deadline_low80_count": (missing - below).clip(lower=0),
            "missing_at_deadline_high80_count": missing + above,
        }
    )


def _compute(tracts: DataFrame[RatedTracts], _inputs: ScoreInputs) -> "pd.Series[float]":
    missing = tracts["households_count"] * (1 - read_deadline(tracts)["share"])
    return missing / max(float(missing.max()), 1.0)


def _list_figures(tracts: DataFrame[RatedTracts], _inputs: ScoreInputs) -> pd.DataFrame:
    return count_missing(tracts).to_frame().join(count_missing_at_deadline(tracts))


def _explain(tracts: DataFrame[RatedTracts], _inputs: ScoreInputs) -> "pd.Series[str]":
    today, households = count_missing(tracts), tracts["households_count"]
    clauses = [
        f"about {missing:,.0f} of {whole:,.0f} households have not responded"
        for missing, whole in zip(today, households, strict=True)
    ]
    if "final_share" in tracts:
        ranges = count_missing_at_deadline(tracts).to_numpy()
        clauses = [
            f"{clause}, {middle:,.0f} ({low:,.0f} to {high:,.0f}) would still be missing at the"
            " deadline"
            for clause, (middle, low, high) in zip(clauses, ranges, strict=True)
        ]
    return pd.Series(clauses, index=tracts.index, dtype=object)


def _measure_share(
    tracts: DataFrame[RatedTracts], _inputs: ScoreInputs, case: Case
) -> "pd.Series[float]":
    column = {Case.LOW: "high80_share", Case.MID: "share", Case.HIGH: "low80_share"}[case]
    return 1 - read_deadline(tracts)[column]


def _measure_variance(tracts: DataFrame[RatedTracts], _inputs: ScoreInputs) -> pd.DataFrame:
    rate = read_deadline(tracts)
    middle = (1 - rate["share"]).clip(lower=_LEAST_SHARE)
    if "own_error_share" in tracts:
        # What all tracts have in common moves no rank.
        own = tracts["own_error_share"].astype(float)
        above, below = np.log1p(own / middle), -np.log((1 - own / middle).clip(lower=_LEAST_SHARE))
    else:
        most, least = (
            (1 - rate[f"{side}80_share"]).clip(lower=_LEAST_SHARE) for side in ("low", "high")
        )
        above, below = np.log(most / middle) / TO_80, np.log(middle / least) / TO_80
    return pd.DataFrame({"below": below.clip(upper=_LARGEST_ERROR) ** 2, "above": above**2})


_NEEDS = ("households_count", "cumulative_share")
SCORE = Score(
    title="Missing households",
    question="How many households would still be missing at the deadline?",
    needs=_NEEDS,
    compute=_compute,
    reason=Reason(10, _explain),
    factor=Factor(
        order=10,
        needs=_NEEDS,
        measure=_measure_share,
        base=FactorBase.HOUSEHOLDS,
        required=True,
        measure_variance=_measure_variance,
    ),
    list_figures=_list_figures,
)
