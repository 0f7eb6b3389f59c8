"""The report flow: a finished run in, a whole folder out, the run untouched."""

import dataclasses
import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.handout.report import run_reports
from flows.steps.folders import build_folder
from flows.trial.activity import import_activity
from outreach.errors import CampaignError, DataError, StoreError
from outreach.settings import Settings
from outreach.store import Store
from tests.flows.town import keep_run


def hash_folder(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_run_gives_pages_in_both_languages_and_stays_as_it_was(home: Settings) -> None:
    before = hash_folder(home.runs_folder)
    (done,) = run_reports.fn("latest")
    assert done.folder.parent.parent == home.home / "reports"
    names = {path.name for path in done.folder.iterdir()}
    assert {"index.html", "index.es.html", "season.html", "ward-1.html", "ward-2.es.html"} <= names
    assert set(done.files.values()) <= names
    assert hash_folder(home.runs_folder) == before
    assert [path.name for path in done.folder.parent.iterdir()] == ["ward"]


@pytest.mark.usefixtures("home")
def test_the_run_before_and_the_archive_give_change_and_trend() -> None:
    (done,) = run_reports.fn("latest", languages=("en",))
    assert done.view.earlier is not None
    assert done.view.earlier.data_date == dt.date(2020, 6, 5)
    page = (done.folder / "ward-1.html").read_text()
    assert "report of June 5, 2020, 7 days earlier" in page
    assert "+2.0 points" in page
    assert len(done.figures.trend) == 2
    assert "<b>One</b>" not in page
    index = (done.folder / "index.html").read_text()
    assert "report of June 5, 2020, 7 days earlier" in index
    assert "+2.0 points, rank 2 (was 2)" in index


def test_a_household_crosswalk_takes_the_place_of_land_area(home: Settings, tmp_path: Path) -> None:
    (by_land,) = run_reports.fn("latest", languages=("en",))
    asked = by_land.view.kind
    kind = Store(home.runs_folder).find("latest")[0].campaign.districts[0]
    named = kind.model_copy(update={"crosswalk": str(tmp_path / "split.csv")})
    (by_homes,) = run_reports.fn("latest", [named], languages=("en",))
    assert by_homes.view.kind == asked
    assert by_homes.figures.table.loc["1", "cumulative_share"] == pytest.approx(0.535)
    assert by_land.figures.table.loc["1", "cumulative_share"] == pytest.approx(
        (0.52 + 0.53 + 0.54 + 0.5 * 0.55) / 3.5
    )
    assert by_homes.figures.table.loc["1", "land_share"] == pytest.approx(
        by_land.figures.table.loc["1", "cumulative_share"]
    )


def test_a_run_s_reports_count_as_its_map_does(home: Settings, tmp_path: Path) -> None:
    (by_land,) = run_reports.fn("latest", languages=("en",))
    assert set(by_land.view.crosswalk["method"]) == {"overlay"}

    # The map of the next run gave the tract on the border to the second ward by its homes.
    division = by_land.view.crosswalk.assign(unit="housing_units", method="blocks", kind="Ward")
    on_border = division["weight"] < 1
    division = division[~on_border | (division["target"] == "2")].assign(weight=1.0)
    keep_run(home, tmp_path, 0.52, dt.date(2020, 6, 12), division=division)
    (kept,) = run_reports.fn("latest", languages=("en",))
    assert set(kept.view.crosswalk["method"]) == {"blocks"}
    first = kept.figures.table.loc["1"]
    assert first["cumulative_share"] == pytest.approx(0.53)
    assert first["land_share"] == pytest.approx(by_land.figures.table.loc["1", "cumulative_share"])

    # Districts that a person names for the report are divided for it.
    own = Store(home.runs_folder).find("latest")[0].campaign.districts[0]
    other = own.model_copy(update={"crosswalk": str(tmp_path / "split.csv")})
    (named,) = run_reports.fn("latest", [other], languages=("en",))
    assert set(named.view.crosswalk["method"]) == {"user"}


@pytest.mark.usefixtures("home")
def test_a_second_report_replaces_the_first_and_a_failed_one_does_not() -> None:
    (first,) = run_reports.fn("latest", languages=("en", "es"))
    run_reports.fn("latest", languages=("en",))
    kept = hash_folder(first.folder)
    assert not (first.folder / "index.es.html").exists()
    with pytest.raises(DataError, match="tlh"):
        run_reports.fn("latest", languages=("tlh",))
    assert hash_folder(first.folder) == kept
    assert [path.name for path in first.folder.parent.iterdir()] == ["ward"]


@pytest.mark.usefixtures("home")
def test_a_campaign_without_districts_and_a_run_that_is_not_there_are_named() -> None:
    with pytest.raises(CampaignError, match="no districts"):
        run_reports.fn("latest", [])
    with pytest.raises(StoreError, match="no run 'tuesday'"):
        run_reports.fn("tuesday")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocker = tmp_path / "reports"
    blocker.write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="Cannot write"), build_folder(blocker / "run" / "ward"):
        pass


def test_it_runs_as_a_prefect_flow(home: Settings, prefect_api: str) -> None:
    code = (
        "from flows.handout.report import run_reports;"
        "print(run_reports('latest', languages=('en',))[0].folder)"
    )
    env = os.environ | {"PREFECT_API_URL": prefect_api, "OUTREACH_HOME": str(home.home)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (Path(done.stdout.strip().splitlines()[-1]) / "index.html").is_file()


@pytest.mark.usefixtures("home")
def test_the_report_set_is_all_that_a_mail_needs() -> None:
    (done,) = run_reports.fn("latest", languages=("en",))
    assert {field.name for field in dataclasses.fields(done)} >= {
        "folder",
        "view",
        "figures",
        "files",
    }
    assert all((done.folder / file).is_file() for file in done.files.values())


def test_the_reports_draw_a_map_with_what_partners_logged_since_the_run(
    home: Settings, tmp_path: Path
) -> None:
    log = tmp_path / "log.csv"
    log.write_text("organization,kind,place,day,contacts\nClinic,calls,99001000100,2020-06-09,77\n")
    import_activity(home, log)

    (done,) = run_reports.fn("latest", languages=("en",))

    map_page = done.folder.parent / "partner-activity-map" / "map.html"
    data = map_page.read_text(encoding="utf-8").split('id="map-data">')[1].split("</script>")[0]
    told = json.loads(data)
    place = told["geoids"].index("99001000100")
    assert told["columns"]["calls_count"]["values"][place] == 77
    assert "../ward/index.html" in data
    assert (map_page.parent / "../ward/ward-1.html").is_file()
    assert "../ward/ward-1.html" in data
