"""Try thousands of damaged files of each kind, and hold what is read against the file itself.

Every case is read to the very values of the file, or refused with one of our errors. Anything else
is a fault: another exception, more than ten seconds, a value that changed without a word. All cases
follow from a seed. ``make fuzz`` runs every round in full.
"""

import argparse
import contextlib
import random
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from outreach.errors import OutreachError
from tests.fuzz import (
    activity,
    answers,
    campaigns,
    imports,
    manifests,
    maps,
    tables,
    trials,
)
from tests.fuzz import reports as reported
from tests.fuzz.cases import Case

#: Seconds that one case may take.
_LONGEST = 10

#: A round is opened with a folder, and makes one case from a random generator.
MakeCase = Callable[[random.Random], Case]

#: The rounds of ``make fuzz``: how a round is opened, and how many cases it tries.
ROUNDS: dict[str, tuple[Callable[[Path], Any], int]] = {
    "campaign files": (campaigns.open_round, 5_000),
    "user tables": (tables.open_round, 4_000),
    "imported rates": (imports.open_round, 1_000),
    "map files": (maps.open_round, 1_000),
    "API answers": (answers.open_round, 2_000),
    "manifests": (manifests.open_round, 1_000),
    "partners' logs": (activity.open_round, 2_000),
    "reports of ads": (reported.open_round, 2_000),
    "tests' files": (trials.open_round, 2_000),
}


@dataclass
class Counts:
    """What became of the cases of a round, and the words of each fault."""

    tried: int = 0
    read: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)


class HangError(Exception):
    """A case took longer than :data:`_LONGEST` seconds."""


def run_round(name: str, count: int, seed: int) -> Counts:
    """Try so many cases of one kind; case ``n`` depends on the seed and ``n`` alone."""
    opener, _ = ROUNDS[name]
    counts = Counts()
    with tempfile.TemporaryDirectory() as folder, opener(Path(folder)) as make_case:
        for number in range(count):
            case = make_case(random.Random(f"{seed} {name} {number}"))
            counts.tried += 1
            try:
                with _limit_seconds():
                    case.read()
                counts.read += 1
            except OutreachError as error:
                counts.refused += 1
                fault = _judge_refusal(case, error)
                if fault:
                    counts.faults.append(f"{name} {number}: {fault}")
            except Exception as error:  # noqa: BLE001  any other exception is what is looked for
                counts.faults.append(f"{name} {number}: {_describe(error)}")
    return counts


def _judge_refusal(case: Case, error: OutreachError) -> str:
    """Say what is wrong with a refusal: a good file, or words that are not ours."""
    if case.is_good:
        return f"a good file was refused: {error}"
    foreign = [word for word in _FOREIGN if word in str(error)]
    return f"words of a library ({foreign[0]}): {error}" if foreign else ""


#: Words of libraries that no sentence of ours has.
_FOREIGN = (
    *("Traceback", "codec", "pandas", "pydantic", "object at 0x", "recursion", "DataFrame"),
    *("Errno", "dtype", "tokenizing", "ArrowInvalid", "NoneType", "ndarray", "\n"),
    *("GDAL", "OGR", "pyogrio", "shapely", "geopandas", "GEOS"),
)


def _describe(error: Exception) -> str:
    """Name an exception, and the last place of our code that it passed."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in frame.filename and "/lib/python" not in frame.filename
    ]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}: {str(error)[:300]}"


@contextlib.contextmanager
def _limit_seconds() -> Iterator[None]:
    """Stop a block that takes too long."""

    def stop(_number: int, _frame: object) -> None:
        raise HangError(f"it took more than {_LONGEST} s")

    earlier = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)


def main() -> None:
    """Run every round in full and print the counts; exit with 1 if there are faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--share", type=float, default=1.0, help="share of the cases to try")
    parser.add_argument("--only", choices=list(ROUNDS))
    wanted = parser.parse_args()

    print(f"{'kind':<16}{'tried':>8}{'read':>8}{'refused':>9}{'faults':>8}")
    faults: list[str] = []
    for name, (_, count) in ROUNDS.items():
        if wanted.only in {None, name}:
            counts = run_round(name, round(count * wanted.share), wanted.seed)
            faults += counts.faults
            print(
                f"{name:<16}{counts.tried:>8,}{counts.read:>8,}{counts.refused:>9,}"
                f"{len(counts.faults):>8,}",
                flush=True,
            )
    print("\n".join(faults))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
