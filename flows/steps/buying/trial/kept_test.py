"""Keep the test of a flight while a new list is made."""

import datetime as dt

import pandas as pd

from flows.steps.buying.previous_run import RunningTest
from flows.steps.notes import Notes
from geo.footprint import weigh_members
from outreach.campaign import Campaign
from outreach.phrasing import write_date
from outreach.tables import (
    Crosswalk,
    DataFrame,
    GeoDataFrame,
    Scores,
    Targets,
    Tracts,
    as_table,
)

_PERCENT = 100
#: What the list says of a unit that is on it for the test.
_REASON = " On the list because of its part in the test"


def settle_campaign(
    campaign: Campaign, test: RunningTest | None, data_date: dt.date, notes: Notes
) -> Campaign:
    """Return the campaign with the test that its flight has, not the one that it requests.

    A flight that is over gets no new arms, and a note names its test.
    """
    if campaign.flight is not None and data_date > campaign.flight.end:
        notes.add(_describe_past(campaign, campaign.flight.end, test))
        holdout = campaign.holdout.model_copy(update={"percent": 0.0})
        return campaign.model_copy(update={"holdout": holdout})
    if test is not None:
        units = campaign.units.model_copy(update={"kind": test.plan.unit_kind})
        holdout = campaign.holdout.model_copy(
            update={"percent": _PERCENT * test.plan.holdout_share, "seed": test.plan.seed}
        )
        return campaign.model_copy(update={"units": units, "holdout": holdout})
    return campaign


def keep_units(
    targets: DataFrame[Targets],
    test: RunningTest,
    tracts: GeoDataFrame[Tracts],
    scores: DataFrame[Scores],
    crosswalk: DataFrame[Crosswalk] | None,
) -> DataFrame[Targets]:
    """Keep the units of a test on the list until its flight ends.

    Pins and polygons are made anew in each run, so that a list of them is that of the test alone.

    Parameters
    ----------
    targets
        The new list.
    test
        Its units are added to the list if they are not on it.
    tracts, scores, crosswalk
        For the missing households of the units today.
    """
    names = [name for name in targets if name in test.units]
    if not test.is_lasting:
        targets = as_table(targets.iloc[:0], Targets)
    kept = test.units.loc[~test.units.index.isin(targets.index), names]
    if kept.empty:
        return targets

    # Their missing households are those of today, and they rank behind the chosen ones.
    members = weigh_members(kept, tracts, crosswalk)
    missing = scores["missing_households_count"].reindex(members["geoid"]).to_numpy()
    today = (members["weight"] * missing).groupby(members["unit_id"]).sum(min_count=1)
    last = int(targets["rank"].max()) if len(targets) else 0
    until = f"{_REASON} until {write_date(test.plan.flight_end)}."
    kept = kept.sort_values("rank", kind="stable").assign(
        data_date=scores["data_date"].max(),
        missing_households_count=today.reindex(kept.index).fillna(kept["missing_households_count"]),
        budget_usd=0.0,
        impressions_count=0.0,
        why=kept["why"].str.partition(_REASON)[0] + until,
    )
    kept["rank"] = range(last + 1, last + 1 + len(kept))
    return as_table(pd.concat([targets, kept]) if len(targets) else kept, Targets)


def _describe_past(campaign: Campaign, end: dt.date, test: RunningTest | None) -> str:
    """Say which test a flight had that is over; empty if the campaign requests none."""
    if test is not None:
        return (
            f"The flight ended on {write_date(end)}, so no arms are drawn again. Its test is that"
            f" of {test.run_id}, and 'outreach measure' reads it out."
        )
    if not campaign.holdout.percent:
        return ""
    return (
        f"The flight ended on {write_date(end)}, and no list with a test was approved for it, so no"
        " arms are drawn. For a new test, give the campaign a new [flight]."
    )
