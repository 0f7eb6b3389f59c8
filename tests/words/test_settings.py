"""Settings come from the environment or .env, wrong ones are named, and the key never shows."""

from pathlib import Path
from urllib.parse import urlsplit

import keyring
import keyring.backend
import pytest
from pydantic import SecretStr

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


@pytest.mark.parametrize(
    "address",
    [
        "https://census.example",
        "https://api.census.gov@census.example",
        "https://api.census.gov.census.example/",
        "http://api.census.gov",
    ],
)
def test_a_dotenv_file_cannot_send_the_key_elsewhere(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"outreach_api_url={address}\nOUTREACH_TRUSTED_HOSTS=*\n")
    monkeypatch.setenv("OUTREACH_CENSUS_API_KEY", KEY)
    host = str(urlsplit(address).hostname)
    settings = read_settings(retries=0)
    with pytest.raises(SettingsError, match=rf"\.env sets OUTREACH_API_URL.*{host}\. Nothing"):
        settings.find_key()
    with pytest.raises(SettingsError, match=host):
        settings.model_copy(update={"timeout_seconds": 1.0}).find_key()

    # The environment may trust the host, or name the address itself.
    monkeypatch.setenv("OUTREACH_TRUSTED_HOSTS", f"other.example, {host.upper()}")
    assert read_settings().find_key().get_secret_value() == KEY
    monkeypatch.setenv("OUTREACH_TRUSTED_HOSTS", "other.example")
    monkeypatch.setenv("OUTREACH_API_URL", address)
    assert read_settings().find_key().get_secret_value() == KEY


@pytest.mark.parametrize(
    "address", ["https://api.census.gov", "http://127.0.0.1:8020", "http://localhost:8020"]
)
def test_a_dotenv_file_may_name_the_bureau_and_this_machine(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"OUTREACH_API_URL={address}\n")
    monkeypatch.setenv("OUTREACH_CENSUS_API_KEY", KEY)
    assert read_settings().find_key().get_secret_value() == KEY


def test_an_address_that_libraries_read_in_two_ways_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUTREACH_API_URL", "https://census.example\\@api.census.gov")
    with pytest.raises(SettingsError, match="OUTREACH_API_URL"):
        read_settings()


def test_a_dotenv_file_cannot_send_a_mail_password_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("OUTREACH_SMTP_HOST=mail.example\n")
    assert read_settings().find_password() is None
    monkeypatch.setenv("OUTREACH_SMTP_PASSWORD", "secret")
    with pytest.raises(SettingsError, match=r"OUTREACH_SMTP_HOST.* to mail\.example\. Nothing"):
        read_settings().find_password()
    monkeypatch.setenv("OUTREACH_TRUSTED_HOSTS", "mail.example")
    assert read_settings().find_password() == SecretStr("secret")

    # A file that has both sends its own password.
    monkeypatch.delenv("OUTREACH_TRUSTED_HOSTS")
    monkeypatch.delenv("OUTREACH_SMTP_PASSWORD")
    (tmp_path / ".env").write_text("OUTREACH_SMTP_HOST=mail.example\nOUTREACH_SMTP_PASSWORD=x\n")
    assert read_settings().find_password() == SecretStr("x")


def test_a_dotenv_file_that_is_not_text_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"OUTREACH_HOME=\xff\xfe\n")
    with pytest.raises(SettingsError, match=r"\.env cannot be read: it is not UTF-8 text"):
        read_settings()


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


def test_every_wrong_setting_is_explained_without_words_of_a_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each setting with values that most cannot have; what is refused says what it has to be."""
    count = 0
    for field in Settings.model_fields:
        name = f"OUTREACH_{field.upper()}"
        for value in ("\u00a7 x", "-1"):
            monkeypatch.setenv(name, value)
            try:
                read_settings()
            except SettingsError as error:
                count += 1
                text = str(error)
                assert text.startswith(f"The setting {name} must ")
                for words in ("Input", "should", "valid", "pattern", "parse", "^", "items"):
                    assert words not in text, text
        monkeypatch.delenv(name)
    assert count > 20


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


def test_home_does_not_depend_on_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OUTREACH_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "ana"))
    assert read_settings().home == tmp_path / "ana" / "outreach-data"
    monkeypatch.setenv("OUTREACH_HOME", "~/census")
    assert read_settings().home == tmp_path / "ana" / "census"


def test_data_that_an_older_version_kept_in_the_working_folder_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OUTREACH_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "ana"))
    older = tmp_path / "outreach-data"
    (older / "runs").mkdir(parents=True)
    with pytest.raises(SettingsError, match="kept its data in the working folder; it is now") as no:
        read_settings()
    assert f"Move that folder there, or set OUTREACH_HOME={older}." in str(no.value)
    monkeypatch.setenv("OUTREACH_HOME", str(older))
    assert read_settings().home == older
    monkeypatch.delenv("OUTREACH_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_settings().home == older
