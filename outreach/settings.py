"""Read the settings of this machine: API key, addresses, folders, and mail.

They come from ``OUTREACH_*`` in the environment or in a ``.env`` file.
"""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from outreach.errors import KeyRefused, SettingsError

#: Where people get a key (census reference 1.1).
KEY_SIGNUP = "https://api.census.gov/data/key_signup.html"


class Settings(BaseSettings):
    """The settings of this machine, read once at a door and passed down.

    ``census_api_key`` never appears in ``repr``. :meth:`find_key` reads it from the environment
    first, then from the system keyring (service ``census-outreach``, user ``census_api_key``).
    """

    model_config = SettingsConfigDict(
        env_prefix="OUTREACH_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    census_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "OUTREACH_CENSUS_API_KEY", "CENSUS_API_KEY", "census_api_key"
        ),
    )
    api_url: str = Field(default="https://api.census.gov", pattern=r"^https?://\S+$")
    files_url: str = Field(default="https://www2.census.gov", pattern=r"^https?://\S+$")
    home: Path = Path("outreach-data")
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
        """
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


def read_settings(**overrides: object) -> Settings:
    """Read the settings of this machine.

    Parameters
    ----------
    overrides
        Settings by name that win over the environment. ``None`` leaves a setting as it is.

    Raises
    ------
    SettingsError
        A setting has a value that is not allowed. The message names it.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
    name = "OUTREACH_" + str(fault["loc"][0]).removeprefix("OUTREACH_").upper()
    raise SettingsError(
        f"The setting {name} is invalid: {fault['msg']}.", "Fix it in the environment or in .env."
    )
