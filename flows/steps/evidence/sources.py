"""Read what the evidence of a campaign is collected from, and copy the files it points to."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from outreach.store import Approval, Run, Store


@dataclass
class Sources:
    """The runs of a campaign, and the files that statements point to.

    Parameters
    ----------
    store, home
        The runs, and the service's folder.
    runs
        The campaign's runs, the oldest first.
    approvals
        Approvals by run id.
    files
        Content of each file of the pack by its path; filled by the collectors.
    """

    store: Store
    home: Path
    runs: list[Run]
    approvals: dict[str, Approval]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def approved(self) -> list[Run]:
        """The runs whose list was approved, in the order of approval."""
        approved = [run for run in self.runs if run.id in self.approvals]
        return sorted(approved, key=lambda run: self.approvals[run.id].approved_at)

    def keep_output(self, run: Run, path: str) -> tuple[str, str]:
        """Copy a file of a run into the pack; return its path there and its hash."""
        return self.keep(f"{run.id}/{path}", self.store.read_output(run.id, path))

    def keep(self, name: str, content: bytes) -> tuple[str, str]:
        """Put a file into the pack; return its path there and its hash."""
        self.files[f"files/{name}"] = content
        return f"files/{name}", hashlib.sha256(content).hexdigest()

    def has_output(self, run: Run, path: str) -> bool:
        """Say whether a run wrote a file."""
        return any(output.path == path for output in run.outputs)


def read_sources(store: Store, home: Path, slug: str) -> Sources:
    """Read the runs of a campaign and their approvals.

    Raises
    ------
    StoreError
        A run or an approval is damaged.
    """
    runs = sorted(store.runs(slug), key=lambda run: run.created_at)
    approvals = {}
    for run in runs:
        approval = store.approval(run.id)
        if approval is not None:
            approvals[run.id] = approval
    return Sources(store, home, runs, approvals)
