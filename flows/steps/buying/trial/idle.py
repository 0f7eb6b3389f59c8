"""Say how much of the idle money a test keeps from its units without ads."""

import pandas as pd

from outreach.campaign import Campaign
from outreach.phrasing import join_words, write_dollars
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, name_kind

_CENT = 0.01


def explain_idle(targets: DataFrame[Targets], campaign: Campaign) -> str:
    """Say which part of the money that stays unspent would fit into units without ads.

    Parameters
    ----------
    targets
        What is bought, with arms and budgets.
    campaign
        Budget, price, and limits.

    Returns
    -------
    str
        A sentence; empty if all money is spent, or no unit is without ads.
    """
    idle_usd = campaign.budget_usd - float(targets["budget_usd"].sum())
    units = targets[targets["arm"] != Arm.TREAT]
    if idle_usd < _CENT or units.empty:
        return ""
    counts = units["arm"].value_counts()
    parts = [
        f"{counts[arm]:,} {words}"
        for arm, words in ((Arm.HOLDOUT, "held out"), (Arm.BUFFER, "in buffers"))
        if arm in counts
    ]
    room_usd = _price_households(units, campaign)
    noun = name_kind(campaign.units.kind)
    return (
        f"Of the {write_dollars(idle_usd, cents=True)} that stay unspent,"
        f" {write_dollars(min(idle_usd, room_usd), cents=True)} would fit into the {noun} that the"
        f" test keeps without ads ({join_words(parts)}). A smaller holdout, or another buffer, lets"
        " more of it be spent."
    )


def _price_households(units: pd.DataFrame, campaign: Campaign) -> float:
    """Return what all ads cost that households of units may see, or what limits allow."""
    prices = units["households_count"].fillna(0.0) * campaign.household_usd
    most = campaign.units.maximum_spend_usd
    return float((prices.clip(upper=most) if most else prices).sum())
