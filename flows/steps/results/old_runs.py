"""Choose old drafts that nothing refers to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.steps.measuring.flight_test import hash_plan
from outreach.store import Run, Store

#: Folders of the service that hold records about runs, beside the runs themselves.
_RECORDS = (
    "activity",
    "decisions",
    "delivery",
    "disclosure",
    "drills",
    "evidence",
    "mails",
    "measurements",
    "public",
    "reconciliations",
    "runs/approvals",
    "runs/withdrawals",
    "tests",
)
#: Kinds of files that name a run; pages repeat what these say.
_RECORD_KINDS = frozenset({".json", ".jsonl", ".csv", ".txt", ".toml"})
_MEGABYTE = 1e6


@dataclass(frozen=True)
class OldRuns:
    """Runs that can go.

    Parameters
    ----------
    removed
        Oldest first.
    megabytes
        What their folders take.
    kept_count
        How many runs stay.
    """

    removed: tuple[Run, ...]
    megabytes: float
    kept_count: int


def choose_old_runs(store: Store, home: Path, keep: int) -> OldRuns:
    """Choose the runs to remove: all but the newest of each campaign and those that must stay.

    Parameters
    ----------
    store, home
        The runs, and the service's folder with the records that may refer to one.
    keep
        How many of the runs made last stay for each campaign.

    Raises
    ------
    StoreError
        A run is damaged: nothing is known of it then, so nothing is removed.
    """
    runs = store.runs()
    text = "\n".join(_read_records(home))
    stay = {run.id for run in runs if run.id in text}

    # The latest run, and the newest of each campaign by either meaning of new.
    latest = store.folder / "latest"
    stay.add(latest.resolve().name)
    campaigns: dict[str, list[Run]] = {}
    for run in runs:
        campaigns.setdefault(run.campaign.slug, []).append(run)
    for own in campaigns.values():
        ordered = sorted(own, key=lambda run: run.created_at, reverse=True)
        stay |= {run.id for run in ordered[:keep]}
        stay.add(max(own, key=lambda run: (run.data_date, run.created_at)).id)

    # A list that stays needs the run that drew its arms, and the list that it follows.
    by_id = {run.id: run for run in runs}
    plans = {hash_plan(by_id[run_id]) for run_id in stay if run_id in by_id} - {""}
    stay |= {run.id for run in runs if hash_plan(run) in plans}
    stay |= {
        str(by_id[run_id].figures.get("previous_list", "")) for run_id in stay if run_id in by_id
    }
    removed = tuple(
        sorted((run for run in runs if run.id not in stay), key=lambda run: run.created_at)
    )
    size = sum(output.bytes for run in removed for output in run.outputs)
    return OldRuns(removed, size / _MEGABYTE, len(runs) - len(removed))


def _read_records(home: Path) -> Iterator[str]:
    """Yield name and content of every record; a run that one names has to stay."""
    for folder in _RECORDS:
        for path in (home / folder).rglob("*"):
            yield str(path.relative_to(home))
            if path.suffix in _RECORD_KINDS and path.is_file():
                yield path.read_text(encoding="utf-8", errors="replace")
