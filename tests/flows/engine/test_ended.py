"""How a job ended is said in our words, whoever ended it, and only for those that failed."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.states import Completed, Crashed, Failed

from flows.engine.serving.ended import explain_end
from flows.engine.serving.left_jobs import JobWatch
from flows.engine.serving.workers import list_engine_children
from outreach.files.lock import take_lock


@pytest.mark.parametrize(
    ("message", "beginning"),
    [
        (
            "Flow run encountered an exception: PrefectHTTPStatusError: Server error '500'\nGone",
            "Prefect's server or its database was away",
        ),
        (
            "Request to http://127.0.0.1:1/api failed: ConnectError: refused.",
            "Prefect's server or its database was away",
        ),
        (
            "Execution was interrupted by an unexpected exception: ConnectError: refused",
            "Prefect's server or its database was away",
        ),
        (
            "Process exited with status code: -9. The process was killed by SIGKILL.",
            "The process of this job ended before",
        ),
        ("Execution was aborted by a termination signal.", "This job was stopped from outside"),
        ("Flow run encountered an exception: KeyError: 'a'", "This job met a fault"),
        ("The run town is not there. Name another one.", "The run town is not there."),
    ],
)
def test_a_failure_is_in_our_words(message: str, beginning: str) -> None:
    for state in (Failed(message=message), Crashed(message=message)):
        assert explain_end(state).startswith(beginning)
        assert explain_end(state).endswith(".")
    assert explain_end(Completed(message=message)) == message
    assert explain_end(None) == ""


def test_a_killed_process_lets_go_of_its_job(tmp_path: Path) -> None:
    folder = tmp_path / "service" / "jobs"
    folder.mkdir(parents=True)
    job = uuid4()
    path = folder / f"{job}.lock"
    code = (
        "import fcntl, os, sys, time\n"
        f"fcntl.flock(os.open({str(path)!r}, os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert take_lock(path) is None
        assert JobWatch(tmp_path)._find_held() == {job}
        os.kill(process.pid, signal.SIGKILL)
    assert JobWatch(tmp_path)._find_held() == set()
    assert not path.exists()


def test_jobs_outlast_a_database_that_is_away(tmp_path: Path) -> None:
    env = {"PREFECT_API_URL": "http://127.0.0.1:1/api"}
    server, flows = list_engine_children(tmp_path, env, 1)
    assert flows.env == {"PREFECT_CLIENT_RETRY_EXTRA_CODES": "500"}
    assert server.env == {}
