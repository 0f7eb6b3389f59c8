"""A test lives a season by commands alone, and each step says what is true that day."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox

_CAMPAIGN = """\
name = "Season"
census_year = 2020
goal_percent = 70.0
deadline = 2020-10-15
budget_usd = 60000
cpm_usd = 14.75
platforms = ["csv"]

[units]
kind = "tracts"

[holdout]
percent = 20.0
looks = [2020-05-13]
buffer = "none"

[flight]
start = 2020-05-01
end = 2020-05-29

[[areas]]
state = "99"
county = "001"

[[districts]]
name = "Ward"
file = "wards.geojson"
id_column = "ward"

[vintages]
acs = 2018
planning_database = 2020
boundaries = 2020
"""


class Season:
    """Runs commands on the days of a season, and keeps what they print."""

    def __init__(self, inside: Any, sandbox: Sandbox) -> None:
        self._inside, self._sandbox = inside, sandbox
        self.folder: Path = inside.folder
        self.home: Path = inside.home

    def on(self, day: dt.date) -> None:
        """Let this day be today."""
        county = self._sandbox.world
        assert isinstance(county, InventedCounty)
        self._sandbox.world = county.on(day)

    def __call__(self, *arguments: str) -> str:
        """Run a command that must succeed; return what it prints, with single spaces."""
        code, out, err = self.attempt(*arguments)
        assert (code, err) == (0, ""), f"{arguments}: {out}{err}"
        return out

    def refuse(self, *arguments: str) -> str:
        """Run a command that must be refused; return the reason."""
        code, out, err = self.attempt(*arguments)
        assert code == 1, f"{arguments}: {out}{err}"
        return err

    def attempt(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return its exit code and what it prints."""
        done = self._inside(
            *arguments,
            OUTREACH_API_URL=self._sandbox.url,
            OUTREACH_FILES_URL=self._sandbox.url,
            OUTREACH_CENSUS_API_KEY=self._sandbox.key,
            COLUMNS="100000",
        )
        return done.returncode, re.sub(r"\s+", " ", done.stdout), re.sub(r"\s+", " ", done.stderr)

    @property
    def latest(self) -> str:
        """The latest run."""
        return (self.home / "runs" / "latest").resolve().name

    def read_arms(self) -> dict[str, str]:
        """Return the arm of each target of the latest run."""
        table = pd.read_parquet(self.home / "runs" / "latest" / "tables" / "targets.parquet")
        return dict(table["arm"])


@pytest.fixture
def season(inside: Any) -> Any:
    """Return the commands of a season with a campaign and two wards."""
    (inside.folder / "campaign.toml").write_text(_CAMPAIGN, encoding="utf-8")
    wards = [shapely.box(-60, 20, -40, 60), shapely.box(-40, 20, -20, 60)]
    table = gpd.GeoDataFrame({"ward": ["1", "2"]}, geometry=wards, crs=4326)
    table.to_file(inside.folder / "wards.geojson")
    with Sandbox(InventedCounty()) as sandbox:
        yield Season(inside, sandbox)


def test_a_test_lives_a_season(season: Season) -> None:
    first, drawn = live_before(season)
    middle = live_in_flight(season, first, drawn)
    live_after(season, middle)


def live_before(season: Season) -> tuple[str, dict[str, str]]:
    """Plan, approve, and export before the flight; return the run and its arms."""
    season.on(dt.date(2020, 4, 29))
    planned = season("run", "campaign.toml")
    assert "Test ads from May 1, 2020 to May 29, 2020; " in planned
    assert "cannot be read out" not in planned
    first, drawn = season.latest, season.read_arms()
    assert set(drawn.values()) == {"treat", "holdout"}
    season("approve", "latest", "--by", "Ada Lovelace", "--yes")
    exported = season("export", "latest", "--into", "upload")
    assert "cannot be read out" not in exported
    assert "has not begun: it runs from May 1, 2020 to May 29, 2020" in season.refuse("measure")
    return first, drawn


def live_in_flight(season: Season, first: str, drawn: dict[str, str]) -> str:
    """Plan and publish while the ads run; return the run."""
    # In flight, less money and another holdout take no unit of the test off the list.
    season.on(dt.date(2020, 5, 13))
    campaign = season.folder / "campaign.toml"
    changed = _CAMPAIGN.replace("60000", "30000").replace("percent = 20.0", "percent = 10.0")
    campaign.write_text(changed, encoding="utf-8")
    again = season("run", "campaign.toml")
    assert "The campaign requests a different test, but the flight began on May 1, 2020" in again
    assert f"The arms are those of the approved test of {first}" in again
    assert "All of them stay on the list until then." in again
    middle, arms = season.latest, season.read_arms()
    assert drawn.items() <= arms.items()
    season("approve", "latest", "--by", "Ada Lovelace", "--yes")
    so_far = season("measure", "--so-far")
    assert "PROVISIONAL, no verdict until the flight ends" in so_far
    assert "Look stated for May 13, 2020 (rates of May 13, 2020): the estimate was" in so_far
    assert "until May 13, 2020, 45% of the flight" in so_far  # 13 of 29 days
    assert "The flight runs until May 29, 2020" in season.refuse("measure")

    # Its publication names no arm, and --test-over is refused.
    season("publish", "latest", "--into", "site", "--language", "en")
    front = (season.folder / "site" / "index.html").read_text(encoding="utf-8")
    assert "one with a comparison group is in flight here" in front
    refusal = season.refuse("publish", "latest", "--into", "early", "--test-over")
    assert f"The test of {middle} is not over: its flight runs until May 29, 2020" in refusal
    assert not (season.folder / "early").exists()
    return middle


def live_after(season: Season, middle: str) -> None:
    """Plan, read out, report, and publish after the flight."""
    # After the flight: nothing is drawn again, and the arms stay hidden until it is read out.
    season.on(dt.date(2020, 6, 2))
    over = season("run", "campaign.toml")
    assert f"no arms are drawn again. Its test is that of {middle}" in over
    later = season.latest
    assert not (season.home / "runs" / later / "plan.json").exists()
    refusal = season.refuse("approve", "latest", "--by", "Ada Lovelace", "--yes")
    assert f"The list of {later} is empty, so there is nothing to approve." in refusal
    refusal = season.refuse("publish", middle, "--into", "early", "--test-over")
    assert f"nobody has read its test out. Run 'outreach measure {middle}' first." in refusal

    # Plain measure finds the one test, from any run.
    readout = season("measure")
    assert f"test of {middle}, flight May 1, 2020 to May 29, 2020" in readout
    assert "p = " in readout
    assert f"test of {middle}, flight" in season("measure", later)

    # Then pages tell the result and whose it is, and arms may be published.
    season("report", "latest", "--language", "en")
    page = (season.home / "reports" / later / "ward" / "season.html").read_text(encoding="utf-8")
    assert f"It is the test of run {middle}." in page
    for run, arms_and_money in ((later, "withheld"), (middle, "published")):
        season("publish", run, "--into", run, "--language", "en", "--test-over")
        record = json.loads((season.folder / run / "publication.json").read_text(encoding="utf-8"))
        assert record["arms_and_money"] == arms_and_money
        front = (season.folder / run / "index.html").read_text(encoding="utf-8")
        assert "in flight" not in front
        public = (season.folder / run / "ward" / "season.html").read_text(encoding="utf-8")
        assert f"It is the test of run {middle}." in public
