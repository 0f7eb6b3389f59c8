"""Users, audit log, and notices in a real PostgreSQL server, shared by several portals."""

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from outreach.errors import SettingsError
from outreach.portal.access.audit import Act, open_audit_log
from outreach.portal.access.door import check_door
from outreach.portal.access.move import move_into_database
from outreach.portal.access.roles import Role
from outreach.portal.access.user_records import User
from outreach.portal.access.users import UserBook
from outreach.portal.app import make_app
from outreach.settings import Settings, read_settings
from outreach.store import Database, Notice, NoticeBook, NoticeKind
from tests.portal.conftest import PASSWORD, URL, post, sign_in
from tests.postgres import PostgresServer

NOW = dt.datetime(2030, 4, 1, 15, tzinfo=dt.UTC)


@pytest.fixture
def address(postgres: PostgresServer, tmp_path: Path) -> str:
    """Return the address of a database of the test's own."""
    return postgres.make_database(tmp_path.name)


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    """Return an empty database."""
    opened = Database(address)
    yield opened
    opened.close()


def make_act(what: str) -> Act:
    return Act(at=NOW, who="ada", role="planner", act="approves", what=what)


def test_users_and_acts_are_the_same_for_two_services(
    address: str, database: Database, tmp_path: Path
) -> None:
    other = Database(address)
    book, same = UserBook(tmp_path / "one", database), UserBook(tmp_path / "two", other)
    book.add("Ada", Role.PLANNER, PASSWORD)
    user = same.check_password("ada", PASSWORD)
    assert user is not None
    assert (user.name, user.role) == ("Ada", Role.PLANNER)
    same.add("ADA", Role.VIEWER, PASSWORD)
    assert [(one.name, one.role) for one in book.list_users()] == [("ADA", Role.VIEWER)]
    with pytest.raises(SettingsError, match="no user 'bea'"):
        book.remove("bea")
    book.remove("ada")
    assert not same.has_users()

    log, copy = (open_audit_log(tmp_path, one) for one in (database, other))
    for what in ("a", "b", "c"):
        log.append(make_act(what))
    assert [act.what for act in copy.read(2)] == ["c", "b"]
    assert [act.what for act in copy.read()] == ["c", "b", "a"]
    notices = NoticeBook(tmp_path, other)
    notice = Notice(
        key="k", kind=NoticeKind.LATE, at=NOW, title="Late", what="No rates.", todo="Wait."
    )
    assert [notices.add(notice), NoticeBook(tmp_path, database).add(notice)] == [True, False]
    assert not list(tmp_path.iterdir())
    other.close()


def test_nobody_can_change_a_line_of_a_journal(
    address: str, database: Database, tmp_path: Path
) -> None:
    open_audit_log(tmp_path, database).append(make_act("a"))
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in (
            "UPDATE outreach.journal SET record = ''",
            "DELETE FROM outreach.journal",
            "TRUNCATE outreach.journal",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="only added to"):
                connection.execute(statement)
    assert len(open_audit_log(tmp_path, database).read()) == 1


def test_many_writers_lose_no_user_and_no_act(
    address: str, database: Database, tmp_path: Path
) -> None:
    """The first ones make the tables at the same time."""
    services = [Database(address) for _ in range(4)]

    def work(number: int) -> None:
        with UserBook(tmp_path, services[number])._records.change() as users:
            user = User(name=f"user{number}", role=Role.VIEWER, password_hash="x", stamp="y")
            users[user.name] = user
        log = open_audit_log(tmp_path, services[number])
        for each in range(5):
            log.append(make_act(f"{number} {each}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book = UserBook(tmp_path, database)
    assert [user.name for user in book.list_users()] == [f"user{n}" for n in range(4)]
    acts = open_audit_log(tmp_path, database).read()
    assert sorted(act.what for act in acts) == [
        f"{n} {each}" for n in range(4) for each in range(5)
    ]
    for service in services:
        service.close()


def test_a_change_that_fails_halfway_changes_nothing(database: Database, tmp_path: Path) -> None:
    book = UserBook(tmp_path, database)
    book.add("ada", Role.VIEWER, PASSWORD)
    with pytest.raises(ZeroDivisionError), book._records.change() as users:
        users.clear()
        raise ZeroDivisionError
    assert book.has_users()


def test_the_portal_goes_on_once_a_killed_database_is_back(
    postgres: PostgresServer, address: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outreach.store.database._WAIT_SECONDS", 0.5)
    settings = Settings(home=home, database=SecretStr(address))
    with pytest.raises(SettingsError, match=r"has users, and the database .* has none"):
        check_door(settings, "127.0.0.1")
    done = Database(address)
    assert move_into_database(home, done)[0] == len(Role)
    with pytest.raises(SettingsError, match="has users already"):
        move_into_database(home, done)
    done.close()
    (home / "service" / "users.json").unlink()
    check_door(settings, "0.0.0.0")

    app = make_app(settings)
    with TestClient(app, base_url=URL, follow_redirects=False, client=("127.0.0.1", 9)) as client:
        assert sign_in(client, "planner").status_code == 303
        run_id = client.get("/api/v1/runs").json()[0]["id"]
        postgres.kill()
        failed = client.get("/api/v1/runs")
        assert failed.status_code == 503
        assert "does not answer" in failed.json()["error"]
        assert "only-for-tests" not in failed.text
        postgres.start()
        assert post(client, f"/runs/{run_id}/approval", accept="yes").status_code == 303
    acts = [act.act for act in open_audit_log(home, app.state.desk.database).read()]
    assert acts[:2] == ["approves", "signed in"]
    assert not (home / "service" / "audit.jsonl").exists()


def test_tables_of_a_newer_version_are_refused(
    address: str, database: Database, tmp_path: Path
) -> None:
    assert not UserBook(tmp_path, database).has_users()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("UPDATE outreach.format SET number = 99")
    newer = Database(address)
    with pytest.raises(SettingsError, match="A newer version of the service made the tables"):
        UserBook(tmp_path, newer).list_users()
    newer.close()


def test_a_damaged_row_is_one_sentence(address: str, database: Database, tmp_path: Path) -> None:
    UserBook(tmp_path, database).add("ada", Role.VIEWER, PASSWORD)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("UPDATE outreach.users SET record = '{'")
    with pytest.raises(SettingsError, match=r"A user in the database .* cannot be read"):
        UserBook(tmp_path, database).list_users()


@pytest.mark.parametrize(
    "text", ["sqlite:///x.db", "postgresql://host/name", "postgresql://u:p@host/name?x=1", "x"]
)
def test_an_address_that_is_none_is_one_sentence(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_DATABASE", text)
    with pytest.raises(SettingsError, match="OUTREACH_DATABASE is not the address") as fault:
        read_settings().find_database()
    assert text not in str(fault.value) or text == "x"


def test_a_downloaded_env_file_cannot_choose_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("OUTREACH_DATABASE=postgresql://u:p@evil.example/name\n")
    with pytest.raises(SettingsError, match="would send the users and the audit log"):
        read_settings().find_database()
