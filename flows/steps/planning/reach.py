"""Price the reach of what a plan expects to be missing, by channel, language, and district."""

from dataclasses import dataclass

import pandas as pd

from flows.steps.notes import Notes
from flows.steps.sources.districts import MapDistricts
from models.audience.describe import describe_areas, list_counts
from models.audience.handoff import list_handoff
from models.planning.reach_cost import (
    SCENARIOS,
    ReachPrices,
    price_tracts,
    sum_channels,
)
from models.planning.reach_districts import split_reach, sum_districts
from outreach.campaign import Campaign
from outreach.exporters.base.exporter import View
from outreach.exporters.base.views import TITLES
from outreach.phrasing import write_dollars, write_percent
from outreach.tables import DataFrame, Scores, Tracts
from outreach.units import Arm


@dataclass(frozen=True)
class Need:
    """The missing households of a run, and what it costs to reach them.

    Parameters
    ----------
    handoff
        By tract, whom ads do not reach: :func:`models.audience.handoff.list_handoff`.
    costs
        By tract, scenario, and channel: :func:`models.planning.reach_cost.price_tracts`.
    """

    handoff: pd.DataFrame
    costs: pd.DataFrame


def gather_reach(
    campaign: Campaign,
    tracts: DataFrame[Tracts],
    scores: DataFrame[Scores],
    districts: MapDistricts | None,
    notes: Notes,
) -> tuple[View, ...]:
    """Return the cost of reaching the expected missing households of a plan.

    Parameters
    ----------
    campaign
        Prices and languages.
    tracts, scores
        The planned tracts, and their missing households.
    districts
        The campaign's districts, if it has any.
    notes
        Gets the totals.

    Returns
    -------
    tuple of View
        ``reach`` by scenario, channel, and language, ``reach_handoff`` by tract whom ads do not
        reach, and ``reach_districts``. Nothing in a season, and nothing where no source counts
        households.
    """
    if not campaign.is_plan:
        return ()
    priced = price_need(campaign, tracts, scores)
    if priced is None:
        return ()
    notes.add(_describe_costs(priced.costs, campaign.census_year))
    handoff = priced.handoff.drop(columns=["arm", "places"])
    tables = {"reach": sum_channels(priced.costs), "reach_handoff": handoff}
    if districts is not None and len(districts.parts):
        split = split_reach(priced.costs, districts.parts)
        tables["reach_districts"] = sum_districts(split, read_prices(campaign))
    return tuple(View(name, TITLES[name], table) for name, table in tables.items())


def price_need(
    campaign: Campaign, tracts: DataFrame[Tracts], scores: DataFrame[Scores]
) -> Need | None:
    """Price the reach of every missing household of a run, whatever its list buys.

    Parameters
    ----------
    campaign
        Prices and languages.
    tracts, scores
        The tracts of a run, and their missing households.

    Returns
    -------
    Need or None
        ``None`` where no source counts households.
    """
    missing = scores["missing_households_count"].dropna()
    missing = missing[missing > 0]
    if missing.empty:
        return None
    shared = pd.DataFrame(
        {
            "geoid": missing.index,
            "unit_id": "",
            "arm": str(Arm.TREAT),
            "missing_households_count": missing.to_numpy(),
        }
    )
    own = tracts.loc[missing.index]
    audience = describe_areas(pd.DataFrame(own[list_counts(own)]), campaign.creative_languages)
    handoff = list_handoff(shared, own, audience, campaign.creative_languages)
    costs = price_tracts(handoff, own["households_count"].astype(float), read_prices(campaign))
    return Need(handoff, costs)


def read_prices(campaign: Campaign) -> ReachPrices:
    """Return the prices of a campaign: its own for ads, and those of ``[reach]`` for the rest."""
    reach = campaign.reach
    return ReachPrices(
        ads_usd=campaign.household_usd,
        letter_usd=reach.letter_usd,
        letters_count=reach.letters,
        hour_usd=reach.staff_hour_usd,
        calls_per_hour=reach.calls_per_hour,
        calls_count=reach.calls,
        doors_per_hour=reach.doors_per_hour,
        visits_count=reach.visits,
        staff_hours=reach.staff_hours,
        partner_households=reach.partner_households,
    )


def _describe_costs(priced: pd.DataFrame, census_year: int) -> str:
    """Say what each scenario costs, and that the prices are assumed."""
    costs = priced.groupby("scenario")["cost_usd"].sum()
    texts = [
        f"{write_percent(share)} of them for {write_dollars(float(costs[scenario]))}"
        for scenario, share in SCENARIOS.items()
    ]
    return (
        f"By ads, phone, paper, and visits, the households expected to be missing in {census_year}"
        f" could be reached at these costs: {', '.join(texts)}. reach.csv has them by channel and"
        " language. The prices of [reach] are assumed until you set your own."
    )
