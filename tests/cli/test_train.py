"""Training at the command line, and a run that rests on what was trained."""

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from models.curves.season_file import load_season_model, save_season_model
from outreach.archive import Archive
from outreach.cli import cli
from outreach.errors import OutreachError
from outreach.settings import read_settings


def invent_rates() -> pd.DataFrame:
    """Invent 500 tracts in four counties, rated on a few days of the whole season."""
    days = np.array([3, 7, 9, 11, 13, 14, 15, 20, 30, 45, 60, 87, 115, 160, 210])
    rng = np.random.default_rng(3)
    codes = [f"17{1 + 2 * (n % 4):03d}{100 * n:06d}" for n in range(1, 501)]
    share = rng.uniform(0.4, 0.9, (len(codes), 1)) * (
        1 - np.exp(-days / rng.uniform(12, 22, (len(codes), 1)))
    )
    table = {
        "data_date": np.tile(
            pd.Timestamp("2020-03-20") + pd.to_timedelta(days, unit="D"), len(codes)
        ),
        "cumulative_share": share.round(3).ravel(),
        "internet_share": (0.7 * share).round(3).ravel(),
        "daily_share": np.nan,
        "daily_internet_share": np.nan,
    }
    return pd.DataFrame(table, index=pd.Index(np.repeat(codes, len(days)), name="geoid"))


def test_the_command_trains_and_says_what_came_of_it() -> None:
    settings = read_settings()
    asked_at = dt.datetime(2020, 10, 20, tzinfo=dt.UTC)
    Archive(settings.archive_folder).append(invent_rates(), "invented", asked_at)
    done = CliRunner().invoke(cli, ["train"])
    assert done.exit_code == 0, done.output
    assert "Season 2020: 500 tracts of 1 state, data dates 2020-03-23 to 2020-10-16" in done.output
    assert "day 30: mean error" in done.output
    assert "days that a season is fitted on are not archived" in done.output
    path = settings.home / "seasons" / "2020.json"
    assert str(path) in done.output
    assert len(load_season_model(path).provenance["counties"]) == 4


def test_without_an_archive_the_command_says_what_to_do() -> None:
    with pytest.raises(OutreachError, match="outreach archive import"):
        CliRunner().invoke(cli, ["train"], catch_exceptions=False)


def test_a_run_rests_on_the_trained_season_and_its_manifest_says_so(
    inside: Any, address: dict[str, str]
) -> None:
    assert inside("init", "campaign.toml", "--example", "invented_county").returncode == 0
    season = load_season_model()
    season.provenance["origin"] = "trained from this service's archive"  # type: ignore[index]
    season.provenance["states"].append("99")
    seasons = inside.home / "seasons"
    seasons.mkdir(parents=True)
    save_season_model(season, seasons / "2020.json")
    done = inside("run", "campaign.toml", **address)
    assert done.returncode == 0, done.stdout + done.stderr
    manifest = json.loads((inside.home / "runs" / "latest" / "manifest.json").read_text())
    assert (
        manifest["assessment"]["season_provenance"]["origin"]
        == "trained from this service's archive"
    )
    assert (
        manifest["assessment"]["season_kind"] == "hindsight, including the area's own final rates"
    )
    assert any("Hindsight" in note and "99" in note for note in manifest["notes"])
    assert any("trained from this archive" in note for note in manifest["notes"])
