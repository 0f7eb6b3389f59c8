"""Sum up by district what it costs to reach the expected missing households."""

import numpy as np
import pandas as pd

from models.audience.handoff_text import DOOR, PAPER, PHONE
from models.planning.reach_cost import ADS, COUNTS, CREATIVE, ReachPrices

#: Channels in the order of tables, with the beginning of their columns.
CHANNELS = {ADS: "ads", PHONE: "phone", PAPER: "paper", DOOR: "door"}
_KEYS = ["kind", "name", "scenario", "need_share"]


def split_reach(tracts: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Sum the tracts up by district, scenario, channel, and language.

    Parameters
    ----------
    tracts
        From :func:`models.planning.reach_cost.price_tracts`.
    parts
        How much of each tract lies in which district: ``kind``, ``name``, ``geoid``, ``weight``.

    Returns
    -------
    DataFrame
        Columns ``kind``, ``name``, ``scenario``, ``need_share``, ``channel``, ``language``, and
        counts, money, and hours.
    """
    joined = parts[["kind", "name", "geoid", "weight"]].merge(tracts, on="geoid")
    joined[COUNTS] = joined[COUNTS].mul(joined["weight"], axis=0)
    return joined.groupby([*_KEYS, "channel", "language"], as_index=False)[COUNTS].sum()


def sum_districts(split: pd.DataFrame, prices: ReachPrices) -> pd.DataFrame:
    """Sum a split up by district: money, staff, partners, and homes and money of each channel.

    Parameters
    ----------
    split
        From :func:`split_reach`.
    prices
        For the hours of a person, and the households of a partner.

    Returns
    -------
    DataFrame
        A row is a district and scenario: ``kind``, ``district``, ``scenario``, counts and money,
        ``staff_count``, ``partners_count``, ``partner_languages`` that partners are needed in, and
        for each of :data:`CHANNELS` ``<channel>_homes_count`` and ``<channel>_usd``.
    """
    table = split.groupby(_KEYS)[COUNTS].sum()
    table["staff_count"] = np.ceil(table["hours_count"] / prices.staff_hours).astype(int)

    # A partner for each language that no creative speaks, and for every so many households of it.
    spoken = split[split["language"] != CREATIVE]
    by_language = spoken.groupby([*_KEYS, "language"])["missing_households_count"].sum()
    needed = np.ceil(by_language / prices.partner_households)
    table["partners_count"] = needed.groupby(level=_KEYS).sum().reindex(table.index).fillna(0)
    table["partners_count"] = table["partners_count"].astype(int)
    names = by_language[by_language > 0].reset_index("language")["language"]
    table["partner_languages"] = names.groupby(level=_KEYS).agg(", ".join).reindex(table.index)

    # What each channel is for, and what it costs.
    by_channel = split.groupby([*_KEYS, "channel"])[["homes_count", "cost_usd"]].sum()
    for channel, name in CHANNELS.items():
        own = by_channel[by_channel.index.get_level_values("channel") == channel]
        own = own.droplevel("channel").reindex(table.index).fillna(0.0)
        table[f"{name}_homes_count"], table[f"{name}_usd"] = own["homes_count"], own["cost_usd"]
    table = (
        table.fillna({"partner_languages": ""}).reset_index().rename(columns={"name": "district"})
    )
    table = table.sort_values(
        ["kind", "need_share", "cost_usd"], ascending=[True, True, False], kind="stable"
    )
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="row"))
