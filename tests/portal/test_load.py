"""How quickly the portal answers many readers of maps at once."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest

from tests.portal.conftest import URL, sign_in
from tests.portal.readers import Reading, read_at_once


@pytest.fixture
def portal(home: Path) -> Iterator[tuple[int, str]]:
    """Serve a portal in a process of its own; return its port and the cookie of a session."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = os.environ | {"OUTREACH_HOME": str(home)}
    with (home / "portal.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "outreach.portal", "127.0.0.1", str(port)],
            env=env,
            stdout=log,
            stderr=log,
        )
    until = time.monotonic() + 300
    while True:
        try:
            with urllib.request.urlopen(f"{URL}:{port}/health", timeout=5):
                break
        except OSError:
            assert process.poll() is None, (home / "portal.log").read_text()[-3000:]
            assert time.monotonic() < until
            time.sleep(0.2)
    with httpx2.Client(base_url=f"{URL}:{port}", timeout=60) as client:
        assert sign_in(client, "viewer").status_code == 303  # type: ignore[arg-type]
        cookie = f"outreach_session={client.cookies['outreach_session']}"
    yield port, cookie
    process.terminate()
    process.wait(60)


def describe(readers: int, reading: Reading) -> str:
    """Return the figures in a line."""
    parts = [
        f"{name} p50 {np.percentile(seconds, 50) * 1e3:.0f} ms,"
        f" p99 {np.percentile(seconds, 99) * 1e3:.0f} ms ({len(seconds)})"
        for name, seconds in (("whole", reading.whole_seconds), ("known", reading.known_seconds))
        if seconds
    ]
    return (
        f"{readers} readers: {'; '.join(parts)}; {reading.megabytes:.0f} MB,"
        f" faults {len(reading.faults)}"
    )


@pytest.mark.bench
def test_many_readers_of_a_map_are_served_at_once(portal: tuple[int, str], run_id: str) -> None:
    """The aim: 50 readers p99 under 200 ms, and 500 for a minute without an error."""
    port, cookie = portal
    path = f"/runs/{run_id}/map"
    read_at_once(port, path, cookie, 1, 3)
    alone = read_at_once(port, path, cookie, 1, 10)
    fifty = read_at_once(port, path, cookie, 50, 20)
    crowd = read_at_once(port, path, cookie, 500, 60)
    for readers, reading in ((1, alone), (50, fifty), (500, crowd)):
        print(describe(readers, reading), f"load {os.getloadavg()[0]:.1f}", *reading.faults[:3])
        assert not reading.faults
    ratio = np.percentile(fifty.whole_seconds, 99) / np.percentile(alone.whole_seconds, 50)
    print(f"p99 of 50 readers is {ratio:.1f} times the median of one")
