"""The pack of a committee from a run of the season: words of the season, and refusals."""

from pathlib import Path

import pandas as pd
import pytest

from flows.handout.pack import write_pack
from outreach.errors import CampaignError
from outreach.settings import Settings


def test_a_run_of_the_season_gives_a_page_a_district_and_keeps_strangers(
    home: Settings, tmp_path: Path
) -> None:
    into = tmp_path / "pack"
    into.mkdir()
    (into / "notes.txt").write_text("mine")
    files = write_pack(home, "latest", into, languages=("en",))
    assert {file.name for file in files} == {"pack.html", "districts.csv", "tracts.csv"}
    assert (into / "notes.txt").read_text() == "mine"

    page = (into / "pack.html").read_text(encoding="utf-8")
    assert page.count('<article class="sheet"') == 2
    assert "forecast to respond by themselves by the deadline" in page
    assert "expected" not in page.lower()
    # A name from a file is text, not markup.
    assert "<b>One</b>" not in page
    assert "&lt;b&gt;One&lt;/b&gt;" in page

    # Without a source on people nothing is said of them, and nothing is invented.
    assert "No source says which languages people speak here." in page
    table = pd.read_csv(into / "districts.csv").set_index("district")
    assert table["renters_share"].isna().all()
    assert table.loc["all", "households_count"] == pytest.approx(3517)
    tracts = pd.read_csv(into / "tracts.csv", dtype={"geoid": str})
    # One of the eight tracts lies in both districts.
    assert len(tracts) == 9
    assert tracts.groupby("geoid")["weight_share"].sum().tolist() == pytest.approx([1.0] * 8)
    assert tracts["hard_to_count_class"].between(1, 5).all()


def test_districts_that_the_campaign_lacks_are_refused_by_name(
    home: Settings, tmp_path: Path
) -> None:
    with pytest.raises(CampaignError, match=r"no districts called 'Precinct'\. It has Ward\."):
        write_pack(home, "latest", tmp_path / "pack", kind="Precinct")
    assert not (tmp_path / "pack").exists()
