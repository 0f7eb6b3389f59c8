"""Fixtures for every test: where the real data is, and a place of one's own."""

import os
from pathlib import Path

import pytest


def _real_data_folder() -> Path | None:
    """Return the folder of real 2020 data: ``OUTREACH_DATA``, or ``shared/data`` beside the project."""
    named = os.environ.get("OUTREACH_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    return folder if (folder / "README.md").is_file() else None


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real 2020 data, or skip."""
    folder = _real_data_folder()
    if folder is None:
        pytest.skip("the real 2020 data is not here (set OUTREACH_DATA to its folder)")
    return folder


@pytest.fixture(autouse=True)
def _quiet_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test out of the user's environment and folders."""
    for name in [name for name in os.environ if name.startswith("OUTREACH_") and name != "OUTREACH_DATA"] + [
        "CENSUS_API_KEY"
    ]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OUTREACH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
