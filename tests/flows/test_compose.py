"""The containers run the very processes, addresses, and checks that run here without containers."""

import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from dockerfile_parse import DockerfileParser

from flows.engine.serving.service import make_environment
from flows.engine.serving.workers import list_engine_children, place_ready
from outreach.portal.access.roles import Role
from outreach.portal.access.users import UserBook
from outreach.settings import Settings
from outreach.store import Database
from tests.conftest import _find_free_port
from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
#: What a person sets before the start.
GIVEN = {
    "DATABASE_PASSWORD": "only-for-tests",
    "PREFECT_PASSWORD": "only-for-tests-too",
    "OUTREACH_PORTAL_URL": "https://census.example.gov",
    "OUTREACH_CENSUS_API_KEY": "invented",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """Return the file with what a person sets put in, as a container engine reads it."""

    def fill(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: fill(value) for name, value in part.items()}
        if isinstance(part, list):
            return [fill(value) for value in part]
        if not isinstance(part, str):
            return part
        return re.sub(r"\$\{(\w+)(?::[?-][^}]*)?\}", lambda found: GIVEN.get(found[1], ""), part)

    read: dict[str, Any] = fill(yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8")))
    return read


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """Return the steps of the image."""
    parser = DockerfileParser(path=str(tmp_path_factory.mktemp("image")))
    parser.content = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    steps: list[dict[str, str]] = parser.structure
    return steps


def test_the_containers_run_the_processes_of_the_service(
    compose: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "DO_NOT"))]:
        monkeypatch.delenv(name)
    services = compose["services"]
    database = services["worker"]["environment"]["OUTREACH_DATABASE"]
    env = make_environment(tmp_path, 4200, database)
    server, flows = list_engine_children(tmp_path, env, 4200)
    python = ["python"]
    assert services["server"]["command"] == [*python, *server.command, "0.0.0.0"]
    assert services["worker"]["command"] == [*python, *flows.command]
    assert services["portal"]["command"] == [*python, "-m", "outreach.portal", "0.0.0.0", "8020"]

    # Their environment is that of the service, but for the folder, the names, and the password.
    secret = f"outreach:{GIVEN['PREFECT_PASSWORD']}"
    for name, service in services.items():
        if name == "database":
            continue
        for key, value in env.items():
            if os.environ.get(key) == value:
                continue
            expected = value.replace(str(tmp_path), "/data")
            if key.endswith("AUTH_STRING"):
                expected = secret
            if key == "PREFECT_API_URL":
                expected = "http://server:4200/api"
            if key.startswith("PREFECT_SERVER_") and key not in service["environment"]:
                assert name != "server", key
                continue
            assert service["environment"].get(key) == expected, (name, key)


def test_the_containers_start_in_order_and_only_the_portal_can_be_reached(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    assert set(services) == {"database", "server", "worker", "portal"}
    assert [name for name, service in services.items() if "ports" in service] == ["portal"]
    assert services["portal"]["ports"] == ["127.0.0.1:8020:8020"]
    for name, service in services.items():
        for other, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}, (name, other)
            assert services[other]["healthcheck"]
        for volume in service["volumes"]:
            assert volume.split(":")[0] in compose["volumes"]
    assert services["worker"]["healthcheck"]["test"][-1] == str(place_ready(Path("/data"), 1))
    known = {f"OUTREACH_{name.upper()}" for name in Settings.model_fields} | {"OUTREACH_SERVED"}
    named = {name for name in services["portal"]["environment"] if name.startswith("OUTREACH_")}
    assert named <= known


def test_the_image_has_what_the_project_needs_and_no_more(
    dockerfile: list[dict[str, str]],
) -> None:
    steps = [(step["instruction"], step["value"]) for step in dockerfile]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    copied = [
        part
        for instruction, value in steps
        if instruction == "COPY" and "--from" not in value
        for part in value.split()[:-1]
    ]
    assert all((ROOT / path).exists() for path in copied)
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= set(copied)
    runs = " ".join(value for instruction, value in steps if instruction == "RUN")
    assert set(re.findall(r"--extra ([\w-]+)", runs)) == {"database", "sign-on", "storage"}
    assert set(re.findall(r"--extra ([\w-]+)", runs)) <= set(
        project["project"]["optional-dependencies"]
    )
    version = re.search(r"UV_VERSION := (\S+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert version is not None
    assert f"uv=={version[1]}" in runs
    assert "--frozen --no-dev" in runs
    bases = {value.split()[0] for instruction, value in steps if instruction == "FROM"}
    assert bases == {"python:3.13-slim-bookworm"}
    users = [value for instruction, value in steps if instruction == "USER"]
    assert users == ["outreach"]


@contextmanager
def run_container(
    service: dict[str, Any], places: dict[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the command of a container as a process of this machine."""

    def move(text: str) -> str:
        pattern = "|".join(re.escape(name) for name in places)
        return re.sub(pattern, lambda found: places[found[0]], text)

    env = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    env |= {name: move(value) for name, value in service["environment"].items()}
    command = [sys.executable, *(move(word) for word in service["command"][1:])]
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=log.parent)
    try:
        check = [move(word) for word in service["healthcheck"]["test"][1:]]
        check[0] = check[0].replace("python", sys.executable)
        until = time.monotonic() + 600
        while subprocess.run(check, capture_output=True, check=False).returncode:
            assert process.poll() is None, log.read_text(errors="replace")[-3000:]
            assert time.monotonic() < until, log.read_text(errors="replace")[-3000:]
            time.sleep(0.5)
        yield process
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.bench
def test_the_commands_and_checks_of_the_containers_work(
    compose: dict[str, Any], postgres: PostgresServer, tmp_path: Path
) -> None:
    """Each container's command runs as a process here, until its own health check is content."""
    services = compose["services"]
    (tmp_path / "data" / "campaigns").mkdir(parents=True)
    example = ROOT / "outreach" / "examples" / "invented_county.toml"
    (tmp_path / "data" / "campaigns" / "county.toml").write_text(example.read_text())
    database = postgres.make_database("containers")
    ports = [str(_find_free_port()) for _ in range(2)]
    places = {
        "database:5432/outreach": database.rpartition("@")[2],
        "server:4200": f"127.0.0.1:{ports[0]}",
        "4200": ports[0],
        "8020": ports[1],
        "0.0.0.0": "127.0.0.1",
        "/data": str(tmp_path / "data"),
    }
    opened = Database(database)
    UserBook(tmp_path / "data", opened).add("ada", Role.ADMINISTRATOR, "correct horse battery")
    opened.close()
    with ExitStack() as stack:
        for name in ("server", "worker", "portal"):
            log = tmp_path / f"{name}.log"
            stack.enter_context(run_container(services[name], places, log))
        ready = f'import urllib.request as u; u.urlopen("http://127.0.0.1:{ports[1]}/ready")'
        subprocess.run([sys.executable, "-c", ready], check=True)
    assert not list((tmp_path / "data").rglob("prefect.db"))
