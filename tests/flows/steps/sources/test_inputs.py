"""A run keeps the user's files, and later commands use those and never the originals."""

import datetime as dt
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from pydantic import SecretStr

from flows.handout.mail import prepare_mails
from flows.handout.report import run_reports
from flows.steps.notes import Notes
from flows.steps.sources.inputs import keep_inputs, restore_inputs
from outreach.campaign import Campaign, parse_campaign
from outreach.errors import GeographyError, InputError, StoreError
from outreach.settings import Settings
from outreach.store import Run, Store
from outreach.transport import Transport
from tests.flows.town import keep_run

DAY = dt.date(2020, 6, 5)


def make_campaign(folder: Path, **units: Any) -> Campaign:
    shapes = [shapely.box(0, 0, 0.035, 0.01), shapely.box(0.035, 0, 0.08, 0.01)]
    frame = gpd.GeoDataFrame({"id": ["1", "2"]}, geometry=shapes, crs="EPSG:4326")
    frame.to_file(folder / "wards.shp")
    (folder / "split.csv").write_text("source,target,weight\n17031000100,1,1\n")
    return parse_campaign(
        {
            "name": "Town",
            "census_year": 2020,
            "areas": [{"state": "17"}],
            "goal_percent": 75,
            "deadline": dt.date(2020, 7, 31),
            "budget_usd": 0,
            "units": units,
            "districts": [
                {
                    "name": "Ward",
                    "file": str(folder / "wards.shp"),
                    "id_column": "id",
                    "crosswalk": str(folder / "split.csv"),
                }
            ],
        },
        "test",
    )


def keep(settings: Settings, campaign: Campaign, notes: Notes | None = None) -> tuple[Run, Path]:
    """Keep a run that has its inputs alone."""
    store, transport = Store(settings.runs_folder), Transport(settings, SecretStr(""))
    with (
        store.begin(campaign.slug) as run,
        keep_inputs(run, campaign, transport, settings, notes or Notes()) as kept,
    ):
        for districts in kept.campaign.districts:
            assert Path(districts.file).is_file()
            assert settings.runs_folder in Path(districts.file).parents
        run.finish(
            Run(
                id=run.id,
                created_at=dt.datetime.now(dt.UTC),
                campaign=campaign,
                data_date=DAY,
                inputs=(),
                kept_inputs=kept.paths,
                counts={},
                join_report={},
                timings_seconds={},
            )
        )
    return store.find("latest")


def test_every_part_of_a_file_is_kept_with_its_hash(settings: Settings, tmp_path: Path) -> None:
    campaign = make_campaign(tmp_path)
    run, folder = keep(settings, campaign)
    assert run.campaign == campaign
    names = {output.path for output in run.outputs}
    assert {f"inputs/1/wards{ending}" for ending in (".shp", ".shx", ".dbf", ".prj")} <= names
    assert run.kept_inputs == {
        str(tmp_path / "wards.shp"): "inputs/1/wards.shp",
        str(tmp_path / "split.csv"): "inputs/2/split.csv",
    }
    for path in tmp_path.glob("*.*"):
        path.unlink()
    (districts,) = restore_inputs(Store(settings.runs_folder), run)
    assert districts.file == str(folder / "inputs/1/wards.shp")
    assert len(gpd.read_file(districts.file)) == 2
    assert Path(str(districts.crosswalk)).read_text().startswith("source")


def test_a_folder_of_a_map_is_kept_whole(settings: Settings, tmp_path: Path) -> None:
    make_campaign(tmp_path)
    (tmp_path / "maps").mkdir()
    for path in [*tmp_path.glob("wards.*")]:
        path.rename(tmp_path / "maps" / path.name)
    campaign = make_campaign(tmp_path, blocks="auto", zips=str(tmp_path / "maps"))
    run, folder = keep(settings, campaign)
    assert run.kept_inputs[str(tmp_path / "maps")] == "inputs/3/maps"
    assert (folder / "inputs/3/maps/wards.shp").is_file()
    assert "auto" not in run.kept_inputs


def test_a_file_that_is_gone_is_named_and_no_run_is_left(
    settings: Settings, tmp_path: Path
) -> None:
    campaign = make_campaign(tmp_path)
    (tmp_path / "split.csv").unlink()
    with pytest.raises(InputError, match=r"There is no file .*split\.csv"):
        keep(settings, campaign)
    assert not list(settings.runs_folder.glob("*"))


def test_a_failure_names_the_file_of_the_user_and_not_the_copy(
    settings: Settings, tmp_path: Path
) -> None:
    campaign = make_campaign(tmp_path)
    store, transport = Store(settings.runs_folder), Transport(settings, SecretStr(""))
    with (
        pytest.raises(GeographyError) as caught,
        store.begin("town") as run,
        keep_inputs(run, campaign, transport, settings, Notes()) as kept,
    ):
        raise GeographyError(f"{kept.campaign.districts[0].file} is bad.", "Mend it.")
    assert str(caught.value) == f"{tmp_path / 'wards.shp'} is bad. Mend it."


def test_a_large_file_is_told(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.steps.sources.inputs._LARGE_BYTES", 10)
    notes = Notes()
    keep(settings, make_campaign(tmp_path), notes)
    assert any("wards.shp" in note and "MB" in note for note in notes.sentences)


def test_reports_and_mails_use_what_the_run_kept(home: Settings, tmp_path: Path) -> None:
    before = run_reports("latest")[0].figures.table
    shapes = [shapely.box(0, 0, 0.01, 0.01), shapely.box(0.01, 0, 0.08, 0.01)]
    gpd.GeoDataFrame(
        {"id": [8, 9], "label": ["Eight", "Nine"]}, geometry=shapes, crs="EPSG:4326"
    ).to_file(tmp_path / "wards.geojson")
    after = run_reports("latest")[0].figures.table
    assert list(after.index) == ["1", "2"]
    assert after.equals(before)
    assert home.runs_folder.is_dir()


def test_a_kept_file_that_was_changed_is_refused(settings: Settings, tmp_path: Path) -> None:
    run, folder = keep(settings, make_campaign(tmp_path))
    (folder / "inputs/1/wards.dbf").write_bytes(b"changed")
    with pytest.raises(StoreError, match=r"wards\.dbf is not the file that the run wrote"):
        restore_inputs(Store(settings.runs_folder), run)


def test_a_run_of_an_older_version_says_that_it_kept_nothing(
    home: Settings, tmp_path: Path
) -> None:
    run = keep_run(home, tmp_path, 0.53, dt.date(2020, 6, 19))
    path = home.runs_folder / run.id / "manifest.json"
    path.write_text(run.model_copy(update={"kept_inputs": {}}).model_dump_json())
    for command in (lambda: run_reports("latest"), lambda: prepare_mails("latest", [object()], "")):  # type: ignore[list-item]  never looked at
        with pytest.raises(StoreError, match="kept no copy of"):
            command()
