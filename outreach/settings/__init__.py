"""Read the settings of this machine: API key, addresses, folders, and mail.

They come from ``OUTREACH_*`` in the environment or in a ``.env`` file of the working folder. That
file may have come with a download, so it cannot send a secret to a host of its choice.
"""

import datetime as dt
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import SettingsConfigDict

from outreach.errors import KeyRefused, SettingsError
from outreach.settings.faults import explain_setting
from outreach.settings.home_format import read_home_format
from outreach.settings.sign_on import SignOnSettings

#: Where people get a key (census reference 1.1).
KEY_SIGNUP = "https://api.census.gov/data/key_signup.html"
#: Names hosts that may get a secret although ``.env`` chose them. It is not read from ``.env``.
TRUSTED_HOSTS = "OUTREACH_TRUSTED_HOSTS"
_BUREAU = "api.census.gov"
#: The service's folder, in the user's own. Versions before 0.3 had it in the working folder.
_HOME = "outreach-data"
#: Both drivers read the same address: psycopg for our tables, asyncpg for Prefect's.
_DATABASE = re.compile(
    r"postgresql://[^\s/?#@]+@[^\s/?#@]+/[\w-]+"
    r"(\?sslmode=(disable|prefer|require|verify-ca|verify-full))?"
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Settings(SignOnSettings):
    """The settings of this machine, read once at a door and passed down.

    ``census_api_key`` never appears in ``repr``. :meth:`find_key` reads it from the environment
    first, then from the system keyring (service ``census-outreach``, user ``census_api_key``).
    """

    model_config = SettingsConfigDict(
        env_prefix="OUTREACH_",
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    census_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "OUTREACH_CENSUS_API_KEY", "CENSUS_API_KEY", "census_api_key"
        ),
    )
    #: Libraries disagree on which host an address with a backslash has.
    api_url: str = Field(default="https://api.census.gov", pattern=r"^https?://[^\s\\]+$")
    files_url: str = Field(default="https://www2.census.gov", pattern=r"^https?://[^\s\\]+$")
    home: Path = Field(default_factory=lambda: Path.home() / _HOME)
    timeout_seconds: float = Field(default=60, gt=0)
    retries: int = Field(default=4, ge=0, le=20)
    backoff_seconds: float = Field(default=1.0, ge=0)
    patience_seconds: float = Field(
        default=600, ge=0, description="most seconds that a run spends on repeating requests"
    )
    answer_seconds: float = Field(
        default=300, gt=0, description="most seconds until an answer is complete"
    )
    answer_megabytes: float = Field(default=100, gt=0, description="largest answer of the API")
    file_megabytes: float = Field(default=600, gt=0, description="largest file of the file server")
    metrics_token: SecretStr | None = Field(
        default=None, min_length=16, description="lets a scraper read /metrics without a session"
    )
    parallel_runs: int = Field(
        default=2, ge=1, le=32, description="flows that each worker runs at once"
    )
    workers: int = Field(
        default=1,
        ge=1,
        le=16,
        description="processes of 'outreach serve' that take jobs; several want PostgreSQL",
    )
    #: VERIFIED for 2020 (census.gov; checked in November 2026). The hours are ASSUMED.
    publication_time: dt.time = Field(
        default=dt.time(15), description="when the Bureau publishes a day's rates, Eastern time"
    )
    publication_hours: int = Field(
        default=4, ge=1, le=12, description="hours from then on in which to ask every half hour"
    )
    notify_mail: str = Field(
        default="", description="addresses that get the service's notices, separated by commas"
    )
    notify_slack: SecretStr | None = Field(default=None, description="a Slack incoming webhook")
    notify_teams: SecretStr | None = Field(default=None, description="a Microsoft Teams workflow")
    notify_webhook: SecretStr | None = Field(
        default=None, description="an address of your own that takes JSON"
    )
    notify_blocks: str = Field(
        default="",
        description="notification blocks that are saved in Prefect, such as slack-webhook/team",
    )
    stale_days: int = Field(
        default=3, ge=1, le=365, description="age in days from which on rates are called stale"
    )
    change_percent: float = Field(
        default=25, ge=0, le=100, description="percent of a list that may change without a notice"
    )
    parallel_requests: int = Field(default=4, ge=1, le=32)
    geotargets: Path | None = Field(
        default=None, description="Google's list of geo targets: a CSV, zipped or not"
    )
    location_codes: Path | None = Field(
        default=None, description="Microsoft's file of geographic location codes"
    )
    platform_rules: Path | None = Field(
        default=None, description="folder with your own <platform>.toml files"
    )
    smtp_host: str = Field(
        default="", description="mail server; if empty, mails are only previewed"
    )
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    mail_from: str = Field(default="", description="sender address of all mails")
    mail_allow_list: Path | None = Field(
        default=None, description="file of allowed recipients: one address or @domain on each line"
    )

    database: SecretStr | None = Field(
        default=None, description="PostgreSQL for users, audit log, notices, and Prefect"
    )
    storage: str = Field(
        default="",
        pattern=r"^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w./-]*)?)?$",
        description="bucket that the machines of a team share: s3://bucket/folder",
    )
    storage_endpoint: str = Field(
        default="",
        pattern=r"^(https?://[^\s\\]+)?$",
        description="address of an S3-compatible service other than Amazon's",
    )

    #: Settings whose value comes from ``.env``.
    _from_file: frozenset[str] = PrivateAttr(default=frozenset())

    @field_validator("home")
    @classmethod
    def _expand_home(cls, home: Path) -> Path:
        """Let a path begin with the user's folder, as a shell does."""
        return home.expanduser()

    @property
    def archive_folder(self) -> Path:
        """Folder of the archived rates."""
        return self.home / "archive"

    @property
    def runs_folder(self) -> Path:
        """Folder of the runs."""
        return self.home / "runs"

    @property
    def cache_folder(self) -> Path:
        """Folder of files that can be downloaded again."""
        return self.home / "cache"

    @property
    def files_cache(self) -> Path:
        """Folder of downloaded files, one for each server.

        A sandbox's file must never take the place of the Bureau's.
        """
        return self.cache_folder / "files" / urlsplit(self.files_url).netloc.replace(":", "-")

    def find_key(self) -> SecretStr:
        """Return the API key from the environment or the keyring.

        Raises
        ------
        KeyRefused
            There is none. The message says where to get one and where to put it.
        SettingsError
            ``.env`` would send the key to another host than the Bureau's, or without encryption.
        """
        if "api_url" in self._from_file:
            parts = urlsplit(self.api_url)
            host = parts.hostname or ""
            if (parts.scheme, host) != ("https", _BUREAU):
                place = f"{parts.scheme}://{host}"
                _refuse_host(host, place, "OUTREACH_API_URL", "the Census API key")
        if self.census_api_key is not None and (
            key := self.census_api_key.get_secret_value().strip()
        ):
            return SecretStr(key)
        import keyring  # noqa: PLC0415  needed only without a key in the environment
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            stored = keyring.get_password("census-outreach", "census_api_key")
        except KeyringError:
            stored = None
        if stored and stored.strip():
            return SecretStr(stored.strip())
        raise KeyRefused(
            "There is no Census API key, and the service requires one.",
            f"Get one at {KEY_SIGNUP} and set OUTREACH_CENSUS_API_KEY, or store it with"
            " 'keyring set census-outreach census_api_key'.",
        )

    def find_password(self) -> SecretStr | None:
        """Return the password of the mail server.

        Raises
        ------
        SettingsError
            ``.env`` would send a password from elsewhere to a host of its choice.
        """
        chosen = "smtp_host" in self._from_file and "smtp_password" not in self._from_file
        if self.smtp_password is not None and chosen:
            host = self.smtp_host
            _refuse_host(host, host, "OUTREACH_SMTP_HOST", "the password of the mail server")
        return self.smtp_password

    def find_database(self) -> str:
        """Return the address of the PostgreSQL database; empty without one.

        Raises
        ------
        SettingsError
            It is no address of a database, or ``.env`` chose it.
        """
        address = self.database.get_secret_value().strip() if self.database is not None else ""
        if address and not _DATABASE.fullmatch(address):
            raise SettingsError(
                "OUTREACH_DATABASE is not the address of a PostgreSQL database.",
                "Write postgresql://user:password@host:5432/name, and ?sslmode=verify-full after"
                " it for a database on another network.",
            )
        if address and "database" in self._from_file:
            host = urlsplit(address).hostname or ""
            _refuse_host(host, host, "OUTREACH_DATABASE", "the users and the audit log")
        return address

    def find_issuer(self) -> str:
        """Return the address of the OpenID Connect provider; empty without one.

        Raises
        ------
        SettingsError
            It has no encryption, or ``.env`` chose who says who people are.
        """
        parts = urlsplit(self.oidc_issuer)
        host = parts.hostname or ""
        if parts.scheme == "http" and host.lower() not in _LOOPBACK:
            raise SettingsError(
                f"OUTREACH_OIDC_ISSUER names {host} without encryption.",
                "Use an address that begins with https://.",
            )
        if self.oidc_issuer and "oidc_issuer" in self._from_file:
            _refuse_host(host, host, "OUTREACH_OIDC_ISSUER", "everybody who signs in")
        return self.oidc_issuer.rstrip("/")

    def find_storage(self) -> tuple[str, str]:
        """Return the bucket that a team shares and the service it is on; empty without one.

        What comes from a sandbox on this machine is shared with nobody else.

        Raises
        ------
        SettingsError
            ``.env`` would send runs to a place of its choice, or the service has no encryption.
        """
        parts = urlsplit(self.storage_endpoint)
        host = parts.hostname or ""
        if parts.scheme == "http" and host.lower() not in _LOOPBACK:
            raise SettingsError(
                f"OUTREACH_STORAGE_ENDPOINT names {host} without encryption.",
                "Use an address that begins with https://.",
            )
        for name in ("storage", "storage_endpoint"):
            if getattr(self, name) and name in self._from_file:
                place = getattr(self, name)
                bucket = host or self.storage.removeprefix("s3://").split("/")[0]
                _refuse_host(bucket, place, f"OUTREACH_{name.upper()}", "the runs and the rates")
        is_sandbox = (urlsplit(self.api_url).hostname or "").lower() in _LOOPBACK
        if is_sandbox and host.lower() not in _LOOPBACK:
            return "", ""
        return self.storage, self.storage_endpoint


def read_settings(**overrides: object) -> Settings:
    """Read the settings of this machine.

    Parameters
    ----------
    overrides
        Settings by name that win over the environment. ``None`` leaves a setting as it is.

    Raises
    ------
    SettingsError
        A setting has a value that is not allowed, or the folder is of another version.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
        alone = Settings(_env_file=None, **given)  # type: ignore[arg-type]
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
    except UnicodeDecodeError:
        fault = None
    else:
        names = Settings.model_fields
        settings._from_file = frozenset(  # noqa: SLF001  only this function can know
            name for name in names if getattr(settings, name) != getattr(alone, name)
        )
        if "home" not in settings.model_fields_set:
            _refuse_older_home(settings.home)
        read_home_format(settings.home)
        return settings
    if fault is None:
        raise SettingsError(
            f"The file {Path('.env').absolute()} cannot be read: it is not UTF-8 text.",
            "Save it as UTF-8, or remove it.",
        )
    name = "OUTREACH_" + str(fault["loc"][0]).removeprefix("OUTREACH_").upper()
    raise SettingsError(explain_setting(name, fault), "Fix it in the environment or in .env.")


def _refuse_older_home(home: Path) -> None:
    """Refuse to leave data behind that an older version kept in the working folder."""
    older = Path(_HOME).absolute()
    if older != home and any((older / name).is_dir() for name in ("archive", "runs", "campaigns")):
        raise SettingsError(
            f"{older} is of a version that kept its data in the working folder; it is now {home}.",
            f"Move that folder there, or set OUTREACH_HOME={older}.",
        )


def _refuse_host(host: str, place: str, setting: str, secret: str) -> None:
    """Refuse to send a secret to a host that ``.env`` chose, unless the environment trusts it."""
    trusted = {name.strip().lower() for name in os.environ.get(TRUSTED_HOSTS, "").split(",")}
    if host.lower() in _LOOPBACK | (trusted - {""}):
        return
    raise SettingsError(
        f"The file {Path('.env').absolute()} sets {setting}, which would send {secret} to"
        f" {place}. Nothing was sent.",
        f"Remove that line from .env. Or, if you trust the host, set {TRUSTED_HOSTS}={host} in the"
        " environment; it is not read from .env.",
    )
