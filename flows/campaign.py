"""The main flow: from a planner's question to a whole run. It reads like the picture in the README."""

import datetime as dt
from dataclasses import replace
from typing import Any, cast

from prefect import flow
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.engine.artifacts import publish_artifacts
from flows.engine.progress import Steps
from flows.engine.pull import gather_tables
from flows.steps.audience import gather_audience, write_audience
from flows.steps.districts import gather_outlines
from flows.steps.forecast import read_weights
from flows.steps.join import join_gathered, place_race, read_season
from flows.steps.list_rules import read_list_rules
from flows.steps.manifest import make_manifest
from flows.steps.outputs import (
    copy_backtest,
    draw_map,
    write_assessment,
    write_equity,
    write_lists,
    write_plan,
    write_side_by_side,
)
from flows.steps.plan import plan_targets
from flows.steps.previous_run import find_list_before, find_running_test
from flows.steps.season_choice import choose_season
from models.assess import assess_tracts
from models.targeting.priority import score_tracts
from models.targeting.reference_lists import compare_lists
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.exporters.base.exporter import find_exporters
from outreach.settings import read_settings
from outreach.store import Run, Store
from outreach.transport import Transport

#: States and counties asked at once; the Bureau publishes no limit, this is polite.
_AT_ONCE = 4


_RUNNER = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=_AT_ONCE))


@flow(name="campaign", flow_run_name="{campaign.slug}", task_runner=_RUNNER)
def run_campaign(campaign: Campaign, on: dt.date | None = None) -> Run:
    """Pull, archive, join, score, choose, draw, export and keep one campaign.

    Parameters
    ----------
    campaign
        What the planner asks.
    on
        A data date that the archive holds; by default the rates published now are pulled.

    Returns
    -------
    Run
        The manifest of the whole run; its folder is ``latest`` now.

    Raises
    ------
    OutreachError
        Anything that went wrong, in one sentence; ``latest`` is then untouched.
    """
    settings, steps = read_settings(), Steps()
    transport = Transport(settings, settings.find_key())
    archive = Archive(settings.archive_folder, campaign.census_year)
    find_exporters(
        campaign.platforms
    )  # a platform that is not there is said before anything is asked

    with Store(settings.runs_folder).begin(campaign.slug) as run:
        with steps.step("Pull rates, predictors, boundaries"):
            gathered = gather_tables(campaign, settings, transport, archive, on)
        with steps.step("Join"):
            joined = join_gathered(campaign, gathered)
            tracts = joined.tracts
        with steps.step("Forecast"):
            season = read_season(archive, campaign, tracts)
            fitted, told = choose_season(settings.home, campaign.census_year)
            assessment = assess_tracts(
                tracts,
                season,
                deadline=campaign.deadline,
                season_model=fitted,
                weights=read_weights(campaign.forecast),
            )
            assessment = replace(assessment, notes=(*told, *assessment.notes))
        with steps.step("Score"):
            rules = read_list_rules(campaign)
            scores = score_tracts(
                tracts,
                campaign.creative_languages,
                rules,
                assessment.forecast,
                assessment.peers,
                season,
            )
            lists = compare_lists(tracts, rules.budget_usd, rules.price, assessment.forecast)
        with steps.step("Choose targets"):
            store, on_date = Store(settings.runs_folder), joined.report.data_date
            before, unread = find_list_before(store, campaign, on_date)
            test, redrawn = find_running_test(store, campaign, on_date)
            plan = plan_targets(
                tracts,
                scores,
                campaign,
                settings,
                transport,
                season=season,
                before=before,
                test=test,
            )
            plan = replace(plan, notes=(*unread, *plan.notes, *redrawn))
            targets = plan.targets
        with steps.step("Write tables and lists"):
            for name, table in (("tracts", tracts), ("scores", scores), ("targets", targets)):
                run.write_table(name, table)
            write_assessment(run, assessment)
            run.write_file("join.txt", "\n".join(joined.report.lines()) + "\n")
            write_side_by_side(run, lists, scores)
            write_equity(run, tracts, lists, place_race(gathered, tracts))
            write_plan(run, plan)
            audience = gather_audience(plan, tracts, scores, campaign)
            write_audience(run, audience)
            refused = write_lists(run, plan, tracts, campaign, settings, audience.views)
            plan = replace(plan, notes=(*plan.notes, audience.note, *refused))
            copy_backtest(run, campaign, settings)
        with steps.step("Draw the map"):
            outlines, unseen = gather_outlines(campaign, transport, settings)
            plan = replace(plan, notes=(*plan.notes, *unseen))
            drawn = draw_map(
                tracts,
                scores,
                targets,
                campaign,
                season,
                assessment.start_band,
                outlines,
                assessment.comparable,
            )
            run.write_file("map.html", drawn)
        with steps.step("Keep the run"):
            done = run.finish(
                make_manifest(
                    run.id, campaign, gathered, joined, assessment, plan, lists, steps.seconds
                )
            )
        publish_artifacts(done, targets, run.final)
    return done
