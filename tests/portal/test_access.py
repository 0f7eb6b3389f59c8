"""Who comes in, and what is tried against the door."""

import json
import stat
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from outreach.errors import SettingsError
from outreach.portal.access.door import check_door, list_hosts
from outreach.portal.access.roles import Role
from outreach.portal.access.sign_on import read_sign_on
from outreach.portal.access.throttle import MOST_FAILURES, WINDOW_SECONDS, Throttle
from outreach.portal.access.users import UserBook
from outreach.portal.pages.sign_in import make_local
from outreach.settings import Settings
from tests.portal.conftest import PASSWORD, Enter, find_token, post, sign_in


def test_others_may_reach_only_a_portal_with_users(tmp_path: Path) -> None:
    check_door(Settings(home=tmp_path), "127.0.0.1")
    check_door(Settings(home=tmp_path), "::1")
    for host, address in (("0.0.0.0", ""), ("10.1.2.3", ""), ("127.0.0.1", "https://a.example")):
        with pytest.raises(SettingsError, match="it has no users yet"):
            check_door(Settings(home=tmp_path, portal_url=address), host)
    UserBook(tmp_path).add("ada", Role.ADMINISTRATOR, PASSWORD)
    check_door(Settings(home=tmp_path), "0.0.0.0")
    assert "a.example" in list_hosts("0.0.0.0", "https://a.example")


def test_one_person_at_this_machine_needs_no_sign_in(enter: Enter) -> None:
    client = enter(users=False)
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/me").json()["role"] == "administrator"


def test_a_stranger_sees_nothing_but_the_sign_in(enter: Enter, run_id: str) -> None:
    client = enter()
    for address in ("/", "/runs", f"/runs/{run_id}/map", "/people", "/data", "/nowhere"):
        answer = client.get(address)
        assert answer.status_code == 303, address
        assert answer.headers["location"].startswith("/sign-in"), address
    assert client.get(f"/runs/{run_id}?x=1").headers["location"] == (
        f"/sign-in?next=%2Fruns%2F{run_id}%3Fx%3D1"
    )
    assert client.get("/api/v1/runs").status_code == 401
    assert client.get("/metrics").status_code == 303
    assert client.get("/health").text == "ok"


def test_a_sign_in_leads_to_the_page_that_was_asked_for_and_ends_with_sign_out(
    enter: Enter, home: Path
) -> None:
    client = enter()
    answer = sign_in(client, "viewer", next_page="/runs?approved=yes")
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?approved=yes")
    assert client.get("/runs").status_code == 200
    assert post(client, "/sign-out").status_code == 303
    assert client.get("/runs").status_code == 303
    acts = [
        json.loads(line)
        for line in (home / "service" / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [act["act"] for act in acts] == ["signed in", "signed out"]
    assert {act["who"] for act in acts} == {"viewer"}


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:x",
        "/\n/x",
    ],
)
def test_a_sign_in_leads_nowhere_else(enter: Enter, address: str) -> None:
    assert make_local(address) == "/"
    answer = sign_in(enter(), "viewer", next_page=address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_session_before_the_sign_in_is_worth_nothing_after_it(enter: Enter) -> None:
    client = enter()
    client.get("/sign-in")
    before = client.cookies["outreach_session"]
    token = find_token(client.get("/sign-in").text)
    sign_in(client, "planner")
    assert client.cookies["outreach_session"] != before
    assert client.get("/api/v1/me").json()["token"] != token

    # The cookie from before the sign-in lets nobody in.
    other = TestClient(client.app, base_url="http://127.0.0.1", follow_redirects=False)
    other.cookies.set("outreach_session", before)
    assert other.get("/runs").status_code == 303


def test_a_session_ends_with_a_new_password_and_with_the_user(enter: Enter, home: Path) -> None:
    client = enter("viewer")
    UserBook(home).add("viewer", Role.VIEWER, "another long password")
    assert client.get("/runs").status_code == 303
    assert sign_in(client, "viewer").status_code == 401
    assert sign_in(client, "viewer", "another long password").status_code == 303
    UserBook(home).remove("viewer")
    assert client.get("/runs").status_code == 303


def test_a_changed_cookie_lets_nobody_in(enter: Enter) -> None:
    client = enter("viewer")
    cookie = client.cookies["outreach_session"]
    client.cookies.clear()
    client.cookies.set("outreach_session", "A" + cookie[1:])
    assert client.get("/runs").status_code == 303


def test_who_guesses_passwords_has_to_wait(enter: Enter, home: Path) -> None:
    client = enter()
    for _ in range(MOST_FAILURES):
        assert sign_in(client, "planner", "wrong password!").status_code == 401
    answer = sign_in(client, "planner")
    assert answer.status_code == 429
    assert "Too many tries" in answer.text
    text = (home / "service" / "audit.jsonl").read_text()
    assert text.count("sign-in refused") == MOST_FAILURES + 1
    assert "wrong password!" not in text
    assert PASSWORD not in text


def test_a_wait_ends_and_names_do_not_fill_the_memory() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for _ in range(MOST_FAILURES):
        assert throttle.find_wait("a", "b") == 0
        throttle.note_failure("a")
    assert throttle.find_wait("a", "b") == WINDOW_SECONDS
    assert throttle.find_wait("b") == 0
    now[0] = WINDOW_SECONDS + 1
    assert throttle.find_wait("a") == 0
    for number in range(25_000):
        throttle.note_failure(f"name {number}")
    assert len(throttle._failures) <= 10_001


def test_passwords_are_hashes_that_only_the_owner_reads(tmp_path: Path) -> None:
    book = UserBook(tmp_path)
    book.add("Ada", Role.PLANNER, PASSWORD)
    file = tmp_path / "service" / "users.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text()
    assert "$argon2id$" in file.read_text()
    found = book.check_password("aDA", PASSWORD)
    assert found is not None
    assert found.role == Role.PLANNER
    assert book.check_password("Ada", "wrong") is None
    assert book.check_password("nobody", PASSWORD) is None
    for name, password in (("Ada", "short"), ("a b", PASSWORD), ("../x", PASSWORD), ("", PASSWORD)):
        with pytest.raises(SettingsError):
            book.add(name, Role.VIEWER, password)
    assert [user.name for user in book.list_users()] == ["Ada"]


@pytest.mark.parametrize("header", ["X-Forwarded-User", "X-Remote-User", "Remote-User"])
def test_no_header_makes_anybody_somebody(enter: Enter, header: str) -> None:
    client = enter()
    assert client.get("/runs", headers={header: "administrator"}).status_code == 303
    spoofed = {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    assert client.get("/metrics", headers=spoofed).status_code == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example", "[x"]
)
def test_another_name_is_not_answered(enter: Enter, host: str) -> None:
    client = enter(users=False)
    answer = client.get("/runs", headers={"host": host})
    assert answer.status_code == 421
    assert "run" not in answer.text.split(".")[0].lower().replace("under", "")


def test_a_form_from_elsewhere_changes_nothing(enter: Enter, run_id: str, home: Path) -> None:
    client = enter("planner")
    address = f"/runs/{run_id}/approval"
    token = client.get("/api/v1/me").json()["token"]
    assert client.post(address, data={"by": "x"}).status_code == 403
    assert client.post(address, data={"token": "guess"}).status_code == 403
    evil = {"Origin": "https://evil.example"}
    assert client.post(address, data={"token": token}, headers=evil).status_code == 403
    assert client.post(address, data={"token": token, "x": "y" * 100_000}).status_code == 413
    assert client.post(f"/api/v1{address}", json={}).status_code == 403
    assert client.get(address).status_code == 405
    assert not (home / "runs" / "approvals").exists()


def test_cookies_are_for_https_only_behind_an_https_address(enter: Enter) -> None:
    client = enter(portal_url="https://census.example")
    answer = client.get("/sign-in", headers={"host": "census.example"})
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"]


def test_a_scraper_reads_the_figures_with_its_token_and_nothing_else(enter: Enter) -> None:
    client = enter(metrics_token="a token of the scraper")
    good = {"Authorization": "Bearer a token of the scraper"}
    answer = client.get("/metrics", headers=good)
    assert answer.status_code == 200
    assert "outreach_runs 2.0" in answer.text
    for wrong in ("Bearer", "Bearer ", "Bearer another token of 16", "a token", "Bearer \xe4"):
        headers = {"Authorization": wrong.encode("latin-1")}
        assert client.get("/metrics", headers=headers).status_code == 303, wrong
    assert client.get("/runs", headers=good).status_code == 303
    # Without a token in the settings no token is right, not even an empty one.
    assert enter().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 303
    with pytest.raises(ValueError, match="at least 16"):
        Settings(metrics_token=SecretStr("short"))


def test_only_a_trusted_proxy_says_who_asks(enter: Enter) -> None:
    named = {"X-Sign-On": "Planner"}
    client = enter(sign_on_header="X-Sign-On", trusted_proxies="10.0.0.0/8, 127.0.0.1")
    assert client.get("/api/v1/me", headers=named).json()["name"] == "planner"
    assert client.get("/people", headers=named).status_code == 403
    assert client.get("/runs").status_code == 303
    assert client.get("/runs", headers={"X-Sign-On": "nobody"}).status_code == 303
    assert client.get("/runs", headers={"X-Sign-On": ""}).status_code == 303
    twice = [("X-Sign-On", "viewer"), ("X-Sign-On", "administrator")]
    assert client.get("/runs", headers=twice).status_code == 403

    # From any other address the header is refused, whatever other headers say.
    other = enter(sign_on_header="X-Sign-On", trusted_proxies="10.0.0.0/8")
    spoofed = named | {"X-Forwarded-For": "10.0.0.1"}
    answer = other.get("/runs", headers=spoofed)
    assert (answer.status_code, answer.text) == (403, "Only the trusted proxy may say who asks.")
    assert other.get("/runs").status_code == 303

    # Behind a proxy nobody is an administrator for want of users.
    empty = enter(users=False, sign_on_header="X-Sign-On", trusted_proxies="127.0.0.1")
    assert empty.get("/runs").status_code == 303


@pytest.mark.parametrize(
    ("proxies", "sentence"), [("", "no proxy is trusted"), ("10.0.0.1/8", "which is no address")]
)
def test_a_wrong_proxy_is_one_sentence(tmp_path: Path, proxies: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        read_sign_on(Settings(home=tmp_path, sign_on_header="X-User", trusted_proxies=proxies))
