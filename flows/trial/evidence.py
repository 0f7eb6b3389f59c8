"""Put together what a campaign can show a council, and list what is missing."""

import datetime as dt
import json
from pathlib import Path

from flows.steps.evidence.criteria import read_criteria
from flows.steps.evidence.data import (
    collect_inventory,
    collect_open_data,
    collect_privacy,
    collect_quality,
)
from flows.steps.evidence.lists import (
    collect_approvers,
    collect_coverage,
    collect_progress,
    collect_reallocations,
)
from flows.steps.evidence.partners import collect_activity
from flows.steps.evidence.sources import read_sources
from flows.steps.evidence.testing import (
    collect_assumptions,
    collect_decisions,
    collect_designs,
    collect_registered,
    collect_results,
)
from flows.steps.evidence.vendors import collect_delivery
from flows.steps.folders import build_folder
from flows.steps.printing import print_pages
from outreach.catalog import read_all
from outreach.reports.data.evidence import EvidencePack
from outreach.reports.pages.trial.evidence import describe_record, write_evidence_pages
from outreach.settings import Settings
from outreach.store import Store

_RECORD = "evidence.json"
#: The folder of copied files. A later pack replaces it where an earlier one stands.
_FILES = "files/"
_COLLECTORS = (
    collect_registered,
    collect_designs,
    collect_results,
    collect_decisions,
    collect_assumptions,
    collect_reallocations,
    collect_approvers,
    collect_delivery,
    collect_progress,
    collect_activity,
    collect_inventory,
    collect_quality,
    collect_privacy,
    collect_open_data,
    collect_coverage,
)


def write_evidence(
    settings: Settings,
    run_name: str,
    into: Path,
    criteria: Path | None = None,
    *,
    is_printed: bool = False,
) -> EvidencePack:
    """Write the evidence of a run's campaign: pages, a record, and the files they point to.

    Parameters
    ----------
    settings
        Where runs, tests, results, and decisions are.
    run_name
        A run of the campaign, as :meth:`outreach.store.Store.find` takes it.
    into
        The folder to write: ``evidence.html`` (with its twin in each language),
        ``evidence.json``, ``files/``. Files of somebody else in it stay.
    criteria
        A file with the criteria of another edition.
    is_printed
        Whether to print the pages as PDFs too: ``evidence.pdf`` and its twins.

    Raises
    ------
    StoreError
        A run, a plan, or an approval was changed or is damaged, or the folder cannot be written.
    DataError
        The criteria cannot be read.
    SettingsError
        There is no Chromium to print with; nothing was written.
    """
    pack, contents = make_evidence(settings, run_name, criteria)
    if is_printed:
        pages = {name: page for name, page in contents.items() if name.endswith(".html")}
        contents |= print_pages(pages)
    earlier = (into / _RECORD).is_file()
    with build_folder(
        into, lambda path: path in contents or (earlier and path.startswith(_FILES))
    ) as building:
        for name, content in contents.items():
            path = building / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return pack


def make_evidence(
    settings: Settings, run_name: str, criteria: Path | None = None
) -> tuple[EvidencePack, dict[str, bytes]]:
    """Return the evidence of a run's campaign, and every file of it by its path in the folder.

    Parameters and errors are those of :func:`write_evidence`.
    """
    store = Store(settings.runs_folder)
    run = store.find(run_name)[0]
    sources = read_sources(store, settings.home, run.campaign.slug)
    pack = EvidencePack(
        campaign=run.campaign.name,
        made=dt.datetime.now(dt.UTC).date(),
        edition=read_criteria(criteria),
        proofs=tuple(proof for collect in _COLLECTORS for proof in collect(sources)),
    )
    record = json.dumps(describe_record(pack), indent=1, ensure_ascii=False) + "\n"
    contents = {
        _RECORD: record.encode("utf-8"),
        **{
            name: page.encode("utf-8")
            for name, page in write_evidence_pages(pack, read_all()).items()
        },
        **sources.files,
    }
    return pack, contents
