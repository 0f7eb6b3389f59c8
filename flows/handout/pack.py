"""Write the pack of a complete count committee from a run."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from flows.steps.committee.needs import gather_committee
from flows.steps.folders import build_folder
from flows.steps.printing import print_pages
from flows.steps.reports.views import check_districts, gather_view
from flows.steps.sources.inputs import restore_inputs
from outreach.campaign import Districts
from outreach.errors import CampaignError
from outreach.phrasing import list_names
from outreach.reports.data.metrics import measure_districts
from outreach.reports.pages.committee.pack import write_packs
from outreach.reports.pages.committee.table import write_tables
from outreach.reports.pages.frame import Origin
from outreach.settings import Settings
from outreach.store import Store


def write_pack(
    settings: Settings,
    run_name: str,
    into: Path,
    *,
    kind: str = "",
    languages: Sequence[str] = ("en", "es"),
    is_printed: bool = False,
) -> list[Path]:
    """Write what a committee takes into a meeting: a page for each district, and tables.

    Parameters
    ----------
    settings
        Say where runs and archive are.
    run_name
        A run, as :meth:`outreach.store.Store.find` takes it: a plan, or one of a season.
    into
        The folder to write: ``pack.html`` (with its twin in each language), ``districts.csv``,
        ``tracts.csv``. Files of somebody else in it stay.
    kind
        Which districts, as the campaign calls them; the first kind by default.
    languages
        Codes of catalogs; the first has the plain file name.
    is_printed
        Whether to print the pages as PDFs too: ``pack.pdf`` and its twins.

    Returns
    -------
    list of Path
        The files, in their place.

    Raises
    ------
    CampaignError
        The campaign has no districts, or none of that kind.
    StoreError
        There is no such run, or the folder cannot be written.
    SettingsError
        There is no Chromium to print with; nothing was written.
    """
    store = Store(settings.runs_folder)
    run = store.find(run_name)[0]
    districts = _choose_kind(run.campaign.name, restore_inputs(store, run), kind)
    check_districts(run, districts)

    # What it shows, then its pages and tables.
    view = gather_view(store, run, districts[0], settings)
    committee = gather_committee(view, measure_districts(view), run)
    origin = Origin(dt.datetime.now(dt.UTC).date(), run.id)
    pages = {
        name: page.encode("utf-8")
        for name, page in write_packs(committee, origin, languages).items()
    }
    contents = pages | {
        name: table.encode("utf-8") for name, table in write_tables(committee).items()
    }
    if is_printed:
        contents |= print_pages(pages)
    with build_folder(into, lambda path: path in contents) as building:
        for name, content in contents.items():
            (building / name).write_bytes(content)
    return [into / name for name in contents]


def _choose_kind(
    campaign: str, kinds: Sequence[Districts], requested: str
) -> tuple[Districts, ...]:
    """Return the kind of district that is requested, or the first one."""
    if not requested:
        return tuple(kinds[:1])
    chosen = tuple(kind for kind in kinds if kind.name.casefold() == requested.casefold())
    if not chosen and kinds:
        names = [kind.name for kind in kinds]
        raise CampaignError(
            f"The campaign '{campaign}' has no districts called '{requested}'.",
            f"It has {list_names(names, len(names))}.",
        )
    return chosen
