"""Read the store for the portal, and keep in mind what does not change."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.steps.drill.book import DrillBook
from outreach.campaign import Campaign
from outreach.errors import CampaignError, NothingThere, StoreError
from outreach.portal.memory import Memory
from outreach.reports.data.drill import Drill
from outreach.settings import Settings
from outreach.store import Approval, Run, Store, Withdrawal, survey_campaigns
from outreach.store.manifest import read_manifest

#: What can be the ID of a run; a longer or stranger name is not even looked for.
_RUN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
#: Runs whose manifests, tables, and pages are kept in memory.
_KEPT_MANIFESTS, _KEPT_TABLES, _KEPT_FILES = 2_000, 8, 24


@dataclass(frozen=True, slots=True)
class CampaignCard:
    """A campaign: the file of the service's folder, its runs, or both.

    Parameters
    ----------
    slug
        The name in addresses.
    title
        The campaign's own name.
    offer
        The name of its file without the ending; empty for one without a file.
    campaign
        The request, where there is a file.
    runs
        Newest first.
    """

    slug: str
    title: str
    offer: str
    campaign: Campaign | None
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a run or of its reports, and what tells one content from another."""

    content: bytes
    digest: str


class Shelf:
    """What the service's folder holds.

    Parameters
    ----------
    settings
        Where the folder is.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.home = settings.home
        self.store = Store(settings.runs_folder)
        self._manifests: Memory[Run] = Memory(_KEPT_MANIFESTS)
        self._tables: Memory[pd.DataFrame] = Memory(_KEPT_TABLES)
        self._files: Memory[StoredFile] = Memory(_KEPT_FILES)

    def list_runs(self) -> tuple[list[Run], list[str]]:
        """Return the complete runs, newest first, and a sentence for each damaged one."""
        runs, faults = [], []
        for path in sorted(self.store.folder.glob("[!.]*/manifest.json"), reverse=True):
            if path.parent.is_symlink():
                continue
            try:
                runs.append(self._read_run(path))
            except StoreError as error:
                faults.append(str(error))
        return runs, faults

    def find_run(self, run_id: str) -> Run:
        """Return one run by its whole ID.

        Raises
        ------
        NothingThere
            There is no such run.
        """
        path = self.store.folder / run_id / "manifest.json"
        if not _RUN_NAME.fullmatch(run_id) or path.parent.is_symlink() or not path.is_file():
            raise NothingThere(f"There is no run '{run_id}'.", "The list of runs has all of them.")
        return self._read_run(path)

    def list_campaigns(self) -> tuple[list[CampaignCard], list[CampaignError]]:
        """Return all campaigns by title, and what is wrong with files that are none."""
        campaigns, faulty = survey_campaigns(self.home)
        runs, _ = self.list_runs()
        made: dict[str, list[Run]] = {}
        for run in runs:
            made.setdefault(run.campaign.slug, []).append(run)
        cards = {
            campaign.slug: CampaignCard(
                campaign.slug, campaign.name, name, campaign, tuple(made.pop(campaign.slug, ()))
            )
            for name, campaign in campaigns.items()
        }
        for slug, own in made.items():
            cards[slug] = CampaignCard(slug, own[0].campaign.name, "", None, tuple(own))
        return sorted(cards.values(), key=lambda card: card.title.casefold()), list(faulty.values())

    def find_campaign(self, slug: str) -> CampaignCard:
        """Return one campaign.

        Raises
        ------
        NothingThere
            There is no such campaign.
        """
        cards, _ = self.list_campaigns()
        for card in cards:
            if card.slug == slug:
                return card
        raise NothingThere(f"There is no campaign '{slug}'.", "The first page lists all of them.")

    def find_latest(self, slug: str) -> Run:
        """Return the run of a campaign with the newest data, made last.

        Raises
        ------
        NothingThere
            The campaign has no run.
        """
        card = self.find_campaign(slug)
        if not card.runs:
            raise NothingThere(f"{card.title} has no run yet.", "Start one.")
        return max(card.runs, key=lambda run: (run.data_date, run.created_at))

    def read_approval(self, run: Run) -> Approval | None:
        """Return who approved a run's list; ``None`` for a draft and a withdrawn list."""
        path = self.store.folder / "approvals" / f"{run.id}.json"
        return self.store.approval(run.id) if path.is_file() else None

    def read_withdrawal(self, run: Run) -> Withdrawal | None:
        """Return who withdrew a run's list, and why; ``None`` if nobody did."""
        return self.store.approvals.read_withdrawal(run.id)

    def read_standing(self, run: Run) -> Approval | Withdrawal | None:
        """Return who withdrew a run's list, or else who approved it; ``None`` for a draft."""
        return self.read_withdrawal(run) or self.read_approval(run)

    def read_targets(self, run: Run) -> pd.DataFrame:
        """Return the list of a run by rank."""
        return self._tables.recall(
            run.id, lambda: self.store.read_table(run.id, "targets").sort_values("rank")
        )

    def read_output(self, run: Run, path: str) -> StoredFile:
        """Return a file that a run wrote, checked against its manifest.

        Raises
        ------
        NothingThere
            The run wrote no such file.
        StoreError
            The file is not as it was written.
        """
        output = next((output for output in run.outputs if output.path == path), None)
        if output is None:
            raise NothingThere(f"The run {run.id} has no file '{path}'.", "Its page lists them.")
        place = self.store.folder / run.id / path
        key = (run.id, path, place.stat().st_mtime_ns if place.is_file() else 0)
        return self._files.recall(
            key, lambda: StoredFile(self.store.read_output(run.id, path), output.sha256)
        )

    def list_reports(self, run: Run) -> dict[str, list[str]]:
        """Return the pages of a run's reports by kind of district, as folder and file names."""
        folder = self.home / "reports" / run.id
        kinds = [path for path in sorted(folder.glob("[!.]*")) if path.is_dir()]
        return {kind.name: sorted(page.name for page in kind.glob("[!.]*.html")) for kind in kinds}

    def read_report(self, run: Run, kind: str, page: str) -> StoredFile:
        """Return a page of a run's reports.

        Raises
        ------
        NothingThere
            There is no such page.
        """
        if page not in self.list_reports(run).get(kind, ()):
            raise NothingThere(
                f"There is no page '{page}' in the reports of {run.id}.", "Its page lists them."
            )
        path = self.home / "reports" / run.id / kind / page
        return self._files.recall((str(path), path.stat().st_mtime_ns), lambda: _read_file(path))

    def list_results(self, run: Run) -> dict[str, Path]:
        """Return the main page of what was delivered, found, and decided, by part."""
        pages = {
            "delivery": self.home / "reconciliations" / run.id / "delivery.html",
            "effect": self.home / "measurements" / run.id / "effect.html",
        }
        for memo in sorted((self.home / "decisions").glob(f"{run.id}-[0-9]*")):
            number = memo.name.rsplit("-", 1)[-1]
            pages[f"decision-{number}"] = memo / "decision.html"
        return {part: page for part, page in pages.items() if page.is_file()}

    def read_result(self, run: Run, part: str, page: str) -> StoredFile:
        """Return a page of a part of :meth:`list_results`, in one of its languages.

        Raises
        ------
        NothingThere
            There is no such page.
        """
        main = self.list_results(run).get(part)
        names = [] if main is None else [path.name for path in main.parent.glob("[!.]*.html")]
        if main is None or page not in names:
            raise NothingThere(
                f"There is no page '{page}' of {part} for {run.id}.", "The run's page lists them."
            )
        path = main.parent / page
        return self._files.recall((str(path), path.stat().st_mtime_ns), lambda: _read_file(path))

    def list_drills(self, card: CampaignCard) -> list[Drill]:
        """Return the drills of a campaign, the one started last first."""
        drills = DrillBook(self.home).list_drills()
        return [drill for drill in drills if drill.campaign.slug == card.slug]

    def find_drill(self, slug: str) -> Drill:
        """Return one drill.

        Raises
        ------
        NothingThere
            There is no such drill.
        """
        for drill in DrillBook(self.home).list_drills():
            if drill.slug == slug:
                return drill
        raise NothingThere(f"There is no drill '{slug}'.", "The page of a campaign lists its own.")

    def _read_run(self, path: Path) -> Run:
        """Return a manifest, read once for each of its versions."""
        key = (path, path.stat().st_mtime_ns)
        return self._manifests.recall(key, lambda: read_manifest(path))


def _read_file(path: Path) -> StoredFile:
    """Read a page with its digest."""
    return keep_content(path.read_bytes())


def keep_content(content: bytes) -> StoredFile:
    """Return a content that was made just now, with its digest."""
    return StoredFile(content, hashlib.sha256(content).hexdigest())
