"""A run exists only when it is complete."""

import datetime as dt
import json
import multiprocessing
import os
import signal
import stat
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from outreach.campaign import Campaign, parse_campaign
from outreach.errors import StoreError
from outreach.store import Run, RunFolder, Store


@pytest.fixture
def campaign() -> Campaign:
    return parse_campaign(
        {
            "name": "Ärger & <b>Söhne</b>",
            "census_year": 2020,
            "areas": [{"state": "99"}],
            "goal_percent": 70,
            "deadline": dt.date(2020, 10, 15),
            "budget_usd": 1000,
        },
        "test",
    )


def manifest(run: RunFolder, campaign: Campaign) -> Run:
    return Run(
        id=run.id,
        created_at=dt.datetime(2020, 5, 1, tzinfo=dt.UTC),
        campaign=campaign,
        data_date=dt.date(2020, 5, 1),
        inputs=(),
        counts={"tracts": 2, "targets": 1},
        join_report={},
        timings_seconds={},
    )


def make_run(store: Store, campaign: Campaign, text: str = "hello") -> Run:
    with store.begin(campaign.slug) as run:
        run.write_file("exports/list.csv", text)
        return run.finish(manifest(run, campaign))


def test_a_complete_run_is_latest_and_lists_every_file_with_its_hash(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path / "my runs")
    run = make_run(store, campaign)
    latest, folder = store.find()
    assert latest == run
    assert [output.path for output in latest.outputs] == ["exports/list.csv"]
    assert latest.outputs[0].bytes == 5
    assert (folder / "exports/list.csv").read_text() == "hello"
    assert json.loads((folder / "manifest.json").read_text())["campaign"]["name"] == campaign.name


def test_a_run_that_fails_leaves_the_last_good_one_and_nothing_else(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path)
    good = make_run(store, campaign)
    with pytest.raises(RuntimeError), store.begin(campaign.slug) as run:
        run.write_file("map.html", "half")
        raise RuntimeError
    assert store.find()[0].id == good.id
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([good.id, "latest"])


def _write_forever(
    folder: Path, campaign: Campaign, ready: "multiprocessing.synchronize.Event"
) -> None:
    with Store(folder).begin(campaign.slug) as run:
        run.write_file("map.html", "half")
        ready.set()
        signal.pause()


def test_the_next_run_removes_files_of_a_killed_one_and_latest_stays(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path)
    good = make_run(store, campaign)
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    process = context.Process(target=_write_forever, args=(tmp_path, campaign, ready))
    process.start()
    assert ready.wait(20)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".building")]
    assert store.find()[0].id == good.id
    make_run(store, campaign, "again")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_run_in_progress_is_not_removed_by_another(tmp_path: Path, campaign: Campaign) -> None:
    store = Store(tmp_path)
    with store.begin(campaign.slug) as first:
        first.write_file("map.html", "first")
        make_run(store, campaign, "second")
        complete = first.finish(manifest(first, campaign))
    assert len(store.runs()) == 2
    assert (store.find(complete.id)[1] / "map.html").read_text() == "first"
    assert store.find()[0].id == complete.id


def test_a_full_disk_is_one_sentence_and_the_last_run_stays(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path)
    good = make_run(store, campaign)
    with (
        pytest.raises(StoreError, match="No space left on device"),
        store.begin(campaign.slug) as run,
    ):
        full = run._workspace.content / "map.html"
        full.symlink_to("/dev/full")
        run.write_file("map.html", "x" * 10_000)
    assert store.find()[0].id == good.id


def test_tables_keep_their_geometry_and_crs(tmp_path: Path, campaign: Campaign) -> None:
    store = Store(tmp_path)
    index = pd.Index(["01001000100"], name="geoid")
    tracts = gpd.GeoDataFrame({"name": ["1"], "geometry": [box(0, 0, 1, 1)]}, index=index, crs=4326)
    scores = pd.DataFrame({"rank": [1]}, index=index)
    with store.begin(campaign.slug) as run:
        run.write_table("tracts", tracts)
        run.write_table("scores", scores)
        run.finish(manifest(run, campaign))
    back = store.read_table("latest", "tracts")
    assert isinstance(back, gpd.GeoDataFrame)
    assert back.crs == tracts.crs
    assert back.index.tolist() == ["01001000100"]
    pd.testing.assert_frame_equal(store.read_table("latest", "scores"), scores)


def test_a_run_is_found_by_the_end_of_its_name_and_an_unknown_one_is_named(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path)
    run = make_run(store, campaign)
    assert store.find(run.id[-4:])[0] == run
    with pytest.raises(StoreError, match="no run 'nonsense'"):
        store.find("nonsense")
    with pytest.raises(StoreError, match="no table 'ghosts'"):
        store.read_table("latest", "ghosts")


def test_a_damaged_manifest_is_named(tmp_path: Path, campaign: Campaign) -> None:
    store = Store(tmp_path)
    run = make_run(store, campaign)
    (tmp_path / run.id / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match="cannot be read"):
        store.find()


def test_files_can_be_read_by_the_team(tmp_path: Path, campaign: Campaign) -> None:
    run = make_run(Store(tmp_path), campaign)
    mode = stat.S_IMODE((tmp_path / run.id).stat().st_mode)
    assert mode & 0o055 == 0o055


def make_run_with_targets(store: Store, campaign: Campaign) -> Run:
    with store.begin(campaign.slug) as run:
        run.write_table("targets", pd.DataFrame({"rank": [1]}))
        return run.finish(manifest(run, campaign))


def test_an_approval_is_final_and_says_who_gave_it(tmp_path: Path, campaign: Campaign) -> None:
    store = Store(tmp_path)
    run = make_run_with_targets(store, campaign)
    assert store.approval(run.id) is None
    approval = store.approve(run.id, by="  Ada Lovelace ")
    assert store.approval("latest") == approval
    assert approval.by == "Ada Lovelace"
    with pytest.raises(StoreError, match="approved by Ada Lovelace"):
        store.approve(run.id, by="Charles")
    assert store.runs() == [run]


def test_a_list_that_changed_after_its_approval_is_refused(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path)
    run = make_run_with_targets(store, campaign)
    store.approve(run.id, by="Ada")
    pd.DataFrame({"rank": [2]}).to_parquet(tmp_path / run.id / "tables" / "targets.parquet")
    with pytest.raises(StoreError, match="not the one that Ada approved"):
        store.approval(run.id)


def test_an_approval_without_a_name_is_refused(tmp_path: Path, campaign: Campaign) -> None:
    store = Store(tmp_path)
    run = make_run_with_targets(store, campaign)
    with pytest.raises(StoreError, match="needs a name"):
        store.approve(run.id, by=" ")
