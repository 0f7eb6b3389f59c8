"""The pack of a committee from a run of the season: words of the season, and refusals."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from flows.handout.pack import write_pack
from outreach.campaign import PlaceLayer
from outreach.errors import CampaignError
from outreach.settings import Settings
from tests.flows.town import keep_run


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


def test_a_pack_lists_places_of_help_and_tracts_far_from_any(
    settings: Settings, tmp_path: Path
) -> None:
    rows = [f"Help {number},0.005,0.0{number},Mon-Fri 9-5" for number in range(1, 8)]
    (tmp_path / "sites.csv").write_text("name,lat,lon,hours\n" + "\n".join(rows) + "\n")
    layer = PlaceLayer(
        name="Help sites", file=str(tmp_path / "sites.csv"), hours_column="hours", far_miles=0.3
    )
    keep_run(settings, tmp_path, 0.5, dt.date(2020, 6, 5), places=(layer,))
    write_pack(settings, "latest", tmp_path / "pack", languages=("en",))

    page = (tmp_path / "pack" / "pack.html").read_text(encoding="utf-8")
    assert page.count("Places of help</h2>") == 2
    assert "Mon-Fri 9-5" in page
    places = pd.read_csv(tmp_path / "pack" / "places.csv")
    assert places["district"].value_counts().to_dict() == {1.0: 3, 2.0: 4}
    assert places["hours"].eq("Mon-Fri 9-5").all()
    tracts = pd.read_csv(tmp_path / "pack" / "tracts.csv", dtype={"geoid": str})
    assert tracts["nearest_Help sites_miles"].between(0, 1).all()
    assert "Help 1" in set(tracts["nearest_Help sites"])


def test_districts_that_the_campaign_lacks_are_refused_by_name(
    home: Settings, tmp_path: Path
) -> None:
    with pytest.raises(CampaignError, match=r"no districts called 'Precinct'\. It has Ward\."):
        write_pack(home, "latest", tmp_path / "pack", kind="Precinct")
    assert not (tmp_path / "pack").exists()
