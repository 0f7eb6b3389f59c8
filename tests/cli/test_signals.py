"""Every signal that asks a command to end stops it in order, with nothing left behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "outreach" / "examples"


def wait_for(is_true: Callable[[], object], seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def list_processes(home: Path) -> list[int]:
    """Return the processes of a service's folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"OUTREACH_HOME={home}\0".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


@contextlib.contextmanager
def handle_signals(ignored: int | None) -> Iterator[None]:
    """Let what is started in the block have no signal ignored but one, whoever started us."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    earlier = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        signal.signal(number, signal.SIG_IGN if number == ignored else signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


@pytest.mark.parametrize(
    ("name", "is_in_background", "has_own_server"),
    [
        ("SIGTERM", False, False),
        ("SIGHUP", False, False),
        ("SIGINT", False, True),
        ("SIGTERM", True, True),
    ],
    ids=["SIGTERM", "SIGHUP", "SIGINT", "SIGTERM in the background of a script"],
)
def test_a_signal_stops_a_run_that_waits_for_a_service_and_its_own_server(
    name: str,
    outreach: Any,
    misbehave: Callable[..., None],
    address: dict[str, str],
    *,
    is_in_background: bool,
    has_own_server: bool,
) -> None:
    text = (EXAMPLES / "invented_county.toml").read_text(encoding="utf-8")
    (outreach.folder / "campaign.toml").write_text(text, encoding="utf-8")
    # The service answers after ten minutes: an orderly end does not wait for its threads.
    misbehave("slow=600:/data/*")
    with handle_signals(ignored=signal.SIGINT if is_in_background else None):
        own = {"PREFECT_API_URL": ""} if has_own_server else {}
        process = outreach.start("run", "campaign.toml", **address | own)
    wait_for(lambda: list((outreach.home / "runs").glob(".building-*")))
    time.sleep(1)
    assert len(list_processes(outreach.home)) == 1 + has_own_server
    number = getattr(signal, name)
    process.send_signal(number)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 128 + number, out + err
    assert err.strip() == "Stopped. The last complete run is unchanged."
    assert list((outreach.home / "runs").iterdir()) == []
    wait_for(lambda: list_processes(outreach.home) == [])


def test_a_signal_that_is_ignored_stays_ignored(
    outreach: Any, misbehave: Callable[..., None], address: dict[str, str]
) -> None:
    misbehave("slow=3:/data/*")
    earlier = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does for its command
    try:
        process = outreach.start("doctor", **address)
    finally:
        signal.signal(signal.SIGHUP, earlier)
    while b"outreach" not in Path(f"/proc/{process.pid}/cmdline").read_bytes():
        time.sleep(0.01)
    for _ in range(10):
        time.sleep(0.2)
        process.send_signal(signal.SIGHUP)
    process.communicate(timeout=300)
    assert process.returncode == 0


def test_a_reader_that_closes_the_pipe_is_no_traceback(outreach: Any) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [str(Path(sys.executable).parent / "outreach"), "--help"],
        env=outreach.env,
        cwd=outreach.folder,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == ""


@pytest.mark.parametrize("most", [8, 20, 63])
def test_too_few_open_files_are_one_sentence(most: int, outreach: Any) -> None:
    # The limit is set once Python has started, which takes some files itself.
    code = "import resource, sys; sys.argv = ['outreach', 'runs']; from outreach.cli import main"
    code += f"; resource.setrlimit(resource.RLIMIT_NOFILE, ({most}, {most})); main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=outreach.env,
        cwd=outreach.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: This machine lets a command open {most} files at once")
    assert "ulimit -n 256" in done.stderr
    assert len(done.stderr.splitlines()) == 1
