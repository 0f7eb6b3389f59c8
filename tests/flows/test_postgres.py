"""Prefect on a real PostgreSQL server, as the service sets it up, and its workers."""

import datetime as dt
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.engine.outcome import check_pool
from flows.engine.serving.service import DATABASE_NAMES, make_environment
from flows.engine.serving.workers import (
    check_workers,
    list_engine_children,
    lock_worker,
    place_ready,
)
from flows.serve import _serve_as_worker, make_deployments
from outreach.cli import cli
from outreach.errors import SettingsError
from outreach.settings import Settings

POSTGRES = "postgresql://u:p@db.example:5432/name"


def test_prefect_keeps_what_is_offered_in_the_database(
    prefect_api: str, prefect_database: str, tmp_path: Path
) -> None:
    """The Prefect of all these tests is on PostgreSQL where a server is installed."""
    if not prefect_database:
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    offers = make_deployments({}, Settings(home=tmp_path), dt.date(2030, 4, 1))
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        for offer in offers:
            offer.apply()
    with psycopg.connect(prefect_database) as connection:
        rows = connection.execute("SELECT id FROM deployment").fetchall()
    assert len(rows) >= len(offers) > 0


def test_the_drivers_read_the_same_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    address = "postgresql://u:p%40@db.example:5433/name?sslmode=verify-full"
    name = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
    env = make_environment(tmp_path, 4200, address)
    assert env[name] == "postgresql+asyncpg://u:p%40@db.example:5433/name?ssl=verify-full"
    assert name not in make_environment(tmp_path, 4200)
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", "sqlite+aiosqlite:///x.db")
    assert name not in make_environment(tmp_path, 4200, address)


def test_one_worker_more_than_there_may_be_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lock_worker(tmp_path, 1) as first:
        assert first == 1
        with pytest.raises(SettingsError, match="Another worker serves the flows of the folder"):
            _serve_as_worker(Settings(home=tmp_path))
        with lock_worker(tmp_path, 2) as second:
            assert second == 2
            monkeypatch.setenv("OUTREACH_DATABASE", POSTGRES)
            with pytest.raises(SettingsError, match="2 other workers serve the flows of"):
                _serve_as_worker(Settings(home=tmp_path, workers=2))
        # A worker that is gone leaves its place to the next one.
        with lock_worker(tmp_path, 2) as second:
            assert second == 2


@pytest.mark.parametrize("name", ["", *DATABASE_NAMES])
def test_several_workers_on_sqlite_are_refused_in_one_sentence(name: str) -> None:
    env = {name: "sqlite+aiosqlite:///x.db"} if name else {}
    check_workers(1, env, "")
    # What Prefect's own variables name wins, as it does for the server.
    with pytest.raises(SettingsError, match=r"^2 workers cannot share a database of SQLite: it "):
        check_workers(2, env, POSTGRES if name else "")
    check_workers(2, {}, POSTGRES)
    named = {name or DATABASE_NAMES[0]: POSTGRES.replace("://", "+asyncpg://")}
    check_workers(2, named, "")


def test_the_command_refuses_several_workers_on_sqlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_HOME", str(tmp_path / "home"))
    for arguments, workers in ((["--workers", "3"], "1"), ([], "3")):
        monkeypatch.setenv("OUTREACH_WORKERS", workers)
        done = CliRunner().invoke(cli, ["serve", "--port", "0", *arguments])
        assert isinstance(done.exception, SettingsError)
        sentence = str(done.exception)
        assert sentence.startswith("3 workers cannot share a database of SQLite")
        assert "Set OUTREACH_DATABASE to a database of PostgreSQL" in sentence
    assert not (tmp_path / "home").exists()


def test_each_worker_is_a_process_with_a_log_and_a_file_of_its_own(tmp_path: Path) -> None:
    env = {"PREFECT_API_URL": "http://127.0.0.1:4200/api"}
    children = list_engine_children(tmp_path, env, 4200, workers=3)
    assert [child.name for child in children] == ["prefect", "flows", "flows-2", "flows-3"]
    assert {child.env["OUTREACH_WORKERS"] for child in children[1:]} == {"3"}
    place_ready(tmp_path, 2).parent.mkdir()
    place_ready(tmp_path, 2).touch()
    assert [child.is_ready() for child in children[1:]] == [False, True, False]


def test_a_job_of_a_work_pool_with_two_workers_on_sqlite_is_refused(
    prefect_api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = "two-workers"
    with temporary_settings({PREFECT_API_URL: prefect_api}), get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        flow = client.create_flow_from_name("two-workers")
        deployment = client.create_deployment(flow, "one", work_pool_name=pool)
        job = client.create_flow_run_from_deployment(deployment).id
        client.send_worker_heartbeat(pool, "first")
        check_pool(Settings(home=tmp_path), job)
        client.send_worker_heartbeat(pool, "second")
        with pytest.raises(SettingsError, match="2 workers cannot share a database of SQLite"):
            check_pool(Settings(home=tmp_path), job)
        monkeypatch.setenv("OUTREACH_DATABASE", POSTGRES)
        check_pool(Settings(home=tmp_path), job)
        client.delete_flow_run(job)
        client.delete_deployment(deployment)
        client.delete_work_pool(pool)
