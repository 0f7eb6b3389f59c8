"""Prefect on a real PostgreSQL server, as the service sets it up, and one worker only."""

import datetime as dt
from pathlib import Path

import psycopg
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.engine.serving.service import FLOWS_LOCK, lock_service, make_environment
from flows.serve import _serve_alone, make_deployments
from outreach.errors import SettingsError
from outreach.settings import Settings


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


def test_a_second_worker_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with (
        lock_service(tmp_path, FLOWS_LOCK),
        pytest.raises(SettingsError, match="Another worker serves the flows of the folder"),
    ):
        _serve_alone(Settings(home=tmp_path))
