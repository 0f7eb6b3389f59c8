"""Write the tables, lists, and map of a run."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from flows.steps.buying.choices import Choices
from flows.steps.buying.plan import TargetPlan
from flows.steps.folders import find_backtest
from flows.steps.kept.results import KeptResults, Kind
from flows.steps.notes import Notes
from flows.steps.results.brief import find_campaign_tag, make_brief
from flows.steps.results.map_view import make_map_view
from flows.steps.sites.show import show_sites
from flows.steps.sources.context import CONTEXT_FILE, Surroundings
from maps.run.county_maps import MOST_TRACTS, build_maps
from maps.topology import encode_topology
from models.assess import Assessment
from models.evaluation.equity import compare_coverage
from models.targeting.reference_lists import Lists
from models.trial.plan import warn_of_test
from outreach.campaign import Campaign
from outreach.errors import ExportError, InputError
from outreach.exporters.base.exporter import ExportContext, View, find_exporters
from outreach.exporters.check.preflight import export_targets
from outreach.settings import Settings
from outreach.spreadsheet import write_csv
from outreach.store import RunFolder, Store
from outreach.tables import DataFrame, Scores, Targets, TractActivity, TractProfiles, Tracts

_SHAPES = Kind("shapes of the map")

#: The table of race and origin by tract, which only sheets of groups read.
RACE = "race"


def write_side_by_side(run: RunFolder, lists: Lists, scores: DataFrame[Scores]) -> None:
    """Write the place of each tract in the two named lists, beside its priority."""
    places = {
        name: pd.Series(range(1, len(geoids) + 1), index=geoids, name=name)
        for name, geoids in lists.members.items()
    }
    beside = scores[["rank", "rank_low", "rank_high", "standing"]].join(pd.DataFrame(places))
    run.write_file("lists.csv", write_csv(beside.astype(dict.fromkeys(places, "Int64"))))
    run.write_table("lists", lists.table.astype(float))


def write_choices(run: RunFolder, choices: Choices) -> None:
    """Write the list of each objective beside the others, and the table of assumptions."""
    run.write_file("objectives.csv", write_csv(choices.objectives.table.round(4)))
    run.write_file("assumptions.csv", write_csv(choices.assumptions.round(4), index=False))


def write_assessment(run: RunFolder, assessment: Assessment) -> None:
    """Write the forecast, the peer expectation with its drivers, and the comparable tracts."""
    tables = {
        "forecast": assessment.forecast,
        "peers": assessment.peers,
        "comparable": assessment.comparable,
    }
    for name, table in tables.items():
        if table is not None:
            run.write_table(name, table)
    if assessment.importance is not None:
        run.write_file("drivers.csv", write_csv(assessment.importance.round(3)))


def write_equity(
    run: RunFolder,
    tracts: DataFrame[TractProfiles],
    members: Mapping[str, pd.Index],
    race: DataFrame[TractProfiles] | None,
) -> None:
    """Write who gains and loses under each list, by language, tenure, income, and race.

    Race is kept beside it, for the same sheet of tracts that got ads. No other file has it.
    """
    sheet = compare_coverage(tracts, members, race)
    if race is not None:
        run.write_table(RACE, race)
    run.write_table("equity", sheet)
    run.write_file("equity.csv", write_csv(sheet, index=False))


def copy_backtest(run: RunFolder, campaign: Campaign, settings: Settings) -> None:
    """Copy the backtest of the area into the run, if 'outreach backtest' made one."""
    for page in sorted(find_backtest(settings.home, campaign).glob("backtest*.html")):
        run.write_file(page.name, page.read_bytes())


def write_plan(run: RunFolder, plan: TargetPlan) -> None:
    """Write how the targets were decided; the test plan is written before any list."""
    if plan.trial is not None:
        run.write_file("plan.json", plan.trial.canonical_json() + "\n")
    if plan.power is not None:
        run.write_file("power.csv", write_csv(plan.power, index=False))
    run.write_table("chosen", plan.chosen)
    if plan.members is not None:
        run.write_table("members", plan.members)
    if plan.borderline is not None:
        run.write_file("borderline.csv", write_csv(plan.borderline))
    if plan.floor_groups is not None:
        run.write_table("floor_groups", plan.floor_groups.to_frame())
    if plan.budget is not None:
        run.write_file("by_channel.csv", write_csv(plan.budget.by_channel))
        curve = plan.budget.saturation.curve
        run.write_file("budget_curve.csv", write_csv(curve, index=False))
        run.write_file(
            "budget.json", json.dumps(plan.budget.describe(), indent=2, ensure_ascii=False) + "\n"
        )
    if plan.comparison is not None:
        run.write_table("units", plan.comparison)
        run.write_file("units.csv", write_csv(plan.comparison))
    if plan.curve is not None:
        run.write_file("zip_curve.csv", write_csv(plan.curve))


def write_lists(
    run: RunFolder,
    plan: TargetPlan,
    tracts: DataFrame[Tracts],
    campaign: Campaign,
    settings: Settings,
    notes: Notes,
    store: Store,
    views: tuple[View, ...] = (),
) -> None:
    """Write the files of every platform that the campaign names.

    A platform that would refuse the list does not stop the run: a file and a note say why.

    Parameters
    ----------
    run, plan, tracts
        The run to write into, its targets, and the tracts with their shapes.
    campaign, settings
        Platforms and what files say about the campaign; files of the machine.
    notes
        Gets a sentence for each platform without a list.
    store
        Earlier runs, of which an approved one names the campaigns.
    views
        Tables for people beside the list.
    """
    context = ExportContext(
        brief=make_brief(campaign),
        run_id=run.id,
        version=plan.trial.digest if plan.trial else "",
        campaign_tag=find_campaign_tag(store, campaign),
        today=dt.datetime.now(dt.UTC).date(),
        shapes=tracts["geometry"],
        geotargets=settings.geotargets,
        location_codes=settings.location_codes,
        rules_folder=settings.platform_rules,
        views=views,
        test_warning=warn_of_test(plan.trial) if plan.trial else "",
    )
    for platform in find_exporters(campaign.platforms):
        try:
            for file in export_targets(platform, plan.targets, context).files:
                run.write_file(f"exports/{file.name}", file.content)
        except (ExportError, InputError) as error:
            run.write_file(f"exports/{platform}-not-written.txt", f"{error}\n")
            notes.add(f"No list for {platform}: {error}")


def write_maps(  # noqa: PLR0913, PLR0917  a map shows everything of a run
    run: RunFolder,
    tracts: DataFrame[Tracts],
    scores: DataFrame[Scores],
    targets: DataFrame[Targets],
    campaign: Campaign,
    history: pd.DataFrame | None,
    assessment: Assessment,
    around: Surroundings,
    kept: KeptResults,
    activity: DataFrame[TractActivity] | None = None,
) -> None:
    """Write the map of a run, or an overview and a map for each county where one would be slow.

    The roads, water, and names that it shows are written apart from it, too.

    Parameters
    ----------
    run
        The open run.
    tracts, scores, targets
        Tables of the run.
    campaign
        For title, goal, and deadline.
    history
        Rates so far.
    assessment
        Has the own-start band of each tract and the tracts most like it.
    around
        Districts, and what shows people where they are.
    kept
        Results of earlier runs, among them the shapes of maps.
    activity
        What partners did by tract.
    """
    view = make_map_view(
        tracts,
        scores,
        targets,
        campaign,
        history,
        assessment.start_band,
        around.districts,
        assessment.comparable,
    )
    if len(tracts) <= MOST_TRACTS:
        topology = kept.recall(
            _SHAPES, tracts[["geometry"]], lambda: encode_topology(tracts.geometry)
        )
        view = replace(view, topology=topology)
    sites = show_sites(around.sites, around.districts)
    view = replace(view, context=around.context, activity=activity, sites=sites)
    for name, page in build_maps(view):
        run.write_file(name, page)
    run.write_file(CONTEXT_FILE, around.context_json)
