"""Estimate what it costs to reach the households that a census is expected to miss.

Nobody knows who will be missing, so whoever wants to reach one missing household of a tract has to
address as many homes as hold one. For a share ``s`` of the need, a channel therefore addresses
``s * households * part`` homes of a tract, where ``part`` is the share of its missing households
that the channel is for: online ads for those that are online and read a language of the ads, one of
phone, door, and paper for the others, as the hand-off has it (:mod:`models.audience.handoff`).
"""

from dataclasses import dataclass

import pandas as pd

from models.audience.handoff_text import DOOR, PAPER, PHONE

#: Shares of the need that are reached, by scenario.
SCENARIOS = {"low": 0.2, "middle": 0.4, "high": 0.6}
ADS = "online ads"
#: What all languages that nobody has to be found for are called.
CREATIVE = "languages of the ads"
#: What adds up over tracts.
COUNTS = ["missing_households_count", "homes_count", "contacts_count", "cost_usd", "hours_count"]


@dataclass(frozen=True, slots=True)
class ReachPrices:
    """What it costs to address a home once, and how often it is addressed.

    Parameters
    ----------
    ads_usd
        All ads for a household, with fees.
    letter_usd, letters_count
        A letter, printed and delivered, and letters for a home.
    hour_usd
        An hour of staff.
    calls_per_hour, calls_count
        Calls of an hour, and calls for a home.
    doors_per_hour, visits_count
        Doors of an hour, and visits for a home.
    staff_hours
        Hours that one person works over the whole season.
    partner_households
        Missing households of one language that one partner organization can take on.
    """

    ads_usd: float
    letter_usd: float
    letters_count: float
    hour_usd: float
    calls_per_hour: float
    calls_count: float
    doors_per_hour: float
    visits_count: float
    staff_hours: float
    partner_households: float


def price_tracts(
    handoff: pd.DataFrame, households: "pd.Series[float]", prices: ReachPrices
) -> pd.DataFrame:
    """Price the reach of each tract's missing households, by channel and language.

    Parameters
    ----------
    handoff
        From :func:`models.audience.handoff.list_handoff`, over all tracts of a plan.
    households
        Households by ``geoid``.
    prices
        What a contact costs.

    Returns
    -------
    DataFrame
        A row is a tract, scenario, and channel: ``geoid``, ``scenario``, ``need_share``,
        ``channel``, ``language``, ``missing_households_count`` (to be reached), ``homes_count``
        (addressed), ``contacts_count``, ``cost_usd``, ``hours_count`` of staff.
    """
    known = handoff[handoff.index != ""]
    nobody = pd.Series("", index=known.index)
    parts = {
        "reachable_households_count": (pd.Series(ADS, index=known.index), nobody),
        "handoff_households_count": (known["channel"], known["language"]),
    }
    whole = known["missing_households_count"].where(known["missing_households_count"] > 0)
    homes = households.reindex(known.index)
    rows = [
        pd.DataFrame(
            {
                "geoid": known.index,
                "channel": channel.to_numpy(),
                "language": language.replace("", CREATIVE).to_numpy(),
                "missing_households_count": known[name].to_numpy(),
                "homes_count": (homes * known[name] / whole).fillna(0.0).to_numpy(),
            }
        )
        for name, (channel, language) in parts.items()
    ]
    need = pd.concat(rows, ignore_index=True)
    need = need[need["missing_households_count"] > 0]
    return pd.concat(
        [_price(need, scenario, share, prices) for scenario, share in SCENARIOS.items()],
        ignore_index=True,
    )


def sum_channels(tracts: pd.DataFrame) -> pd.DataFrame:
    """Sum the tracts up by scenario, channel, and language, the largest cost first.

    Parameters
    ----------
    tracts
        From :func:`price_tracts`.

    Returns
    -------
    DataFrame
        Numbered rows, with ``cost_per_household_usd``, of a missing household that is reached.
    """
    keys = ["scenario", "need_share", "channel", "language"]
    table = tracts.groupby(keys, as_index=False)[COUNTS].sum()
    table["cost_per_household_usd"] = table["cost_usd"] / table["missing_households_count"]
    table = table.sort_values(["need_share", "cost_usd"], ascending=[True, False], kind="stable")
    return table.set_axis(pd.RangeIndex(1, len(table) + 1, name="row"))


def _price(need: pd.DataFrame, scenario: str, share: float, prices: ReachPrices) -> pd.DataFrame:
    """Price a share of the need: homes, contacts, money, and hours of staff."""
    call_hours, visit_hours = 1 / prices.calls_per_hour, 1 / prices.doors_per_hour
    per_home = {
        ADS: (1.0, prices.ads_usd, 0.0),
        PAPER: (prices.letters_count, prices.letter_usd, 0.0),
        PHONE: (prices.calls_count, prices.hour_usd * call_hours, call_hours),
        DOOR: (prices.visits_count, prices.hour_usd * visit_hours, visit_hours),
    }
    contacts, money, hours = (
        need["channel"].map({channel: figures[at] for channel, figures in per_home.items()})
        for at in range(3)
    )
    homes = share * need["homes_count"]
    return need.assign(
        scenario=scenario,
        need_share=share,
        missing_households_count=share * need["missing_households_count"],
        homes_count=homes,
        contacts_count=homes * contacts,
        cost_usd=homes * contacts * money,
        hours_count=homes * contacts * hours,
    )
