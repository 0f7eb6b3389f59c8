"""Describe who lives in the targets, and whom online ads do not reach."""

import pandas as pd

from flows.steps.buying.plan import TargetPlan
from flows.steps.notes import Notes
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
from outreach.tables import DataFrame, GeoDataFrame, Scores, Tracts
from outreach.units import Arm


def gather_audience(
    plan: TargetPlan,
    tracts: GeoDataFrame[Tracts],
    scores: DataFrame[Scores],
    campaign: Campaign,
    notes: Notes,
) -> tuple[View, ...]:
    """Describe the targets by the tracts behind them.

    Counts of a target are those of its tracts, weighted by how much of each lies in it. They are
    scaled to the households that the target list gives the target, so that overlapping circles
    count nobody twice.

    Returns
    -------
    tuple of View
        ``audience``, by target; ``work_orders``, by language without creative; ``handoff``, by
        tract.
    """
    # Carry the counts of tracts to the targets.
    targets, languages = plan.targets, campaign.creative_languages
    members = plan.members if plan.members is not None else weigh_members(targets, tracts)
    counts = pd.DataFrame(tracts[list_counts(tracts)])
    pairs = members.rename(columns={"geoid": "source", "unit_id": "target"})
    carried = carry_counts(counts, pairs).table.reindex(targets.index)
    scaled = carried.mul(targets["households_count"] / carried["households_count"], axis=0)
    audience = targets[["kind", "place", "label", "arm", "rank"]].join(
        describe_areas(scaled, languages)
    )
    audience.insert(6, "missing_households_count", targets["missing_households_count"])

    # List the creative to order, and the households that online ads do not reach.
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

    notes.add(describe_handoff(handoff, targets))
    tables = {"audience": audience, "work_orders": orders, "handoff": handoff}
    return tuple(View(name, TITLES[name], table) for name, table in tables.items())


def write_audience(run: RunFolder, views: tuple[View, ...]) -> None:
    """Write each view as a table and, for people, as CSV."""
    for view in views:
        run.write_table(view.name, view.table)
        file = write_view(view)
        run.write_file(file.name, file.content)
