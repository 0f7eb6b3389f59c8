"""Part the money of targets into media, which ad files carry, and fees."""

import math

import numpy as np
import pandas as pd

from outreach.arrays import Floats
from outreach.campaign import Campaign
from outreach.tables import DataFrame, Targets, as_table

_PERCENT = 100
#: Rounding errors of up to this many cents do not take a cent away.
_TOLERANCE_CENTS = 1e-4


def complete_money(targets: DataFrame[Targets], campaign: Campaign) -> DataFrame[Targets]:
    """Add what ad files need beside the budgets: media, fees, and frequency caps.

    Returns
    -------
    DataFrame
        With ``media_usd``, ``fee_usd`` (:func:`part_fees`) and ``frequency_cap``, the most ads
        that a household is to see over the flight. Where the budget is by channel also
        ``media_<channel>_usd``, ``fee_<channel>_usd``, and ``frequency_<channel>_cap``.
    """
    caps = {"frequency_cap": campaign.impressions_per_household}
    caps |= {
        f"frequency_{channel.name}_cap": channel.impressions_per_household
        or campaign.impressions_per_household
        for channel in campaign.channels
        if f"budget_{channel.name}_usd" in targets
    }
    parted = part_fees(targets, campaign.fee_percent / _PERCENT)
    return as_table(parted.assign(**{name: math.ceil(cap) for name, cap in caps.items()}), Targets)


def part_fees(targets: DataFrame[Targets], fee_share: float) -> DataFrame[Targets]:
    """Part every budget into media and fee, to the cent.

    Media is what an ad file carries, and the fee comes on top of it: ``media = budget / (1 +
    fee_share)``. Media is rounded down over the running total, so the fee that is billed on all of
    it is never more than the fee planned here.

    Parameters
    ----------
    targets
        With ``budget_usd`` and, where the budget is by channel, ``budget_<channel>_usd``, all in
        whole cents.
    fee_share
        Fees as a share of the media, at least 0.

    Returns
    -------
    DataFrame
        With a media and a fee column beside each budget column. Those of the channels add up to
        the totals.
    """
    budgets = [
        str(name)
        for name in targets
        if str(name).startswith("budget_") and str(name).endswith("_usd")
    ]
    parts: dict[str, pd.Series[float]] = {}
    for name in budgets:
        media = pd.Series(round_media(targets[name].to_numpy(float), fee_share), targets.index)
        parts[name.replace("budget", "media", 1)] = media

    # The total of several channels is the sum of what each of them carries.
    channels = [name for name in parts if name != "media_usd"]
    if channels:
        parts["media_usd"] = pd.DataFrame({name: parts[name] for name in channels}).sum(axis=1)
    fees = {
        name.replace("budget", "fee", 1): targets[name] - parts[name.replace("budget", "media", 1)]
        for name in budgets
    }
    return as_table(targets.assign(**pd.DataFrame(parts | fees).round(2)), Targets)


def round_media(budget_usd: Floats, fee_share: float) -> Floats:
    """Return the media in each budget (USD), in whole cents and never more than the budget.

    The running total is rounded down, so all media with its fees fits all budgets.
    """
    totals = np.cumsum(budget_usd) / (1 + fee_share)
    cents = np.floor(totals * _PERCENT + _TOLERANCE_CENTS)
    return np.diff(cents, prepend=0.0) / _PERCENT
