"""Places of a campaign stand on its tracts; what lies elsewhere is named, not lost."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from pydantic import SecretStr

from flows.steps.check.files import check_files
from flows.steps.notes import Notes
from flows.steps.sites.gather import GatheredSites, name_districts, place_layers, write_sites
from flows.steps.sites.read import read_layers
from flows.steps.sites.show import read_sites_of
from flows.steps.sources.inputs import keep_inputs
from outreach.catalog import read_words
from outreach.catalog.retell import NOTES, retell
from outreach.errors import InputError
from outreach.settings import Settings
from outreach.store import Run, Store
from outreach.tables import Sites, check
from outreach.transport import Transport
from tests.builders import make_campaign
from tests.flows.town import make_tracts

DAY = dt.date(2020, 6, 5)
ROWS = "name,lat,lon,type\n<b>Hall</b>,0.005,0.005,Library\nDesk,0.005,0.072,library\n"


def declare(folder: Path, rows: str = ROWS, **changes: Any) -> dict[str, Any]:
    path = folder / f"{changes.get('name', 'Help sites')}.csv"
    path.write_text(rows, encoding="utf-8")
    return {"name": "Help sites", "file": str(path), "kind_column": "type", **changes}


@pytest.fixture(scope="module")
def tracts() -> gpd.GeoDataFrame:
    return make_tracts(0.5, DAY)


def gather(tracts: Any, *layers: dict[str, Any]) -> tuple[GatheredSites, Notes]:
    campaign, notes = make_campaign(places=layers), Notes()
    sites = place_layers(read_layers(campaign, campaign), tracts, notes)
    assert sites is not None
    return sites, notes


def test_a_layer_has_its_tracts_kinds_and_distances(tracts: Any, tmp_path: Path) -> None:
    sites, notes = gather(tracts, declare(tmp_path, far_miles=1.0))
    assert sites.table["geoid"].tolist() == ["99001000100", "99001000800"]
    # A kind that is spelled twice is one.
    assert sites.table["kind"].tolist() == ["Library", "Library"]
    assert sites.distances["site"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert sites.distances["is_far"].tolist() == [
        False,
        False,
        True,
        True,
        True,
        True,
        False,
        False,
    ]
    assert notes.sentences == ()
    assert [source.name for source in sites.sources] == ["places Help sites"]


def test_places_elsewhere_are_left_out_unless_they_are_the_nearest(
    tracts: Any, tmp_path: Path
) -> None:
    beyond = "By,0.005,0.0801,\nAway,3,3,\nFar,4,4,\n"
    sites, notes = gather(tracts, declare(tmp_path, ROWS.replace("0.072", "0.03") + beyond))
    assert sites.table["name"].tolist() == ["<b>Hall</b>", "Desk", "By"]
    assert notes.sentences == (
        "Help sites: 2 places outside the campaign's area, left out: 'Away', 'Far'.",
        "Help sites: 1 place outside the campaign's area, kept as the nearest to a tract: 'By'.",
    )
    told = [retell(sentence, read_words("es"), *NOTES) for sentence in notes.sentences]
    assert [each.lang for each in told] == ["", ""]
    assert told[0].text.startswith("Help sites: 2 lugares fuera del área")


def test_a_file_of_another_area_is_refused(tracts: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none of the 1 place of 'Help sites' lies in .* 3.0000"):
        gather(tracts, declare(tmp_path, "name,lat,lon,type\nAway,3,3,\n"))


def test_a_run_keeps_places_as_tables_and_lists(
    tracts: Any, tmp_path: Path, settings: Settings
) -> None:
    campaign = make_campaign(
        places=[declare(tmp_path), declare(tmp_path, name="=Staff", public=False)]
    )
    sites = place_layers(read_layers(campaign, campaign), tracts, Notes())
    assert sites is not None
    outlines = gpd.GeoDataFrame(
        {"kind": "Ward", "name": ["<i>West</i>"]}, geometry=[tracts.geometry.iloc[0]], crs=4326
    )
    store, transport = Store(settings.runs_folder), Transport(settings, SecretStr(""))
    with (
        store.begin(campaign.slug) as run,
        keep_inputs(run, campaign, transport, settings, Notes()) as kept,
    ):
        districts = name_districts(sites.table, outlines)
        write_sites(run, sites, districts, pd.Index(["99001000100", "99001000400"]))
        manifest = run.finish(
            Run(
                id=run.id,
                created_at=dt.datetime.now(dt.UTC),
                campaign=campaign,
                data_date=DAY,
                inputs=sites.sources,
                kept_inputs=kept.paths,
                counts={},
                join_report={},
                timings_seconds={},
            )
        )
    assert set(kept.paths.values()) == {"inputs/1/Help sites.csv", "inputs/2/=Staff.csv"}

    listed = pd.read_csv(io.BytesIO(store.read_output(manifest.id, "places.csv")))
    assert listed["Ward"].fillna("").tolist() == ["<i>West</i>", "", "<i>West</i>", ""]
    assert listed["is_target_tract"].tolist() == [True, False, True, False]
    # A name that a spreadsheet would run is shown.
    assert listed["layer"].tolist()[2] == "'=Staff"
    near = pd.read_csv(
        io.BytesIO(store.read_output(manifest.id, "place_distances.csv")), dtype={"geoid": str}
    )
    row = near[(near["geoid"] == "99001000400") & (near["layer"] == "Help sites")].iloc[0]
    assert row[["name", "is_far", "is_target_tract"]].tolist() == ["<b>Hall</b>", True, True]
    assert row["distance_miles"] == pytest.approx(2.075, abs=0.01)

    # What is not public is not read for public pages.
    public = read_sites_of(store, manifest, is_public=True)
    assert public is not None
    assert set(public.table["layer"]) == set(public.distances["layer"]) == {"Help sites"}
    whole = read_sites_of(store, manifest)
    assert whole is not None
    assert len(check(whole.table, Sites, "test")) == 4


def test_the_check_of_a_campaign_reads_every_file_of_places(
    tmp_path: Path, settings: Settings
) -> None:
    long = "name,lat,lon,type\nHall,0.005,0.005," + "x" * 300 + "\n"
    campaign = make_campaign(
        places=[
            declare(tmp_path, long),
            declare(tmp_path, name="Two") | {"hours_column": "open"},
            declare(tmp_path, name="Gone") | {"file": str(tmp_path / "gone.csv")},
        ]
    )
    findings = list(check_files(campaign, settings, None))  # type: ignore[arg-type]  no file is at a web address
    assert [finding.is_fault for finding in findings] == [False, True, True]
    assert "cut short" in findings[0].sentence
    assert findings[1].sentence.startswith("'places[2]': ")
    assert "has no column open" in findings[1].sentence
    assert findings[2].sentence.startswith("'places[3]': Cannot read")
