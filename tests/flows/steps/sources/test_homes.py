"""Homes that may not be requested are named, and nothing else stops for them."""

from pathlib import Path

import pandas as pd
import pytest

from flows.steps.sources.homes import Homes
from outreach.settings import read_settings


def test_a_file_that_would_send_the_key_elsewhere_is_named_and_no_homes_are_requested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(
        "OUTREACH_API_URL=https://example.org\nOUTREACH_CENSUS_API_KEY=a-key\n"
    )
    homes = Homes(read_settings(home=tmp_path / "home"), 2020)
    assert homes.find(pd.Index(["17031010100"])).empty
    (note,) = homes.notes
    assert note.startswith("No homes were requested. ")
    assert "example.org" in note
    assert "a-key" not in note


def test_without_a_key_nothing_is_requested_and_nothing_is_wrong(tmp_path: Path) -> None:
    homes = Homes(read_settings(home=tmp_path / "home"), 2020)
    assert homes.find(pd.Index(["17031010100"])).empty
    assert homes.notes == []
