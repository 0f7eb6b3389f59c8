"""Describe what money buys in each unit on each channel."""

import numpy as np
import pandas as pd

from models.budget.exposure import measure_frequency, reach_households
from models.budget.terms import Terms
from outreach.arrays import Floats


def describe_channels(cells: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Return the facts of the channel of each cell.

    Parameters
    ----------
    cells
        ``channel``.
    terms
        The channels, their frequency caps, and the fee.

    Returns
    -------
    DataFrame
        Rows as in ``cells``: ``impression_usd`` (fees included), ``penetration_share``, and
        ``frequency_cap`` (ads for a household that can see them, on average).
    """
    usual = terms.max_impressions_per_household
    facts = pd.DataFrame(
        {
            channel.name: {
                "impression_usd": terms.curve.price_usd(channel),
                "penetration_share": channel.penetration.mid,
                "frequency_cap": terms.channel_frequency.get(channel.name, usual),
            }
            for channel in terms.channels
        }
    ).T
    return facts.loc[cells["channel"]].set_axis(cells.index)


def describe_cells(cells: pd.DataFrame, spend_usd: Floats, terms: Terms) -> pd.DataFrame:
    """Describe all that the responses of each cell follow from (:mod:`models.budget.ad_response`).

    Parameters
    ----------
    cells
        A row per unit and channel: :class:`outreach.tables.SpendUnits` with ``channel``.
    spend_usd
        What is spent in each, fees included.
    terms
        The channels and the assumptions.

    Returns
    -------
    DataFrame
        ``channel``, ``budget_usd``, ``impressions_count``; of the unit ``households_count``,
        ``missing_at_deadline_count``, ``persuadable_share``, and ``audience_share`` (of its
        households: online and on the channel); ``seen_per_household`` (ads that such a household
        sees on average), ``reached_share`` and ``reached_households_count`` of all its
        households, and ``ads_per_reached_household``.
    """
    facts = describe_channels(cells, terms)
    households = cells["households_count"].to_numpy(float)
    share = cells["addressable_share"].to_numpy(float) * facts["penetration_share"].to_numpy(float)
    impressions = spend_usd / facts["impression_usd"].to_numpy(float)

    # One number of ads seen gives reach, frequency, and responses.
    addressed = households * share
    seen = terms.curve.efficiency.mid * np.divide(
        impressions, addressed, out=np.zeros_like(impressions), where=addressed > 0
    )
    reached = share * reach_households(seen)
    return pd.DataFrame(
        {
            "channel": cells["channel"],
            "budget_usd": spend_usd,
            "impressions_count": impressions,
            "households_count": households,
            "missing_at_deadline_count": cells["missing_households_count"],
            "persuadable_share": cells["persuadable_share"],
            "audience_share": share,
            "seen_per_household": seen,
            "reached_share": reached,
            "reached_households_count": households * reached,
            "ads_per_reached_household": np.where(seen > 0, measure_frequency(seen), 0.0),
        },
        index=cells.index,
    )
