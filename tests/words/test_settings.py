"""Settings come from the environment or .env, wrong ones are named, and the key never shows."""

from pathlib import Path

import keyring
import keyring.backend
import pytest

from outreach.errors import KeyRefused, SettingsError
from outreach.settings import Settings, read_settings

KEY = "0123456789abcdef"


class _Keyring(keyring.backend.KeyringBackend):
    """A keyring in memory, with one entry."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return f" {KEY}\n" if (service, username) == ("census-outreach", "census_api_key") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["OUTREACH_CENSUS_API_KEY", "CENSUS_API_KEY"])
def test_the_key_comes_from_the_environment_without_stray_blanks(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, f" {KEY}\n")
    settings = read_settings()
    assert settings.find_key().get_secret_value() == KEY
    assert KEY not in repr(settings) + str(settings) + settings.model_dump_json() + repr(
        settings.find_key()
    )


def test_the_key_comes_from_a_dotenv_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OUTREACH_CENSUS_API_KEY={KEY}\nOUTREACH_RETRIES=7\n")
    settings = read_settings()
    assert settings.find_key().get_secret_value() == KEY
    assert settings.retries == 7


def test_the_key_comes_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(_Keyring())
    try:
        assert read_settings().find_key().get_secret_value() == KEY
        monkeypatch.setenv("CENSUS_API_KEY", "another")
        assert read_settings().find_key().get_secret_value() == "another"
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize("value", ["", "  "])
def test_no_key_says_where_to_get_one(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTREACH_CENSUS_API_KEY", value)
    with pytest.raises(
        KeyRefused, match=r"key_signup\.html and set OUTREACH_CENSUS_API_KEY"
    ) as caught:
        read_settings().find_key()
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OUTREACH_API_URL", "api.census.gov"),
        ("OUTREACH_RETRIES", "many"),
        ("OUTREACH_RETRIES", "-1"),
        ("OUTREACH_TIMEOUT_SECONDS", "0"),
        ("OUTREACH_PARALLEL_REQUESTS", "0"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        read_settings()


def test_overrides_win_and_none_leaves_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTREACH_RETRIES", "2")
    assert read_settings(retries=9).retries == 9
    assert read_settings(retries=None).retries == 2


def test_folders_stand_under_home(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert {
        settings.archive_folder.parent,
        settings.runs_folder.parent,
        settings.cache_folder.parent,
    } == {tmp_path}
    assert len({settings.archive_folder, settings.runs_folder, settings.cache_folder}) == 3
