"""States of which only rates and boundaries are at hand lose no tract, and say what they lack."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import us

from outreach.archive import Archive, import_files
from outreach.sandbox.replay.season import ReplayedSeason
from outreach.sandbox.server import Sandbox

pytestmark = pytest.mark.real

DAY = dt.date(2020, 5, 28)
#: Tracts with a polygon in the bundle. Hawaii's were joined to the rates by their source.
TRACTS = {"10": 262, "11": 206, "15": 422, "33": 351, "50": 194}
#: What a run asks for beside rates and boundaries.
SOURCES = ("acs5 2018", "planning_database 2020", "responserate2010 2010", "race 2018")
CAMPAIGN = """\
name = "{name}"
census_year = 2020
goal_percent = 70.0
deadline = 2020-10-15
budget_usd = 50000
platforms = ["csv"]

[[areas]]
state = "{state}"

[vintages]
acs = 2018
planning_database = 2020
boundaries = 2020
"""


@pytest.mark.parametrize(
    "state",
    ["50", *(pytest.param(state, marks=pytest.mark.bench) for state in TRACTS if state != "50")],
)
def test_a_small_state_runs_on_real_rates_and_boundaries(
    inside: Any, real_data: Path, state: str
) -> None:
    name = str(us.states.lookup(state, field="fips").name)
    (inside.folder / "state.toml").write_text(CAMPAIGN.format(name=name, state=state))
    published = real_data / "responserate" / f"state_{state}.parquet"
    import_files([published], Archive(inside.home / "archive"), progress=lambda _: None)
    rates = Archive(inside.home / "archive").read([state], on=DAY)
    with Sandbox(ReplayedSeason(real_data, DAY)) as sandbox:
        done = inside(
            "run",
            "state.toml",
            OUTREACH_API_URL=sandbox.url,
            OUTREACH_FILES_URL=sandbox.url,
            OUTREACH_CENSUS_API_KEY=sandbox.key,
        )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    run = inside.home / "runs" / "latest"
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    report = manifest["join_report"]
    print(f"\n{name}: {manifest['summary']['Tracts']}")
    for note in manifest["notes"]:
        print(f"  {note}")

    # Every tract with a rate is there, and every one with a polygon is on the map.
    tracts = pd.read_parquet(run / "tables" / "tracts.parquet")
    assert set(rates.index) <= set(tracts.index)
    assert tracts["cumulative_share"].notna().sum() == rates["cumulative_share"].notna().sum()
    assert report["without_polygon"] == []
    assert len(tracts) >= TRACTS[state]
    page = (run / "map.html").read_text(encoding="utf-8")
    assert all(geoid in page for geoid in rates.index)

    # Each source that is not at hand is named once.
    notes = Counter(manifest["notes"])
    assert max(notes.values()) == 1
    missing = [note for note in notes if note.startswith("Left out: ")]
    assert missing == [f"Left out: {source} has no row for state {state}." for source in SOURCES]
    assert (run / "lists.csv").is_file()
