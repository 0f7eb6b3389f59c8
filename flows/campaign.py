"""Run a campaign: from a planner's request to a complete run, or to a preview of one."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pandas as pd
from prefect import flow
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.engine.artifacts import publish_artifacts
from flows.engine.ground import Ground, lay_ground
from flows.engine.progress import Steps
from flows.engine.run_log import open_log
from flows.steps.buying.choices import Choices, compare_choices
from flows.steps.buying.list_rules import read_list_rules, refuse_unknown_channels
from flows.steps.buying.plan import TargetPlan, plan_targets
from flows.steps.buying.previous_run import find_previous_list, find_running_test
from flows.steps.buying.scorer import Scorer
from flows.steps.delivering.activity_tracts import read_tract_activity
from flows.steps.indicators.read import list_own_predictors, read_indicators
from flows.steps.kept.results import KeptResults, Kind
from flows.steps.notes import Notes
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
from flows.steps.sharing.session import share_home
from flows.steps.sites.gather import GatheredSites, name_districts, place_layers, write_sites
from flows.steps.sites.read import read_layers
from flows.steps.sources.context import Surroundings, gather_surroundings
from flows.steps.sources.districts import DIVISIONS, DividedKinds
from flows.steps.sources.forecast import read_weights
from flows.steps.sources.inputs import FOLDER, KeptInputs, keep_inputs
from flows.steps.sources.join import read_history
from flows.steps.sources.season_choice import choose_season
from models.assess import Assessment, assess_tracts
from models.curves.season_file import load_season_model
from models.targeting.reference_lists import Lists, compare_lists
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.exporters.base.exporter import find_exporters
from outreach.phrasing import list_names
from outreach.settings import Settings, read_settings
from outreach.store import Input, Run, RunFolder, Store
from outreach.tables import (
    DataFrame,
    GeoDataFrame,
    ResponseRates,
    Scores,
    Targets,
    TractProfiles,
    Tracts,
    as_table,
)
from outreach.transport import Transport

#: States and counties pulled at once. The Bureau publishes no limit; this is polite.
_WORKERS = 4

#: What runs keep for later ones. What is around a map comes from services, which renew it.
_FORECAST = Kind("forecast")
_SURROUNDINGS = Kind("surroundings of the map", lasts_days=30)
REUSED = (
    "The forecast is that of an earlier run on the same data and settings, so it was not computed"
    " again."
)
_RUNNER = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=_WORKERS))


@dataclass(frozen=True)
class Preview:
    """What a run would be: its manifest without any file, and its list."""

    manifest: Run
    targets: DataFrame[Targets]


@dataclass(frozen=True)
class _Work:
    """The machine of one run, and what it says and keeps."""

    settings: Settings
    transport: Transport
    archive: Archive
    store: Store
    kept: KeptResults
    steps: Steps
    notes: Notes

    @classmethod
    def prepare(cls, campaign: Campaign, *, is_rerun: bool) -> "_Work":
        """Open what a run works with, and refuse platforms and channels that nobody knows."""
        settings = read_settings()
        find_exporters(campaign.platforms)  # report an unknown platform before any request
        refuse_unknown_channels(campaign)
        return cls(
            settings=settings,
            transport=Transport(settings, settings.find_key(), asks_again=not is_rerun),
            archive=Archive(settings.archive_folder, campaign.census_year),
            store=Store(settings.runs_folder),
            kept=KeptResults(settings.home, is_rerun=is_rerun),
            steps=Steps(),
            notes=Notes(),
        )


@dataclass(frozen=True)
class _Decided:
    """What a run decided, before anything of it is written."""

    campaign: Campaign
    ground: Ground
    tracts: GeoDataFrame[Tracts]
    divided: DividedKinds
    assessment: Assessment
    history: DataFrame[ResponseRates]
    scores: DataFrame[Scores]
    lists: Lists
    choices: Choices
    plan: TargetPlan
    sites: GatheredSites | None


@flow(name="campaign", flow_run_name="{campaign.slug}", task_runner=_RUNNER)
def run_campaign(
    campaign: Campaign,
    data_date: dt.date | None = None,
    *,
    reason: str = "",
    requested_by: str = "",
    is_latest: bool = True,
    is_rerun: bool = False,
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
    is_rerun
        Whether to ask the services nothing that an earlier run asked, as for another budget on the
        same data. What no earlier run kept is pulled all the same.

    Returns
    -------
    Run
        The manifest of the complete run.

    Raises
    ------
    OutreachError
        Anything that went wrong, in one sentence; ``latest`` is then unchanged.
    """
    work = _Work.prepare(campaign, is_rerun=is_rerun)
    steps, notes = work.steps, work.notes
    with (
        share_home(work.settings),
        work.store.begin(campaign.slug) as run,
        _log_run(run, campaign, data_date, work),
        keep_inputs(run, campaign, work.transport, work.settings, notes) as inputs,
    ):
        made = _decide(campaign, inputs, data_date, work)
        with steps.step("Write tables and lists"):
            around = _write_results(run, made, inputs, work)

        with steps.step("Draw the map"):
            write_maps(
                run,
                made.tracts,
                made.scores,
                made.plan.targets,
                made.campaign,
                made.history,
                made.assessment,
                around,
                work.kept,
                read_tract_activity(
                    work.settings.home,
                    work.store,
                    made.campaign,
                    made.scores["data_date"].max().date(),
                    made.plan.targets,
                    made.plan.members,
                    made.tracts["households_count"],
                ),
            )

        with steps.step("Keep the run"):
            asked = {"kept_inputs": inputs.paths, "reason": reason, "requested_by": requested_by}
            manifest = run.finish(
                _describe_made(run.id, made, work, around.sources).model_copy(update=asked),
                is_latest=is_latest,
            )
        publish_artifacts(manifest, made.plan.targets, run.final)
    return manifest


@flow(name="what-if", flow_run_name="what if: {campaign.slug}", task_runner=_RUNNER)
def preview_campaign(campaign: Campaign, data_date: dt.date | None = None) -> Preview:
    """Decide what a run would buy, and keep nothing of it.

    Parameters
    ----------
    campaign, data_date
        As :func:`run_campaign` takes them, on data that an earlier run used.

    Raises
    ------
    OutreachError
        Anything that went wrong, in one sentence.
    """
    work = _Work.prepare(campaign, is_rerun=True)
    with (
        TemporaryDirectory(prefix="outreach-what-if-") as folder,
        Store(Path(folder)).begin(campaign.slug) as run,
        keep_inputs(run, campaign, work.transport, work.settings, work.notes) as inputs,
    ):
        made = _decide(campaign, inputs, data_date, work)
        return Preview(_describe_made("what-if", made, work), made.plan.targets)


@contextlib.contextmanager
def _log_run(
    run: RunFolder, campaign: Campaign, data_date: dt.date | None, work: _Work
) -> Iterator[None]:
    """Log begin, steps, notes, and end of a run."""
    facts = {"campaign": campaign.name, "budget_usd": campaign.budget_usd, "data_date": data_date}
    with open_log(work.settings.home, run.id, **facts) as log:
        work.steps.log = log
        yield
        for note in work.notes.sentences:
            log.write("note", text=note)


def _decide(
    request: Campaign, inputs: KeptInputs, data_date: dt.date | None, work: _Work
) -> _Decided:
    """Gather, forecast, score, and choose."""
    steps, notes, store = work.steps, work.notes, work.store
    indicators = tuple(read_indicators(inputs.campaign, request))
    layers = read_layers(inputs.campaign, request)
    ground = lay_ground(
        request,
        data_date,
        work.settings,
        work.transport,
        work.archive,
        work.kept,
        steps,
        indicators,
    )
    notes.extend(ground.notes)
    campaign, tracts = ground.campaign, ground.joined.tracts
    sites = place_layers(layers, tracts, notes)

    with steps.step("Forecast"):
        assessment = ground.assessment or _assess(ground, work)
        history = read_history(work.archive, campaign.codes, tracts)

    with steps.step("Score"):
        rules = read_list_rules(campaign)
        scorer = Scorer(tracts, assessment, history, campaign.creative_languages, work.kept)
        scores = scorer.score(rules, declared=choose_scores(campaign))
        lists = compare_lists(tracts, rules.budget_usd, rules.price, assessment.forecast)
        choices = compare_choices(tracts, scores, campaign, scorer)

    with steps.step("Choose targets"):
        newest = ground.joined.report.data_date
        divided = DividedKinds(tracts, ground.tract_year, work.transport, work.settings)
        plan = plan_targets(
            tracts,
            scores,
            inputs.campaign,
            divided,
            notes,
            history=history,
            previous=find_previous_list(store, campaign, newest, notes),
            test=find_running_test(store, campaign, newest, notes),
        )
    return _Decided(
        campaign, ground, tracts, divided, assessment, history, scores, lists, choices, plan, sites
    )


def _assess(ground: Ground, work: _Work) -> Assessment:
    """Assess the tracts by the rates of their season so far.

    An assessment that an earlier run kept of the same season is used again.
    """
    campaign, tracts, home = ground.campaign, ground.joined.tracts, work.settings.home
    season_model, season_notes = choose_season(home, campaign.census_year)
    rates = read_history(work.archive, campaign.codes, tracts)
    deadline, weights = campaign.deadline, read_weights(campaign.forecast)
    own = list_own_predictors(campaign.indicators)
    assessment = work.kept.recall(
        _FORECAST,
        [tracts, rates, deadline, season_model, weights, own],
        lambda: assess_tracts(
            tracts, rates, deadline=deadline, season_model=season_model, weights=weights, own=own
        ),
    )
    is_reused = _FORECAST.title in work.kept.reused
    work.notes.add(*season_notes, *assessment.notes, REUSED if is_reused else "")
    return assessment


def _write_results(run: RunFolder, made: _Decided, inputs: KeptInputs, work: _Work) -> Surroundings:
    """Write the tables and lists of a run, and return what its map shows around the tracts."""
    campaign, tracts, scores, plan = made.campaign, made.tracts, made.scores, made.plan
    for name, table in (("tracts", tracts), ("scores", scores), ("targets", plan.targets)):
        run.write_table(name, table)
    write_assessment(run, made.assessment)
    run.write_file("join.txt", "\n".join(made.ground.joined.report.lines()) + "\n")
    write_side_by_side(run, made.lists, scores)
    write_choices(run, made.choices)
    members = made.lists.members | {"bought list": pd.Index(plan.chosen["place"])}
    write_equity(run, as_table(tracts, TractProfiles), members, made.ground.race)
    write_plan(run, plan)

    around = _look_around(run, made, inputs, work)
    if around.districts is not None and around.districts.divisions is not None:
        run.write_table(DIVISIONS, around.districts.divisions)
    if made.sites is not None:
        outlines = None if around.districts is None else around.districts.outlines
        inside = name_districts(made.sites.table, outlines)
        write_sites(run, made.sites, inside, pd.Index(plan.chosen["place"]))
    views = (
        *gather_audience(plan, tracts, scores, campaign, work.notes),
        plan_calendar(plan.targets, campaign, load_season_model().events),
    )
    views += gather_reach(campaign, tracts, scores, around.districts, work.notes)
    write_audience(run, views)
    write_lists(run, plan, tracts, campaign, work.settings, work.notes, work.store, views)
    copy_backtest(run, campaign, work.settings)
    return replace(
        around,
        sites=made.sites,
        sources=(*around.sources, *(made.sites.sources if made.sites else ())),
    )


def _look_around(run: RunFolder, made: _Decided, inputs: KeptInputs, work: _Work) -> Surroundings:
    """Gather what the map shows around the tracts; a rerun takes what an earlier run kept."""
    request, notes = inputs.campaign, Notes()
    basis = [
        made.campaign.model_dump_json(include={"districts", "map"}),
        run.hash_files(FOLDER),
        made.campaign.vintages.boundaries,
        made.ground.tract_year,
        made.tracts[["geometry"]],
    ]
    kept = work.kept.find(_SURROUNDINGS, basis) if work.kept.is_rerun else None
    if kept is not None:
        around, sentences = kept
        work.notes.extend(sentences)
        spared = tuple(source.model_copy(update={"requests": 0}) for source in around.sources)
        return Surroundings(around.districts, around.context, spared)
    around = gather_surroundings(request, made.divided, notes)
    work.kept.keep(_SURROUNDINGS, basis, (around, notes.sentences))
    work.notes.extend(notes.sentences)
    return around


def _describe_made(
    run_id: str, made: _Decided, work: _Work, further: tuple[Input, ...] = ()
) -> Run:
    """Return the manifest of what a run made, without its files."""
    if work.kept.is_rerun and work.kept.reused:
        work.notes.add(
            f"Used again from earlier runs, because nothing they depend on changed:"
            f" {list_names(work.kept.reused, len(work.kept.reused))}."
        )
    return make_manifest(
        run_id,
        made.campaign,
        (*made.ground.sources, *further),
        made.ground.joined,
        made.assessment,
        made.plan,
        made.lists,
        made.choices.objectives,
        work.notes,
        work.steps.seconds,
    )
