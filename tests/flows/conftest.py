"""A home with two runs of a small town and its wards, as the campaign flow keeps them."""

import datetime as dt
from pathlib import Path

import pytest

from outreach.settings import Settings, read_settings
from tests.flows.town import keep_run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path / "home")


@pytest.fixture
def home(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OUTREACH_HOME", str(settings.home))
    keep_run(settings, tmp_path, 0.5, dt.date(2020, 6, 5))
    keep_run(settings, tmp_path, 0.52, dt.date(2020, 6, 12))
    return settings
