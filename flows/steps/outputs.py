"""Publishing: what a run shows to people - lists, map, and Prefect artifacts."""

import json

import geopandas as gpd
import pandas as pd

from flows.steps.brief import make_brief
from flows.steps.folders import find_backtest
from flows.steps.map_view import make_map_view
from flows.steps.plan import Plan
from maps.run.page import build_map
from models.assess import Assessment
from models.evaluation.equity import compare_coverage
from models.targeting.reference_lists import Lists
from outreach.campaign import Campaign
from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportContext, View, find_exporters
from outreach.exporters.check.preflight import export_targets
from outreach.settings import Settings
from outreach.spreadsheet import write_csv
from outreach.store import RunFolder
from outreach.tables import Targets, as_table


def write_side_by_side(run: RunFolder, lists: Lists, scores: pd.DataFrame) -> None:
    """Write the two named lists beside the priority: which tract stands in which, at what place."""
    places = {
        name: pd.Series(range(1, len(own) + 1), index=own, name=name)
        for name, own in lists.members.items()
    }
    beside = scores[["rank", "rank_low", "rank_high", "standing"]].join(pd.DataFrame(places))
    run.write_file("lists.csv", write_csv(beside.astype(dict.fromkeys(places, "Int64"))))
    run.write_table("lists", lists.table.astype(float))


def write_assessment(run: RunFolder, assessment: Assessment) -> None:
    """Write what is to be expected and forecast, the tracts most like each, and what the expectation rests on."""
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
    run: RunFolder, tracts: pd.DataFrame, lists: Lists, race: pd.DataFrame | None
) -> None:
    """Write who gains and who loses under each list, by language, tenure, income and race; race is read here and nowhere else."""
    sheet = compare_coverage(tracts, lists.members, race)
    run.write_table("equity", sheet)
    run.write_file("equity.csv", write_csv(sheet, index=False))


def copy_backtest(run: RunFolder, campaign: Campaign, settings: Settings) -> None:
    """Put the back-test of the area into the run, where one was made; 'outreach backtest' makes it."""
    page = find_backtest(settings.home, campaign) / "backtest.html"
    if page.is_file():
        run.write_file("backtest.html", page.read_bytes())


def write_plan(run: RunFolder, plan: Plan) -> None:
    """Write how the targets were decided, before any list is: the dated and hashed test plan, tracts chosen, money, units side by side."""
    if plan.record is not None:
        run.write_file("plan.json", plan.record.canonical_json() + "\n")
    if plan.power is not None:
        run.write_file("power.csv", write_csv(plan.power, index=False))
    run.write_table("chosen", plan.chosen)
    if plan.members is not None:
        run.write_table("members", plan.members)
    if plan.held is not None:
        run.write_file("borderline.csv", write_csv(plan.held))
    if plan.floor_groups is not None:
        run.write_table("floor_groups", plan.floor_groups.to_frame())
    if plan.money is not None:
        run.write_file("by_channel.csv", write_csv(plan.money.by_channel))
        run.write_file(
            "budget.json", json.dumps(plan.money.describe(), indent=2, ensure_ascii=False) + "\n"
        )
    if plan.comparison is not None:
        run.write_table("units", plan.comparison)
        run.write_file("units.csv", write_csv(plan.comparison))
    if plan.curve is not None:
        run.write_file("zip_curve.csv", write_csv(plan.curve))


def write_lists(
    run: RunFolder,
    plan: Plan,
    tracts: pd.DataFrame,
    campaign: Campaign,
    settings: Settings,
    views: tuple[View, ...] = (),
) -> list[str]:
    """Write the files of every platform that the campaign names; ``views`` are tables for people beside the list.

    A platform that would refuse the list does not stop the run: a file and a sentence, which is
    returned, say why.
    """
    refused: list[str] = []
    context = ExportContext(
        brief=make_brief(campaign),
        run_id=run.id,
        version=plan.record.digest if plan.record else "",
        shapes=tracts["geometry"],
        geotargets=settings.geotargets,
        location_codes=settings.location_codes,
        rules_folder=settings.platform_rules,
        views=views,
    )
    for platform in find_exporters(campaign.platforms):
        try:
            for file in export_targets(platform, as_table(plan.targets, Targets), context).files:
                run.write_file(f"exports/{file.name}", file.content)
        except ExportError as error:
            run.write_file(f"exports/{platform}-not-written.txt", f"{error}\n")
            refused.append(f"No list for {platform}: {error}")
    return refused


def draw_map(
    tracts: pd.DataFrame,
    scores: pd.DataFrame,
    targets: pd.DataFrame | None,
    campaign: Campaign,
    season: pd.DataFrame | None,
    band: pd.DataFrame | None,
    outlines: gpd.GeoDataFrame | None = None,
    comparable: pd.DataFrame | None = None,
) -> str:
    """Draw the map page of a run; without targets it shows nothing of the plan."""
    view = make_map_view(tracts, scores, targets, campaign, season, band, outlines, comparable)
    return build_map(view)
