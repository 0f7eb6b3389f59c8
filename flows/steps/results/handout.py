"""Read a stored list for ad files, and write what turns one list into another."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from flows.steps.measuring.approval import read_own_plan
from flows.steps.results.brief import find_campaign_tag, make_brief, read_version
from models.trial.plan import warn_of_test
from outreach.errors import StoreError
from outreach.exporters.base.exporter import ExportContext, ExportFile
from outreach.exporters.base.rules import list_platforms, load_rules
from outreach.exporters.base.views import TITLES, gather_views
from outreach.exporters.changes.changer import Difference, find_changer
from outreach.exporters.check.preflight import CheckedExport, export_targets
from outreach.settings import Settings
from outreach.store import Store
from outreach.tables import DataFrame, Targets, as_table


@dataclass(frozen=True)
class StoredList:
    """The list of a run, as exporters take it.

    Parameters
    ----------
    targets, context
        What :func:`outreach.exporters.check.preflight.export_targets` takes.
    platforms
        What the campaign names.
    """

    targets: DataFrame[Targets]
    context: ExportContext
    platforms: tuple[str, ...]

    def give(
        self, *, exclude_holdout: bool, routes: Path | None, markets: Path | None
    ) -> "StoredList":
        """Return the list with what a person adds to an export, as in its context."""
        context = replace(
            self.context, exclude_holdout=exclude_holdout, routes=routes, markets=markets
        )
        return replace(self, context=context)


def read_list(
    store: Store, name: str, settings: Settings, *, approved_only: bool = False
) -> StoredList:
    """Read the list of a run, with everything that goes into ad files.

    Parameters
    ----------
    store, name
        Where the run is, and which.
    settings
        The lists of IDs and the user's own rules.
    approved_only
        Whether a draft is refused, because nobody uploads one.

    Raises
    ------
    StoreError
        There is no such run, its list was withdrawn, or it is a draft and may not be one.
    """
    manifest, _ = store.find(name)
    run = manifest.id
    store.approvals.refuse_withdrawn(run)
    approval = store.approval(run)
    if approved_only and approval is None:
        raise StoreError(
            f"The list of {run} is a draft, so it cannot be what was uploaded.",
            "Name the run whose list was approved and uploaded last; 'outreach runs' lists them.",
        )
    has_members = store.has_output(run, "tables/members.parquet")
    trial = read_own_plan(store, manifest)
    tables = [title for title in TITLES if store.has_output(run, f"tables/{title}.parquet")]
    context = ExportContext(
        brief=make_brief(manifest.campaign),
        run_id=run,
        approved_by=approval.by if approval else "",
        version=read_version(store, run),
        campaign_tag=find_campaign_tag(store, manifest.campaign),
        shapes=store.read_table(run, "tracts")["geometry"],
        geotargets=settings.geotargets,
        location_codes=settings.location_codes,
        members=store.read_table(run, "members") if has_members else None,
        rules_folder=settings.platform_rules,
        views=gather_views({title: store.read_table(run, title) for title in tables}),
        test_warning=warn_of_test(trial) if trial is not None else "",
        today=dt.datetime.now(dt.UTC).date(),
    )
    targets = as_table(store.read_table(run, "targets"), Targets)
    return StoredList(targets, context, manifest.campaign.platforms)


def change_lists(
    platform: str, earlier: StoredList, later: StoredList, bulk_download: Path | None = None
) -> CheckedExport:
    """Write only what to add, change, and remove on a platform.

    Both lists are written and checked whole, with the campaign names of the earlier one. A
    platform without a form for changes gets its files whole.

    Parameters
    ----------
    platform
        Name of an exporter.
    earlier, later
        The list that was uploaded last, and the new one.
    bulk_download
        The platform's own file of what it holds, where it changes by IDs.

    Raises
    ------
    ExportError
        The platform would refuse one of the lists, or its own file of IDs is needed.
    """
    named = replace(later.context, campaign_tag=earlier.context.tag)
    old = export_targets(platform, earlier.targets, earlier.context)
    new = export_targets(platform, later.targets, named)
    changer = find_changer(platform)
    if changer is None:
        return new

    rules = None
    if platform in list_platforms():
        rules = load_rules(platform, later.context.rules_folder)
    files = changer.write(Difference(old.files, new.files, rules, bulk_download))
    checklist = [file for file in new.files if file.is_checklist]
    if not files:
        sentence = f"Nothing changes on {new.exporter.title} since {earlier.context.run_id}.\r\n"
        files = [ExportFile(f"{platform}-no-changes.txt", sentence.encode())]
    exporter = replace(new.exporter, notes=changer.notes)
    return CheckedExport(exporter, (*files, *checklist), new.findings)
