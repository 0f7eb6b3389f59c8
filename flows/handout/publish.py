"""Write the public site of a run: a folder that can go on the web.

All of it comes from :func:`outreach.reports.open_data.redact.make_public`: small counts are hidden,
and no page shows priorities, targets, budgets, or reasons. While a test with a comparison group is
in flight anywhere on the same ground, the data has no arms either. Layout::

    index.html  map.html  publication.json  <kind of district>/index.html ... season.html open-data/
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import flow
from pydantic import BaseModel

from flows.engine.progress import Steps
from flows.steps.delivering.activity_tracts import read_run_activity
from flows.steps.folders import build_folder
from flows.steps.measuring.in_flight import OpenTest, check_test_over, find_tests_in_flight
from flows.steps.measuring.readout import find_readout
from flows.steps.reports.kept_map import link_districts, read_context
from flows.steps.reports.pages import sum_spend, write_pages
from flows.steps.reports.views import check_districts, find_earlier, gather_view
from flows.steps.results.map_view import make_map_view, read_campaign_words
from flows.steps.sites.gather import GatheredSites
from flows.steps.sites.show import read_sites_of, show_sites
from flows.steps.sources.districts import name_folder
from flows.steps.sources.inputs import restore_inputs
from maps.run.county_maps import build_maps
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.errors import CampaignError, StoreError
from outreach.files import read_record
from outreach.reports.data.inputs import ReportView
from outreach.reports.open_data.package import write_open_data
from outreach.reports.open_data.redact import Publication, has_comparison, make_public
from outreach.reports.open_data.register import update_register
from outreach.reports.open_data.terms import PublicationTerms
from outreach.reports.pages.frame import Origin
from outreach.reports.pages.site import write_fronts
from outreach.reports.text.test_result import Readout
from outreach.settings import Settings, read_settings
from outreach.store import Run, Store

#: The record of a publication. A folder with one may be replaced.
RECORD = "publication.json"


@flow(name="publish", flow_run_name="publication of {run_name}", validate_parameters=False)
def publish_run(
    run_name: str = "latest",
    into: Path | None = None,
    languages: Sequence[str] = ("en", "es"),
    *,
    test_over: bool = False,
    reason: str = "",
) -> Path:
    """Write the public site of a run.

    Parameters
    ----------
    run_name
        A run's id, part of one, or ``latest``.
    into
        The folder; by default ``public/<run id>`` in the service's folder. A folder with other
        content is refused.
    languages
        Codes of catalogs; the first has the plain file names.
    test_over
        Publish arms and money of the test of this run, too, once it is over and read out.
    reason
        Why they are published before that; ``publication.json`` records it.

    Raises
    ------
    StoreError
        The folder has other content, or the test is not over or not read out.
    OutreachError
        Anything else that went wrong, in one sentence; an earlier publication is then unchanged.
    """
    settings, steps = read_settings(), Steps()
    store = Store(settings.runs_folder)
    run, _ = store.find(run_name)
    check_districts(run, run.campaign.districts)
    final = (into or settings.home / "public" / run.id).absolute()
    is_ours = _read_ours(final)

    with steps.step("Decide what is public"):
        in_flight = _find_open_tests(store, run, settings, test_over=test_over, reason=reason)
        publications = _make_publications(
            store, run, settings, has_test=bool(in_flight), test_over=test_over
        )
    effect = None if in_flight else find_readout(settings.home, store, run.id)
    with build_folder(final, is_ours) as building:
        for publication in publications:
            with steps.step(f"Write {publication.view.kind}"):
                folder = building / name_folder(publication.view.kind)
                _write_district_pages(folder, publication, run, languages, effect)

        with steps.step("Draw the map"):
            views = [one.view for one in publications]
            around = read_context(store, run, views[0])
            sites = read_sites_of(store, run, is_public=True)
            for name, page in _draw_public_maps(views, run.campaign, languages, around, sites):
                (building / name).write_text(page, encoding="utf-8")

        # The front pages show the first kind of district and link to the others.
        origin = Origin(dt.datetime.now(dt.UTC).date(), run.id)
        folders = {one.view.kind: name_folder(one.view.kind) for one in publications}
        first = publications[0]
        fronts = write_fronts(
            first.figures,
            first.view,
            folders,
            languages,
            test_running=bool(in_flight),
            origin=origin,
        )
        for name, content in fronts:
            (building / name).write_text(content, encoding="utf-8")
        _write_record(building, run, first, reason)
    return final


def _find_open_tests(
    store: Store, run: Run, settings: Settings, *, test_over: bool, reason: str
) -> list[OpenTest]:
    """Find the tests that hide the arms; the run's own one hides none where a reason is given.

    Raises
    ------
    StoreError
        The test should be over, but it still runs or nobody has read it out.
    CampaignError
        There is a reason, but no arms are to be published.
    """
    if reason and not test_over:
        raise CampaignError(
            "--reason is for publishing the arms of a test.", "Add --test-over, or leave it out."
        )
    tests = find_tests_in_flight(store, settings.home, run)
    if not test_over:
        return tests
    if not reason.strip():
        archive = Archive(settings.archive_folder, run.campaign.census_year)
        check_test_over(archive, tests, run)
    return [test for test in tests if not test.is_own]


def _make_publications(
    store: Store, run: Run, settings: Settings, *, has_test: bool, test_over: bool
) -> list[Publication]:
    """Decide for each kind of district what is public.

    The season's register is written before anything else: a publication that fails halfway may hide
    more than it must, never less.
    """
    views = [gather_view(store, run, kind, settings) for kind in restore_inputs(store, run)]
    earlier = [find_earlier(store, run, view) for view in views]
    path = settings.home / "disclosure" / f"{run.campaign.census_year}.json"
    register = update_register(path, [*views, *(then for then in earlier if then is not None)])

    hides_arms = has_test or (has_comparison(views[0]) and not test_over)
    publications = [
        make_public(view, then, test_running=hides_arms, register=register)
        for view, then in zip(views, earlier, strict=True)
    ]
    # Partners' logs by place of the list would tell the list while its test runs.
    if hides_arms or not run.campaign.activity.public:
        return publications
    return [_add_activity(one, store, run, settings) for one in publications]


def _add_activity(
    publication: Publication, store: Store, run: Run, settings: Settings
) -> Publication:
    """Add the partners' logs, divided by the households that are public, so that none can be told.

    A tract whose households are hidden gets no part of a unit's contacts.
    """
    view = publication.view
    households = view.tracts["households_count"]
    activity = read_run_activity(settings.home, store, run, households)
    return replace(publication, view=replace(view, activity=activity))


def _write_district_pages(
    folder: Path,
    publication: Publication,
    run: Run,
    languages: Sequence[str],
    effect: Readout | None,
) -> None:
    """Write open data and pages of one kind of district."""
    (folder / "open-data").mkdir(parents=True)
    view = publication.view
    terms = PublicationTerms(version=str(view.data_date), made=dt.datetime.now(dt.UTC).date())
    for name, content in write_open_data(publication, terms).items():
        (folder / "open-data" / name).write_bytes(content)
    write_pages(
        folder,
        view,
        publication.figures,
        run,
        languages,
        spend=replace(sum_spend(run), withheld=True),
        effect=effect,
        home="../index.html",
    )


class _Record(BaseModel):
    """What the record of an earlier publication must hold: every file with its hash."""

    run: str
    sha256: dict[str, str]


def _read_ours(folder: Path) -> Callable[[str], bool]:
    """Return which files in a folder belong to its earlier publication, and may be replaced.

    Raises
    ------
    StoreError
        The folder is a link, has other content and no publication, or its record is damaged.
    """
    record = folder / RECORD
    if folder.is_symlink():
        raise StoreError(
            f"{folder} is a link to another place.", "Name the folder itself with --into."
        )
    if record.is_file():
        todo = "Restore it from a backup, or name a new or empty folder with --into."
        earlier = read_record(record, _Record, "record of the publication", todo)
        return {RECORD, *earlier.sha256}.__contains__
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise StoreError(
            f"{folder} already exists and is not a publication.",
            "Name a new or empty folder with --into.",
        )
    return {RECORD}.__contains__


def _draw_public_maps(
    views: list[ReportView],
    campaign: Campaign,
    languages: Sequence[str],
    context: dict[str, Any] | None,
    sites: GatheredSites | None,
) -> Iterator[tuple[str, str]]:
    """Draw the public map, with every kind of district and links to their pages."""
    first = views[0]
    linked = link_districts(views, "index.html")
    # Not even the title of an indicator that is not public stands in the page.
    public = tuple(indicator for indicator in campaign.indicators if indicator.public)
    campaign = campaign.model_copy(update={"indicators": public})
    shown = make_map_view(first.tracts, first.scores, None, campaign, first.history, None, linked)
    words = read_campaign_words(campaign, languages)
    places = show_sites(sites, linked)
    return build_maps(replace(shown, context=context, languages=words, sites=places))


def _write_record(folder: Path, run: Run, publication: Publication, reason: str) -> None:
    """Write what was published: the run, what is withheld, and the hash of every file.

    The reason is why the arms of a test are published before it was read out, if they are.
    """
    files = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    record = {
        "run": run.id,
        "campaign": run.campaign.name,
        "data_date": str(run.data_date),
        **({"plan_for": run.campaign.census_year} if run.campaign.is_plan else {}),
        "made": str(dt.datetime.now(dt.UTC).date()),
        "arms_and_money": "withheld" if publication.arms is None else "published",
        **({"published_before_readout_because": reason} if reason else {}),
        "tracts_with_hidden_counts": len(publication.hidden),
        "sha256": files,
    }
    (folder / RECORD).write_text(
        json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
