"""Estimate the share of households online from survey figures that have errors.

An ACS share of one tract is off by several points. What is divided by it, or selected by it, then
follows the noise. The estimate of Fay and Herriot (1979, Journal of the American Statistical
Association 74, 269-277) weighs the tract's own figure against a line through all tracts:

    estimate = line + v / (v + e^2) * (own - line)

The line is fitted on the rates of the tracts, ``v`` is the variance of true shares about it, and
``e`` the tract's own standard error.
"""

import numpy as np
import pandas as pd

from models.budget.assumptions import Assumption
from models.scores.missing_households import TO_90, read_deadline
from outreach.arrays import Floats
from outreach.evidence import Evidence, Status
from outreach.tables import DataFrame, RatedTracts

#: Fewest tracts that a line is fitted on; with fewer the ACS figure is taken as it is.
LEAST_TRACTS = 30
#: Households that the ACS interviewed, where it gives no margins to read the error from.
INTERVIEWED = Assumption(
    "households interviewed by the ACS in five years, over their design effect", 0.03, 0.05, 0.07,
    "share of all households",
    Evidence(
        status=Status.ASSUMED,
        source="about 2 million final interviews a year of 140 million housing units, and a design"
        " effect of 1.4; not used where the ACS gives margins",
    ),
)  # fmt: skip
#: Columns that the share online is read from.
COUNTS = (
    "internet_households_count",
    "unsubscribed_internet_households_count",
    "internet_universe_count",
)
_ROUNDS = 50
_LEAST_VARIANCE = 1e-6
_PARTS = ("internet_households_count", "unsubscribed_internet_households_count")


def reach_share(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Return the share of households online in any way, 0-1; missing where no one was asked."""
    if not set(COUNTS) <= set(tracts):
        return pd.Series(np.nan, index=tracts.index, name="online_share")
    online = tracts["internet_households_count"] + tracts["unsubscribed_internet_households_count"]
    share = online / tracts["internet_universe_count"].where(tracts["internet_universe_count"] > 0)
    if {"no_device_households_count", "device_universe_count"} <= set(tracts):
        devices = tracts["device_universe_count"].where(tracts["device_universe_count"] > 0)
        share = share.clip(upper=(1 - tracts["no_device_households_count"] / devices).fillna(1.0))
    return share.clip(0, 1).rename("online_share")


def read_internet_share(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Return the internet response rate, 0 where it is not known, and always below 1."""
    if "internet_share" not in tracts:
        return pd.Series(0.0, index=tracts.index)
    return tracts["internet_share"].astype(float).fillna(0.0).clip(0, 0.99)


def estimate_online(tracts: DataFrame[RatedTracts]) -> pd.DataFrame:
    """Estimate the share of households online in each tract.

    Returns
    -------
    DataFrame
        ``online_share`` (0-1), missing where no one was asked, and its standard error
        ``error_share``.
    """
    share, error = reach_share(tracts), _measure_sampling_error(tracts)
    design = np.column_stack(
        [np.ones(len(tracts)), read_deadline(tracts)["share"], read_internet_share(tracts)]
    )
    known = (share.notna() & error.notna()).to_numpy() & np.isfinite(design).all(axis=1)
    estimate = pd.DataFrame({"online_share": share, "error_share": error.fillna(0.0)})
    if known.sum() < LEAST_TRACTS:
        return estimate

    own, variance = share[known].to_numpy(float), error[known].to_numpy(float) ** 2
    line, spread = _fit_line(own, variance, design[known])
    weight = spread / (spread + variance)
    estimate.loc[known, "online_share"] = (line + weight * (own - line)).clip(0, 1)
    estimate.loc[known, "error_share"] = np.sqrt(weight * variance)
    return estimate


def _measure_sampling_error(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Return the standard error of each share: from the ACS margins, else from its sample size."""
    whole = tracts["internet_universe_count"].where(tracts["internet_universe_count"] > 0)
    error = pd.Series(np.nan, index=tracts.index)
    margins = [f"{name}_moe" for name in _PARTS if f"{name}_moe" in tracts]
    if margins:
        squares = tracts[margins].astype(float) ** 2
        error = squares.sum(axis=1, min_count=1) ** 0.5 / TO_90 / whole

    share = reach_share(tracts)
    typical = float(share.mean())
    usual = (typical * (1 - typical) / (INTERVIEWED.mid * whole).clip(lower=1.0)) ** 0.5
    return error.fillna(usual)


def _fit_line(own: Floats, variance: Floats, design: Floats) -> tuple[Floats, float]:
    """Fit the line and the variance of true shares about it, each given the other, in turn."""
    spread = float(np.var(own))
    line = np.full(len(own), own.mean())
    for _ in range(_ROUNDS):
        weight = 1 / (spread + variance + _LEAST_VARIANCE)
        root = np.sqrt(weight)
        slopes = np.linalg.lstsq(design * root[:, None], own * root, rcond=None)[0]
        line = design @ slopes
        spread = max(float(np.average((own - line) ** 2 - variance, weights=weight)), 0.0)
    return line, spread
