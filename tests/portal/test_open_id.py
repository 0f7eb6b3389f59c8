"""Sign-in with a real provider on this machine, and what is tried against it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from outreach.errors import SettingsError
from outreach.portal.access.door import check_door
from outreach.portal.access.open_id import RETURN, read_open_id
from outreach.portal.access.roles import Role
from outreach.portal.access.users import UserBook
from outreach.portal.app import make_app
from outreach.settings import Settings, read_settings
from tests.portal.conftest import PASSWORD, URL, sign_in
from tests.portal.provider import CLIENT, SECRET, Provider

ADA = {"email": "ada@chicago.gov", "email_verified": True, "groups": ["staff", "census-planners"]}
ROLES = "viewer=staff,planner=census-planners,administrator=census-admins"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider(**ADA) as running:
        yield running


def make_settings(home: Path, provider: Provider, **others: Any) -> Settings:
    values: dict[str, Any] = {
        "home": home,
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "oidc_role_claim": "groups",
        "oidc_roles": ROLES,
    }
    return Settings(**(values | others))


def open_portal(settings: Settings) -> TestClient:
    app = make_app(settings)
    return TestClient(app, base_url=URL, follow_redirects=False, client=("127.0.0.1", 9))


def come_back(client: TestClient, provider: Provider, target: str = "/") -> Any:
    """Go to the provider and back, as a browser does."""
    gone = client.get(f"/sign-in/provider?next={target}")
    assert gone.headers["location"].startswith(f"{provider.issuer}/authorize?"), gone.text
    query = provider.sign_in(urlsplit(gone.headers["location"]).query)
    return client.get(f"{RETURN}?{query}")


def read_acts(home: Path) -> list[dict[str, str]]:
    text = (home / "service" / "audit.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_person_comes_in_with_the_highest_role_of_the_claim(
    provider: Provider, tmp_path: Path
) -> None:
    with open_portal(make_settings(tmp_path, provider)) as client:
        assert client.get("/runs").headers["location"] == "/sign-in?next=%2Fruns"
        page = client.get("/sign-in?next=/runs").text
        assert "/sign-in/provider?next=/runs" in page
        assert 'type="password"' not in page
        client.get("/sign-in?language=es")
        before = client.cookies["outreach_session"]
        answer = come_back(client, provider, "/runs")
        assert (answer.status_code, answer.headers["location"]) == (303, "/runs"), answer.text
        assert client.cookies["outreach_session"] != before
        me = client.get("/api/v1/me").json()
        assert (me["name"], me["role"]) == ("ada@chicago.gov", "planner")
        assert "Iniciar" not in client.get("/runs").text
        assert 'lang="es"' in client.get("/runs").text
        assert client.get("/people").status_code == 403
        client.post("/sign-out", data={"token": me["token"]})
        assert client.get("/api/v1/me").status_code == 401
    assert [act["act"] for act in read_acts(tmp_path)] == ["signed in", "signed out"]


def test_without_a_claim_the_role_is_that_of_the_user(provider: Provider, tmp_path: Path) -> None:
    book = UserBook(tmp_path)
    book.add("Ada@Chicago.gov", Role.MARKETER, PASSWORD)
    with open_portal(make_settings(tmp_path, provider, oidc_role_claim="")) as client:
        assert 'type="password"' in client.get("/sign-in").text
        assert come_back(client, provider).status_code == 303
        assert client.get("/api/v1/me").json()["role"] == "marketer"
        book.remove("ada@chicago.gov")
        assert client.get("/api/v1/me").status_code == 401
        refused = come_back(client, provider)
        assert refused.status_code == 401
        assert "ada@chicago.gov has no role here" in refused.text


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"groups": ["strangers"]}, "has no role here"),
        ({"groups": 7}, "has no role here"),
        ({"email_verified": False}, "does not say who you are"),
        ({"email": "ada\n@chicago.gov"}, "does not say who you are"),
        ({"iss": "https://evil.example"}, "did not work"),
        ({"aud": "another"}, "did not work"),
        ({"nonce": "another"}, "did not work"),
        ({"exp": 1}, "did not work"),
    ],
)
def test_a_token_that_proves_nothing_lets_nobody_in(
    claims: dict[str, Any], words: str, provider: Provider, tmp_path: Path
) -> None:
    provider.claims |= claims
    with open_portal(make_settings(tmp_path, provider)) as client:
        answer = come_back(client, provider)
        assert answer.status_code == 401
        assert words in answer.text
        assert client.get("/api/v1/me").status_code == 401
    assert [act["act"] for act in read_acts(tmp_path)] == ["sign-in refused"]


def test_a_signature_that_others_can_make_lets_nobody_in(
    provider: Provider, tmp_path: Path
) -> None:
    with open_portal(make_settings(tmp_path, provider)) as client:
        provider.signing_key = RSAKey.generate_key(2048)
        assert come_back(client, provider).status_code == 401
        provider.signing_key, provider.algorithm = OctKey.import_key(SECRET * 2), "HS256"  # type: ignore[assignment]
        assert come_back(client, provider).status_code == 401
        assert client.get("/api/v1/me").status_code == 401


def test_an_answer_counts_once_and_only_for_the_session_that_asked(
    provider: Provider, tmp_path: Path
) -> None:
    settings = make_settings(tmp_path, provider)
    with open_portal(settings) as client, open_portal(settings) as other:
        gone = client.get("/sign-in/provider").headers["location"]
        query = provider.sign_in(urlsplit(gone).query)
        # Somebody else's answer, one of a browser without a question, and one that came before.
        other.get("/sign-in/provider")
        assert other.get(f"{RETURN}?{query}").status_code == 401
        assert client.get(f"{RETURN}?{query}").status_code == 303
        assert client.get(f"{RETURN}?{query}").status_code == 401
        assert client.get(RETURN).status_code == 401
        assert client.get(f"{RETURN}?error=access_denied&state=x").status_code == 401
        away = other.get("/sign-in/provider?next=https://evil.example")
        query = provider.sign_in(urlsplit(away.headers["location"]).query)
        assert other.get(f"{RETURN}?{query}").headers["location"] == "/"


def test_a_provider_that_is_another_one_or_away_gets_nobody(
    provider: Provider, tmp_path: Path
) -> None:
    for change in (
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
    ):
        provider.metadata = change
        with open_portal(make_settings(tmp_path, provider)) as client:
            answer = client.get("/sign-in/provider")
            assert answer.status_code == 401
            assert "did not work" in answer.text
    away = make_settings(tmp_path, provider, oidc_issuer="http://127.0.0.1:9")
    with open_portal(away) as client:
        assert client.get("/sign-in/provider").status_code == 401


def test_a_session_of_another_provider_and_none_at_all_are_nobody(
    provider: Provider, tmp_path: Path
) -> None:
    with open_portal(make_settings(tmp_path, provider)) as client:
        assert come_back(client, provider).status_code == 303
        cookie = client.cookies["outreach_session"]
    moved = make_settings(tmp_path, provider, oidc_issuer="https://login.example")
    UserBook(tmp_path).add("bea", Role.VIEWER, PASSWORD)
    for settings in (moved, Settings(home=tmp_path)):
        with open_portal(settings) as client:
            client.cookies.set("outreach_session", cookie)
            assert client.get("/api/v1/me").status_code == 401
            assert sign_in(client, "bea").status_code == 303
    with open_portal(Settings(home=tmp_path)) as client:
        assert client.get(RETURN).status_code == 404


def test_no_encryption_no_sign_in(provider: Provider, tmp_path: Path) -> None:
    good = make_settings(tmp_path, provider)
    assert read_open_id(good, "127.0.0.1") is not None
    assert read_open_id(Settings(home=tmp_path), "127.0.0.1") is None
    behind = make_settings(tmp_path, provider, portal_url="https://census.example.gov")
    assert read_open_id(behind, "0.0.0.0") is not None
    check_door(behind, "0.0.0.0")
    for changes, host, words in (
        ({}, "0.0.0.0", "without encryption"),
        ({"portal_url": "http://census.example.gov"}, "127.0.0.1", "without encryption"),
        ({"oidc_issuer": "http://login.example"}, "127.0.0.1", "without encryption"),
        ({"oidc_client_id": ""}, "127.0.0.1", "OUTREACH_OIDC_CLIENT_ID"),
        ({"oidc_roles": "boss=staff"}, "127.0.0.1", "gives no role"),
    ):
        with pytest.raises(SettingsError, match=words):
            read_open_id(make_settings(tmp_path, provider, **changes), host)


def test_a_downloaded_env_file_cannot_say_who_people_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("OUTREACH_OIDC_ISSUER=https://evil.example\n")
    with pytest.raises(SettingsError, match="would send everybody who signs in to evil"):
        read_settings().find_issuer()
