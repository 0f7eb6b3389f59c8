"""State past response in one quantity, whichever census it is from."""

import pandas as pd

from models.features.predictors import OWN_PAST, PREDICTORS, Predictor
from outreach.tables import DataFrame, TractProfiles

#: The column of the self-response rate in the census before, 0-1, of all addresses.
PAST = "past_final_share"
#: Past response on one scale stands in for these. The Low Response Score is fitted anew from
#: edition to edition, so what it said then cannot be compared with what it says now.
_REPLACED = frozenset({*OWN_PAST, "low_response_score"})


def list_plan_predictors() -> tuple[Predictor, ...]:
    """Return every predictor of a plan: those of a season, past response in one quantity first."""
    past = Predictor(
        PAST,
        "past response",
        "self-response in the census before",
        (PAST,),
        form="value",
        around=True,
    )
    return (past, *(each for each in PREDICTORS if each.name not in _REPLACED))


def rate_past(profiles: DataFrame[TractProfiles], census_year: int) -> "pd.Series[float]":
    """Return a tract's self-response rate in a census as its sources have it.

    The final self-response rate is of all addresses and is taken as it is. Where only the mail
    return rate is known, which is of occupied homes, it is multiplied by the share of homes that
    are occupied.

    Parameters
    ----------
    profiles
        What is known of the tracts: ``final_<year>_share``, or ``mail_return_<year>_share`` with
        ``households_count`` and ``housing_units_count``.
    census_year
        The census.

    Returns
    -------
    Series
        0-1 by tract; missing where no source has it.
    """
    final = profiles.get(f"final_{census_year}_share")
    if final is not None and final.notna().any():
        return final.astype(float).rename(PAST)
    returned = profiles.get(f"mail_return_{census_year}_share")
    if returned is None or "housing_units_count" not in profiles:
        return pd.Series(float("nan"), index=profiles.index, name=PAST)
    homes = profiles["housing_units_count"].astype(float)
    occupied = profiles["households_count"].astype(float) / homes.where(homes > 0)
    return (returned.astype(float) * occupied.clip(0, 1)).rename(PAST)
