"""Audience: who lives where the ads go, which creative is missing, and whom online ads do not reach - gathered and written to the run."""

from dataclasses import dataclass

import pandas as pd

from flows.steps.plan import Plan
from geo.crosswalk.carry import carry_counts
from geo.footprint import weigh_members
from models.audience.describe import describe_areas, list_counts
from models.audience.handoff import list_handoff
from models.audience.handoff_text import describe_handoff
from models.audience.languages import describe_basis
from models.audience.tract_shares import add_unbought, share_targets
from models.audience.work_orders import order_creative
from outreach.campaign import Campaign
from outreach.exporters.base.exporter import View
from outreach.exporters.base.views import TITLES, write_view
from outreach.store import RunFolder
from outreach.tables import Targets, as_table
from outreach.units import Arm


@dataclass(frozen=True)
class Audience:
    """Who lives in the targets of a run.

    Parameters
    ----------
    views
        ``audience``, by target; ``work_orders``, by language without creative; ``handoff``, by
        tract.
    note
        What is handed off, in a sentence.
    """

    views: tuple[View, ...]
    note: str


def gather_audience(
    plan: Plan, tracts: pd.DataFrame, scores: pd.DataFrame, campaign: Campaign
) -> Audience:
    """Describe the targets by the tracts behind them.

    Counts of a place are those of its tracts, by how much of each lies in it, brought to the
    households that the target list gives the place, so that overlapping circles count nobody twice.
    """
    targets, languages = as_table(plan.targets, Targets), campaign.creative_languages
    members = plan.members if plan.members is not None else weigh_members(targets, tracts)
    counts = pd.DataFrame(tracts[list_counts(tracts)])
    pairs = members.rename(columns={"geoid": "source", "unit_id": "target"})
    carried = carry_counts(counts, pairs).table.reindex(targets.index)
    fitted = carried.mul(targets["households_count"] / carried["households_count"], axis=0)
    audience = targets[["kind", "place", "label", "arm", "rank"]].join(
        describe_areas(fitted, languages)
    )
    audience.insert(6, "missing_households_count", targets["missing_households_count"])
    orders = order_creative(
        audience[audience["arm"] == Arm.TREAT], languages, describe_basis(counts)
    )
    missing = scores["missing_households_count"]
    shared = add_unbought(
        share_targets(targets, members, missing), pd.Index(plan.chosen["place"]), members, missing
    )
    behind = tracts.index[tracts.index.isin(shared["geoid"])]
    handoff = list_handoff(
        shared, tracts.loc[behind], describe_areas(counts.loc[behind], languages), languages
    )
    tables = {"audience": audience, "work_orders": orders, "handoff": handoff}
    views = tuple(View(name, TITLES[name], table) for name, table in tables.items())
    return Audience(views, describe_handoff(handoff, targets))


def write_audience(run: RunFolder, audience: Audience) -> None:
    """Write each view as a table and, for people, as CSV."""
    for view in audience.views:
        run.write_table(view.name, view.table)
        file = write_view(view)
        run.write_file(file.name, file.content)
