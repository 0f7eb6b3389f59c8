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


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\x00", b"<html>", b"geoid\n17031010100\n"])
def test_a_damaged_kept_reply_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    # Nobody answers on this port, so the note shows that the reply was asked for.
    monkeypatch.setenv("OUTREACH_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OUTREACH_CENSUS_API_KEY", "a-key")
    monkeypatch.setenv("OUTREACH_RETRIES", "0")
    settings = read_settings(home=tmp_path / "home")
    kept = settings.files_cache / "homes" / "acs5-2020-17.csv"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(damage)
    homes = Homes(settings, 2020)
    assert homes.find(pd.Index(["17031010100"])).empty
    assert [note.split(".")[0] for note in homes.notes] == [
        "The homes of state 17 could not be requested"
    ]
