"""Run a campaign: from a planner's request to a complete run."""

import datetime as dt
from dataclasses import replace
from typing import Any, cast

import pandas as pd
from prefect import flow
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.engine.artifacts import publish_artifacts
from flows.engine.progress import Steps
from flows.engine.pull import gather_phase
from flows.steps.buying.choices import compare_choices
from flows.steps.buying.list_rules import read_list_rules, refuse_unknown_channels
from flows.steps.buying.plan import plan_targets
from flows.steps.buying.previous_run import find_previous_list, find_running_test
from flows.steps.notes import Notes
from flows.steps.planning.expected import plan_tracts
from flows.steps.planning.phase import settle_phase
from flows.steps.planning.reach import gather_reach
from flows.steps.planning.words import choose_scores
from flows.steps.results.audience import gather_audience, write_audience
from flows.steps.results.calendar import plan_calendar
from flows.steps.results.manifest import make_manifest
from flows.steps.results.outputs import (
    copy_backtest,
    write_assessment,
    write_choices,
    write_equity,
    write_lists,
    write_maps,
    write_plan,
    write_side_by_side,
)
from flows.steps.sources.connecticut import resolve_regions
from flows.steps.sources.context import gather_surroundings
from flows.steps.sources.forecast import read_weights
from flows.steps.sources.gather import Gathered
from flows.steps.sources.inputs import keep_inputs
from flows.steps.sources.join import Joined, join_gathered, place_race, read_history
from flows.steps.sources.kept_assessment import REUSED, assess_once
from flows.steps.sources.season_choice import choose_season
from models.assess import Assessment
from models.curves.season_file import load_season_model
from models.targeting.priority import score_tracts
from models.targeting.reference_lists import compare_lists
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.exporters.base.exporter import find_exporters
from outreach.settings import Settings, read_settings
from outreach.store import Run, Store
from outreach.tables import TractProfiles, as_table
from outreach.transport import Transport

#: States and counties pulled at once. The Bureau publishes no limit; this is polite.
_WORKERS = 4

_RUNNER = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=_WORKERS))


@flow(name="campaign", flow_run_name="{campaign.slug}", task_runner=_RUNNER)
def run_campaign(
    campaign: Campaign,
    data_date: dt.date | None = None,
    *,
    reason: str = "",
    requested_by: str = "",
    is_latest: bool = True,
) -> Run:
    """Pull, archive, join, score, choose, map, export, and store one campaign.

    Parameters
    ----------
    campaign
        What the planner requests.
    data_date
        A data date in the archive; by default, the rates published now are pulled.
    reason, requested_by
        Why the run is made and for whom; the manifest keeps them.
    is_latest
        Whether ``latest`` is to point to the run; a run of a day long past may leave it alone.

    Returns
    -------
    Run
        The manifest of the complete run.

    Raises
    ------
    OutreachError
        Anything that went wrong, in one sentence; ``latest`` is then unchanged.
    """
    settings, steps, notes = read_settings(), Steps(), Notes()
    transport = Transport(settings, settings.find_key())
    archive = Archive(settings.archive_folder, campaign.census_year)
    store = Store(settings.runs_folder)
    find_exporters(campaign.platforms)  # report an unknown platform before any request
    refuse_unknown_channels(campaign)

    with (
        store.begin(campaign.slug) as run,
        keep_inputs(run, campaign, transport, settings, notes) as kept,
    ):
        with steps.step("Pull rates, predictors, boundaries"):
            campaign = resolve_regions(campaign, settings, transport, notes)
            campaign = settle_phase(campaign, archive, transport, data_date, notes)
            gathered = gather_phase(campaign, settings, transport, archive, data_date)

        with steps.step("Join"):
            joined = join_gathered(campaign, gathered)
            notes.extend(joined.notes)
            notes.extend(source.note for source in gathered.sources)

        with steps.step("Forecast"):
            joined, assessment = _assess(campaign, gathered, joined, archive, settings, notes)
            tracts = joined.tracts
            history = read_history(archive, campaign.codes, tracts)

        with steps.step("Score"):
            rules = read_list_rules(campaign)
            scores = score_tracts(
                tracts,
                campaign.creative_languages,
                rules,
                assessment.forecast,
                assessment.peers,
                history,
                declared=choose_scores(campaign),
            )
            lists = compare_lists(tracts, rules.budget_usd, rules.price, assessment.forecast)
            choices = compare_choices(tracts, scores, campaign, assessment, history)

        with steps.step("Choose targets"):
            newest = joined.report.data_date
            plan = plan_targets(
                tracts,
                scores,
                kept.campaign,
                settings,
                transport,
                notes,
                history=history,
                previous=find_previous_list(store, campaign, newest, notes),
                test=find_running_test(store, campaign, newest, notes),
            )

        with steps.step("Write tables and lists"):
            for name, table in (("tracts", tracts), ("scores", scores), ("targets", plan.targets)):
                run.write_table(name, table)
            write_assessment(run, assessment)
            run.write_file("join.txt", "\n".join(joined.report.lines()) + "\n")
            write_side_by_side(run, lists, scores)
            write_choices(run, choices)
            members = lists.members | {"bought list": pd.Index(plan.chosen["place"])}
            race = place_race(gathered, tracts)
            write_equity(run, as_table(tracts, TractProfiles), members, race)
            write_plan(run, plan)
            around = gather_surroundings(
                kept.campaign,
                tracts,
                gathered.boundaries[0].tract_year,
                transport,
                settings,
                notes,
            )
            views = (
                *gather_audience(plan, tracts, scores, campaign, notes),
                plan_calendar(plan.targets, campaign, load_season_model().events),
            )
            views += gather_reach(campaign, tracts, scores, around.districts, notes)
            write_audience(run, views)
            write_lists(run, plan, tracts, campaign, settings, notes, store, views)
            copy_backtest(run, campaign, settings)

        with steps.step("Draw the map"):
            write_maps(run, tracts, scores, plan.targets, campaign, history, assessment, around)

        with steps.step("Keep the run"):
            manifest = run.finish(
                make_manifest(
                    run.id,
                    campaign,
                    replace(gathered, context=around.sources),
                    joined,
                    assessment,
                    plan,
                    lists,
                    choices.objectives,
                    notes,
                    steps.seconds,
                ).model_copy(
                    update={
                        "kept_inputs": kept.paths,
                        "reason": reason,
                        "requested_by": requested_by,
                    }
                ),
                is_latest=is_latest,
            )
        publish_artifacts(manifest, plan.targets, run.final)
    return manifest


def _assess(
    campaign: Campaign,
    gathered: Gathered,
    joined: Joined,
    archive: Archive,
    settings: Settings,
    notes: Notes,
) -> tuple[Joined, Assessment]:
    """Plan the tracts, or assess them by the rates of their season so far.

    An assessment that an earlier run kept of the same season is used again.
    """
    if campaign.is_plan:
        return plan_tracts(campaign, gathered, joined, notes)
    season_model, season_notes = choose_season(settings.home, campaign.census_year)
    assessment, is_reused = assess_once(
        settings.home / "cache" / "assessments",
        joined.tracts,
        read_history(archive, campaign.codes, joined.tracts),
        deadline=campaign.deadline,
        season_model=season_model,
        weights=read_weights(campaign.forecast),
    )
    notes.add(*season_notes, *assessment.notes, REUSED if is_reused else "")
    return joined, assessment
