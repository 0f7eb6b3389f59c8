"""Missing households: how many households of the tract would still be missing at the deadline.

Estimated as households (ACS) times one minus the self-response rate: the forecast at the deadline,
or today's rate where there is no forecast. The rate's own denominator is addresses, occupied or
not, so where many homes stand empty this is too low; it is stated with the figure.
"""

import numpy as np
import pandas as pd

from models.scores.score import Score
from outreach.campaign import Campaign

#: Standard deviations from the middle of a normal distribution to its 80 % bounds, and to the
#: Bureau's 90 % margins.
TO_80, TO_90 = 1.2816, 1.645


def count_missing(tracts: pd.DataFrame) -> "pd.Series[float]":
    """Return households without a response today, a count per tract; missing where the households or the rate are."""
    return (tracts["households_count"] * (1 - tracts["cumulative_share"])).rename(
        "missing_households_count"
    )


def read_deadline(tracts: pd.DataFrame) -> pd.DataFrame:
    """Return the rate at the deadline: ``share``, ``low80_share``, ``high80_share``; without a forecast all three are today's rate."""
    if "final_share" not in tracts:
        today = tracts["cumulative_share"]
        return pd.DataFrame({"share": today, "low80_share": today, "high80_share": today})
    final = tracts["final_share"]
    bounds = {
        f"{side}80_share": tracts.get(f"final_{side}80_share", final) for side in ("low", "high")
    }
    return pd.DataFrame({"share": final, **bounds})


def count_missing_at_deadline(tracts: pd.DataFrame) -> pd.DataFrame:
    """Return ``missing_at_deadline_count`` with its 80 % range ``_low80`` and ``_high80``, counts per tract.

    The range joins that of the forecast with the margin of error of the households (in quadrature,
    as they are independent).
    """
    households, rate = tracts["households_count"], read_deadline(tracts)
    missing = households * (1 - rate["share"])
    margin = (
        tracts["households_count_moe"].fillna(0.0) * TO_80 / TO_90
        if "households_count_moe" in tracts
        else 0.0
    )
    sampled = margin * (1 - rate["share"])
    below = np.hypot(households * (rate["high80_share"] - rate["share"]), sampled)
    above = np.hypot(households * (rate["share"] - rate["low80_share"]), sampled)
    return pd.DataFrame(
        {
            "missing_at_deadline_count": missing,
            "missing_at_deadline_low80_count": (missing - below).clip(lower=0),
            "missing_at_deadline_high80_count": missing + above,
        }
    )


def _compute(tracts: pd.DataFrame, _campaign: Campaign) -> "pd.Series[float]":
    missing = tracts["households_count"] * (1 - read_deadline(tracts)["share"])
    return missing / max(float(missing.max()), 1.0)


def _explain(tracts: pd.DataFrame, _campaign: Campaign) -> "pd.Series[str]":
    today, households = count_missing(tracts), tracts["households_count"]
    told = [
        f"about {a:,.0f} of {b:,.0f} households have not answered"
        for a, b in zip(today, households, strict=True)
    ]
    if "final_share" in tracts:
        range_ = count_missing_at_deadline(tracts)
        told = [
            f"{clause}, {middle:,.0f} ({low:,.0f} to {high:,.0f}) would still be missing at the deadline"
            for clause, (middle, low, high) in zip(told, range_.to_numpy(), strict=True)
        ]
    return pd.Series(told, index=tracts.index, dtype=object)


SCORE = Score(
    title="Missing households",
    question="How many households would still be missing at the deadline?",
    needs=("households_count", "cumulative_share"),
    compute=_compute,
    explain=_explain,
)
