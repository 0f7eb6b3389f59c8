"""Write down what a run requested, used, and produced."""

import datetime as dt

from flows.steps.buying.plan import TargetPlan, describe_passed
from flows.steps.notes import Notes
from flows.steps.planning.phase import name_years
from flows.steps.planning.summary import summarize_plan
from flows.steps.results.summary import describe_trial, measure_figures, summarize_run
from flows.steps.sources.join import Joined
from models.assess import Assessment
from models.targeting.objectives import ObjectiveLists
from models.targeting.reference_lists import LOWEST, Lists
from outreach.campaign import Campaign
from outreach.phrasing import write_dollars
from outreach.store import Input, Run, list_versions
from outreach.tables import DataFrame, Targets

_VERSIONS = ("census", "folium", "geopandas", "pandas", "prefect", "scikit-learn", "shapely")


def make_manifest(  # noqa: PLR0913, PLR0917  a manifest has everything of a run
    run_id: str,
    campaign: Campaign,
    sources: tuple[Input, ...],
    joined: Joined,
    assessment: Assessment,
    plan: TargetPlan,
    lists: Lists,
    objectives: ObjectiveLists,
    notes: Notes,
    seconds: dict[str, float],
) -> Run:
    """Return the manifest of a run.

    Parameters
    ----------
    run_id, campaign
        The run and its request.
    sources, joined
        What was pulled, and what became of each tract.
    assessment, plan, lists, objectives
        What the run produced.
    notes
        Sentences for people.
    seconds
        How long each step took.
    """
    report, targets = joined.report, plan.targets
    counts: dict[str, int | float] = {
        "tracts_offered": joined.offered_count,
        "tracts": len(joined.tracts),
        "rated": len(report.matched) + len(report.without_polygon),
        "targets": len(targets),
        "funded": int((targets["budget_usd"] > 0).sum()),
        "requests": sum(source.requests for source in sources),
    }
    figures = measure_figures(campaign, joined.tracts, targets, assessment.forecast)
    previous = {"previous_list": plan.previous_run_id} if plan.previous_run_id else {}
    notes.add(_explain_empty(campaign, joined, targets, LOWEST if len(lists.members) == 1 else ""))
    summary = summarize_run(
        campaign, report, counts, figures, assessment, lists, objectives, plan.budget
    )
    if campaign.is_plan:
        summary = summarize_plan(
            summary, joined.tracts, assessment, campaign.goal_percent, name_years(campaign)
        )
    return Run(
        id=run_id,
        created_at=dt.datetime.now(dt.UTC),
        campaign=campaign,
        data_date=report.data_date,
        inputs=sources,
        counts=counts,
        figures=figures | previous,
        join_report=report.to_manifest(),
        assessment=assessment.provenance,
        timings_seconds=seconds,
        summary=summary | describe_trial(plan.trial),
        notes=notes.sentences,
        versions=list_versions(*_VERSIONS),
    )


def _explain_empty(
    campaign: Campaign, joined: Joined, targets: DataFrame[Targets], only_list: str
) -> str:
    """Say why there is no target; empty if there is one, or if its time is over, as a note says."""
    if len(targets) or describe_passed(campaign, joined.report.data_date):
        return ""
    if only_list:
        return (
            "There is no target and no priority, because no source counts the households of these"
            f" tracts. lists.csv has the {only_list}, and map and reports show the rates. To buy"
            " ads, choose vintages that have the tracts ([vintages] acs and planning_database)."
        )
    below = int((joined.tracts["cumulative_share"] < campaign.goal_share).sum())
    if not below:
        return (
            f"There is no target: every tract has reached the goal of {campaign.goal_percent:g}%."
        )
    return (
        f"There is no target, though {below:,} tracts are below the goal: the budget of"
        f" {write_dollars(campaign.budget_usd, cents=True)} buys none of them, or ads in"
        f" {', '.join(campaign.creative_languages)} reach no household."
    )
