"""The service as one command: it comes up, comes back, stays private, and ends in order."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox

EXAMPLE = Path(__file__).parents[2] / "outreach" / "examples" / "invented_county.toml"
OUTREACH = str(Path(sys.executable).parent / "outreach")


class Service:
    """A running service: its addresses, its children, and what it said."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.home = folder / "home"
        (self.home / "campaigns").mkdir(parents=True, exist_ok=True)
        (self.home / "campaigns" / "county.toml").write_text(EXAMPLE.read_text(encoding="utf-8"))
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("OUTREACH_", "PREFECT_"))
        } | {"OUTREACH_HOME": str(self.home), **env}
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [OUTREACH, "serve", "--port", "0"],
            env=self.env,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.said += self.process.stdout
        self.process.stdout.close()

    def find_address(self, name: str) -> str:
        text = "".join(self.said)
        return re.findall(rf"{name}: +(http://[\d.:]+)/", text)[0]

    def find_child(self, module: str) -> int:
        """Return the process ID of a child by the module that it runs."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                words = (folder / "cmdline").read_bytes().decode().split("\0")
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid and module in words:
                    return int(folder.name)
        return 0

    def get(self, address: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""
        except OSError:
            return 0, ""


def wait(is_so: Callable[[], Any], seconds: float = 600) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.3)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Sandbox(InventedCounty()) as sandbox:
        running = Service(
            tmp_path,
            {
                "OUTREACH_API_URL": sandbox.url,
                "OUTREACH_FILES_URL": sandbox.url,
                "OUTREACH_CENSUS_API_KEY": sandbox.key,
            },
        )
        try:
            yield running
        finally:
            if running.process.poll() is None:
                running.process.kill()
            running.process.wait()


@pytest.mark.slow
def test_the_service_comes_up_comes_back_and_ends_in_order(service: Service) -> None:
    wait(lambda: any("ready" in line for line in service.said) or service.process.poll())
    assert service.process.poll() is None, "".join(service.said)
    portal, prefect = service.find_address("Portal"), service.find_address("Prefect")
    assert service.get(f"{portal}/ready") == (200, "ready")
    assert "Invented County" in service.get(f"{portal}/")[1]
    offers = json.loads(service.get(f"{portal}/api/v1/offers")[1])
    assert {"flow": "run-campaign", "name": "county"}.items() <= offers[-1].items() or any(
        offer["flow"] == "run-campaign" and offer["name"] == "county" for offer in offers
    )

    # Prefect's own interface needs its own password.
    assert service.get(f"{prefect}/api/flows/count")[0] in (401, 405)
    secret = service.home / "service" / "prefect-sign-in"
    assert secret.stat().st_mode & 0o077 == 0

    # A second service of the same folder is refused.
    second = subprocess.run(
        [OUTREACH, "serve", "--port", "0"],
        env=service.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "runs already" in second.stderr

    # Whichever child is killed is started again.
    for module in ("outreach.portal", "flows.serve"):
        killed = service.find_child(module)
        assert killed
        os.kill(killed, signal.SIGKILL)
        wait(lambda: service.find_child(module) not in (0, killed))  # noqa: B023  used at once
    wait(lambda: service.get(f"{portal}/ready") == (200, "ready"))
    assert sum("is started again" in line for line in service.said) == 2

    # An orderly stop leaves nothing running.
    children = [
        service.find_child(module)
        for module in ("flows.engine.serving.server", "flows.serve", "outreach.portal")
    ]
    service.process.terminate()
    assert service.process.wait(120) == 128 + signal.SIGTERM
    wait(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    assert "Stopped." in service.said[-1]


@pytest.mark.slow
def test_a_killed_service_leaves_no_process(service: Service) -> None:
    wait(lambda: service.find_child("flows.engine.serving.server"))
    child = service.find_child("flows.engine.serving.server")
    time.sleep(2)
    service.process.kill()
    service.process.wait()
    wait(lambda: not Path(f"/proc/{child}").exists())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--host", "0.0.0.0"), "Others can reach the portal on 0.0.0.0, and it has no users yet."),
        (("--host", "192.0.2.1"), "it has no users yet"),
    ],
)
def test_strangers_are_not_served_without_users(
    inside: Any, arguments: tuple[str, ...], sentence: str
) -> None:
    done = inside("serve", *arguments)
    assert done.returncode == 1
    assert sentence in done.stderr


def test_users_are_added_listed_and_removed(inside: Any) -> None:
    def add(password: str, name: str = "ada") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [OUTREACH, "users", "add", name, "--role", "planner", "--password-stdin"],
            env=inside.env,
            cwd=inside.folder,
            input=password + "\n",
            capture_output=True,
            text=True,
            check=False,
        )

    assert "No user yet" in inside("users", "list").stdout
    short = add("short")
    assert (short.returncode, short.stderr.split(".")[0]) == (
        1,
        "Error: The password has 5 characters",
    )
    assert add("a long enough password").stdout == "ada can sign in as planner.\n"
    listed = json.loads(inside("users", "list", "--json").stdout)
    assert listed == {"users": [{"name": "ada", "role": "planner"}], "damaged": []}
    strange = inside("serve", "--host", "192.0.2.1")
    assert "cannot answer on the address 192.0.2.1" in strange.stderr or (
        "cannot answer on 192.0.2.1" in strange.stderr
    )
    assert inside("users", "remove", "ada").returncode == 0
    assert "There is no user 'ada'" in inside("users", "remove", "ada").stderr
