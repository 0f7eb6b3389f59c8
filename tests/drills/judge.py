"""Judge what a fault left of a working folder."""

import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from outreach.files import find_leftovers
from tests.drills.children import Finished

#: What is kept for good, below the service's folder: no command may change or lose it.
_KEPT = ("archive/rates/**/*.parquet", "archive/receipts/**/*.json", "runs/[!.]*/**/*")


@dataclass
class Score:
    """The figures of one cell of the table, and the words of each fault.

    Parameters
    ----------
    tried, survived
        How often the fault was made, and after how many nothing was wrong.
    rows_lost, leftovers, tracebacks
        Rows of kept tables that are gone, files that nobody removes, and stack traces shown.
    faults
        What was wrong, one line each.
    """

    tried: int = 0
    survived: int = 0
    rows_lost: int = 0
    leftovers: int = 0
    tracebacks: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, faults: Iterable[str]) -> None:
        """Count one try."""
        found = list(faults)
        self.tried += 1
        self.survived += not found
        self.faults += found

    def extend(self, other: "Score") -> None:
        """Add the figures of other tries."""
        self.tried += other.tried
        self.survived += other.survived
        self.rows_lost += other.rows_lost
        self.leftovers += other.leftovers
        self.tracebacks += other.tracebacks
        self.faults += other.faults


def take_stock(folder: Path) -> dict[str, bytes]:
    """Return the content of every file that is kept for good."""
    home = folder / "outreach-data"
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for pattern in _KEPT
        for path in home.glob(pattern)
        if path.is_file() and not any(part.startswith(".") for part in path.parts[-2:])
        if "latest" not in path.relative_to(home).parts
    }


def find_losses(before: dict[str, bytes], folder: Path, score: Score) -> list[str]:
    """Return which kept files are gone or changed, and count the rows in them."""
    after, faults = take_stock(folder), []
    for name, content in before.items():
        if after.get(name) != content:
            faults.append(f"{name} is gone or changed")
            score.rows_lost += _count_rows(name, content) - _count_rows(name, after.get(name, b""))
    return faults


def check_run(folder: Path) -> list[str]:
    """Check that ``latest`` is a whole run whose files have the hashes of its manifest."""
    latest = folder / "outreach-data" / "runs" / "latest"
    if not latest.is_symlink():
        return []
    try:
        outputs = json.loads((latest / "manifest.json").read_bytes())["outputs"]
        return [
            f"latest has another {output['path']} than its manifest says"
            for output in outputs
            if hashlib.sha256((latest / output["path"]).read_bytes()).hexdigest()
            != output["sha256"]
        ]
    except (OSError, ValueError, KeyError) as error:
        return [f"latest is no whole run: {type(error).__name__}"]


def check_end(done: Finished, codes: Iterable[int], score: Score) -> list[str]:
    """Check how a command ended: its exit code, one sentence if it failed, no stack trace."""
    faults, text = [], done.out + done.err
    if "Traceback" in text or "Exception ignored" in text:
        score.tracebacks += 1
        faults.append(f"a stack trace: {text.strip()[-1500:]}")
    if done.code not in set(codes):
        faults.append(f"exit code {done.code}: {text.strip()[-300:]}")
    said = [line for line in done.err.splitlines() if line.strip()]
    if done.code == 1 and (len(said) != 1 or not said[0].startswith("Error: ")):
        faults.append(f"not one sentence: {done.err.strip()[-300:]}")
    return faults


def count_leftovers(folder: Path, score: Score) -> list[str]:
    """Return what nobody removed."""
    left = [str(path.relative_to(folder)) for path in find_leftovers(folder)]
    score.leftovers += len(left)
    return [f"left behind: {', '.join(left)}"] if left else []


def _count_rows(name: str, content: bytes) -> int:
    """Return the rows of a table of the archive."""
    if not name.endswith(".parquet") or not content:
        return 0
    try:
        return int(pq.read_metadata(io.BytesIO(content)).num_rows)
    except OSError:
        return 0
