"""A plan from the request to the public site: every page says so, and none has a rate of today."""

import datetime as dt
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox

#: What only a running season can say.
SEASON_WORDS = ("have responded", "responded so far", "Response rate", "answered by")


@pytest.fixture
def planned(inside: Any) -> Any:
    """A run of the example that plans the invented county, with reports and the public site."""
    county = InventedCounty(today=dt.date(2026, 12, 1))
    wards = inside.folder / "wards.geojson"
    wards.write_bytes(county.file("/districts/wards.geojson") or b"")
    with Sandbox(county) as sandbox:
        name = ("init", "plan.toml", "--example", "invented_county_2030")
        assert inside(*name).returncode == 0
        campaign: Path = inside.folder / "plan.toml"
        campaign.write_text(
            campaign.read_text().replace('["csv"]', '["csv", "excel"]')
            + f'\n[[districts]]\nname = "Ward"\nfile = "{wards}"\nid_column = "ward"\n'
        )
        env = {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
        }
        for command in (("run", "plan.toml"), ("report",), ("publish",)):
            done = inside(*command, **env)
            assert done.returncode == 0, done.stdout + done.stderr
            if command[0] == "run":
                assert "plan for 2030" in done.stdout
    return inside


def test_a_plan_goes_through_the_whole_house_in_words_of_a_plan(planned: Any) -> None:
    run = planned.home / "runs" / "latest"
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["campaign"]["phase"] == "planning"
    assert "expected to respond by themselves in 2030" in manifest["summary"]["Plan"]
    assert not {"Rate", "Forecast"} & set(manifest["summary"])
    assert {source["name"] for source in manifest["inputs"]} >= {"selfresponserate", "acs5"}

    # The tables have what is expected with its range, and the last census beside it.
    tracts = pd.read_parquet(run / "tables" / "tracts.parquet")
    scores = pd.read_parquet(run / "tables" / "scores.parquet")
    planned_tracts = tracts.loc[scores.index]
    assert planned_tracts["final_2020_share"].notna().all()
    assert (scores["final_low80_share"] < planned_tracts["cumulative_share"]).all()
    assert (scores["final_high80_share"] > planned_tracts["cumulative_share"]).all()
    assert scores["reasons"].str.contains("expected to be missing in 2030").all()
    assert not scores["reasons"].str.contains("have not responded|today's rate").any()

    # Lists and files of platforms.
    assert len(pd.read_csv(run / "exports" / "targets.csv")) > 0
    workbook = next((run / "exports").glob("*.xlsx"))
    with zipfile.ZipFile(workbook) as sheets:
        words = sheets.read("xl/sharedStrings.xml").decode()
    assert "Plan for 2030, of" in words
    assert "Data of" not in words

    # What it costs to reach them, by channel and by district.
    reach = pd.read_csv(run / "reach.csv")
    assert set(reach["scenario"]) == {"low", "middle", "high"}
    assert "online ads" in set(reach["channel"])
    wards = pd.read_csv(run / "reach_districts.csv")
    assert wards["district"].nunique() == 12
    assert (wards["staff_count"] >= 0).all()

    # Every page of the team and of the public.
    pages = [
        run / "map.html",
        *planned.home.glob("reports/*/ward/*.html"),
        *planned.home.glob("public/*/**/*.html"),
    ]
    english = [path for path in pages if not path.name.endswith(".es.html")]
    assert len(english) > 20
    for path in english:
        text = path.read_text(encoding="utf-8")
        assert "expected" in text.lower(), path
        if path.name != "map.html":
            assert "plan" in text.lower(), path
            assert not [words for words in SEASON_WORDS if words in text], path
