"""Drill every command with every fault, and write the table of docs/reliability.md."""

import argparse
import contextlib
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.drills.faults import Ground
    from tests.drills.table import Figures

_ROOT = Path(__file__).parents[2]
#: What every command is told of the machine.
_ENVIRONMENT = {
    "OUTREACH_HOME": "outreach-data",
    "OUTREACH_RETRIES": "1",
    "OUTREACH_BACKOFF_SECONDS": "0.05",
    "OUTREACH_TIMEOUT_SECONDS": "300",
    "OUTREACH_MAIL_FROM": "team@example.org",
    "OUTREACH_MAIL_ALLOW_LIST": "allowed.txt",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    "COLUMNS": "200",
}
#: Prefect and the linear algebra read these when they are imported.
_BEFORE_IMPORTS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


@contextlib.contextmanager
def open_services(folder: Path) -> Iterator[dict[str, str]]:
    """Start the sandbox and a Prefect server; yield the settings that lead to the sandbox.

    Both are processes of their own: commands are forked from this one, which has no threads.
    """
    home = folder / "prefect"
    os.environ |= _BEFORE_IMPORTS | {
        "PREFECT_HOME": str(home),
        "PREFECT_LOCAL_STORAGE_PATH": str(home / "storage"),
    }
    with contextlib.ExitStack() as stack:
        program = str(Path(sys.executable).parent / "outreach")
        sandbox = stack.enter_context(
            _serve([program, "sandbox", "--port", "0"], folder, stdout=subprocess.PIPE)
        )
        assert sandbox.stdout is not None
        lines = _read_until(sandbox.stdout, b"Ctrl-C").decode()
        settings = dict(re.findall(r"export (OUTREACH_(?!HOME)\w+)=(\S+)", lines))

        port = int(settings["OUTREACH_API_URL"].rpartition(":")[2]) + 1
        os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
        stack.enter_context(
            _serve([sys.executable, "-m", "flows.engine.serving.server", str(port)], _ROOT)
        )
        _wait_for(f"http://127.0.0.1:{port}/api/health")
        yield settings


@contextlib.contextmanager
def _serve(
    command: list[str], folder: Path, stdout: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server for the time of the block."""
    process = subprocess.Popen(command, cwd=folder, stdout=stdout)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _read_until(stream: "Iterator[bytes]", word: bytes) -> bytes:
    """Read lines until one has a word."""
    lines = []
    for line in stream:
        lines.append(line)
        if word in line:
            break
    return b"".join(lines)


def _wait_for(address: str) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + 600
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=30):
            return
        time.sleep(0.3)
    raise TimeoutError(address)


def run_drills(
    moments: int, seed: int, names: Sequence[str], faults: Sequence[str], minutes: float
) -> "Figures":
    """Run the drills, and return their figures by fault and command.

    Parameters
    ----------
    moments
        How often the most frequent faults are tried for each command.
    seed
        Of all random choices.
    names, faults
        Which commands and faults; empty for all.
    minutes
        No new cell of the table is begun after so many.
    """
    from tests.drills.homes import COMMANDS, make_template  # noqa: PLC0415  see _BEFORE_IMPORTS

    figures: Figures = {}
    commands = [command for command in COMMANDS if command.name in names or not names]
    until = time.monotonic() + 60 * minutes
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="drills-")))
        env = dict(_ENVIRONMENT)
        if any(command.needs_services for command in commands):
            env |= stack.enter_context(open_services(folder))
        os.environ["DRILL_LOGS"] = str(folder / "logs")
        template, lived_in = folder / "template", folder / "lived in"
        for path in (folder / "logs", template):
            path.mkdir()

        # From here on the libraries are loaded.
        from tests.drills import faults as drills  # noqa: PLC0415

        _load_libraries(prefect="PREFECT_API_URL" in os.environ)
        _run_child(lambda: make_template(template))
        drills.live_in(commands, template, lived_in, env)
        for command in commands:
            ground = drills.open_ground(command, template, lived_in, folder / command.name, env)
            for fault, (drill, share) in drills.FAULTS.items():
                if (fault in faults or not faults) and time.monotonic() < until:
                    rng = random.Random(f"{seed} {command.name} {fault}")
                    score = ground.begin_score()
                    drill(ground, max(1, round(moments * share * command.share)), rng)
                    figures.setdefault(fault, {})[command.name] = score
                    _print_cell(ground, fault)
    return figures


def _load_libraries(*, prefect: bool) -> None:
    """Load what the commands load, so that a child begins with its work."""
    import flows.handout.mail  # noqa: PLC0415
    import flows.trial.measure  # noqa: PLC0415

    if prefect:
        import flows.campaign  # noqa: PLC0415
        import flows.handout.publish  # noqa: PLC0415
        import flows.handout.report  # noqa: F401, PLC0415


def _run_child(work: Callable[[], None]) -> None:
    """Do some work in a child, for it may start threads that a fork does not carry over."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _print_cell(ground: "Ground", fault: str) -> None:
    """Print the figures of one cell, and its first faults."""
    score = ground.score
    print(
        f"{ground.command.name:<9}{fault:<28}{score.survived:>4} of {score.tried:<4}"
        f" rows lost {score.rows_lost}, leftovers {score.leftovers},"
        f" tracebacks {score.tracebacks}",
        *score.faults[:5],
        sep="\n    ",
        flush=True,
    )


def main() -> None:
    """Run all drills, write the table, and exit with 1 if anything did not survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--moments", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--command", action="append", default=[])
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--json", type=Path, help="add the figures to this file")
    parser.add_argument("--document", action="store_true", help="write docs/reliability.md")
    chosen = parser.parse_args()
    figures = run_drills(chosen.moments, chosen.seed, chosen.command, chosen.fault, chosen.minutes)
    failed = any(score.faults for row in figures.values() for score in row.values())
    from tests.drills.table import add_figures, write_document  # noqa: PLC0415  see _BEFORE_IMPORTS

    if chosen.json:
        figures = add_figures(figures, chosen.json)
    if chosen.document:
        write_document(figures, chosen.seed)
    sys.exit(failed)


if __name__ == "__main__":
    main()
