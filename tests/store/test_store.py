"""A run exists only when it is complete."""

import datetime as dt
import json
import multiprocessing
import os
import shutil
import signal
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from outreach.campaign import Campaign, parse_campaign
from outreach.errors import CampaignError, ExportError, StoreError
from outreach.store import Run, RunFolder, Store, hand_out, read_requested_campaign


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
        full = run._building / "map.html"
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


def test_a_run_of_version_0_1_can_still_be_read(tmp_path: Path, campaign: Campaign) -> None:
    store = Store(tmp_path)
    run = make_run(store, campaign)
    manifest = tmp_path / run.id / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"assessment":', '"outlook":'))
    assert '"outlook"' in manifest.read_text()
    assert store.find("latest")[0] == run


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


def test_a_run_whose_folder_is_removed_ends_and_is_not_made_again(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path)
    good = make_run(store, campaign)
    with pytest.raises(StoreError, match=r"lost exports/list\.csv"), store.begin("x") as run:
        run.write_file("map.html", "whole")
        shutil.rmtree(run._building)
        run.write_file("exports/list.csv", "again")
    with pytest.raises(StoreError, match=r"lost map\.html"), store.begin("x") as run:
        run.write_file("map.html", "whole")
        (run._building / "map.html").unlink()
        run.finish(manifest(run, campaign))
    assert store.find()[0].id == good.id
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([good.id, "latest"])


def test_a_run_whose_file_changed_is_not_finished(tmp_path: Path, campaign: Campaign) -> None:
    store = Store(tmp_path)
    with pytest.raises(StoreError, match=r"map\.html .* was changed"), store.begin("x") as run:
        run.write_file("map.html", "whole")
        (run._building / "map.html").write_text("w")
        run.finish(manifest(run, campaign))
    assert store.runs() == []


def test_a_list_that_is_not_the_one_of_the_manifest_is_refused_everywhere(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path)
    run = make_run_with_targets(store, campaign)
    path = tmp_path / run.id / "tables" / "targets.parquet"
    pd.DataFrame({"rank": [2]}).to_parquet(path)
    with pytest.raises(StoreError, match="not the file that the run wrote"):
        store.approve(run.id, by="Ada")
    with pytest.raises(StoreError, match="not the file that the run wrote"):
        store.read_table("latest", "targets")
    path.unlink()
    with pytest.raises(StoreError, match="No such file"):
        store.read_table("latest", "targets")
    assert not (tmp_path / "approvals").exists()


@pytest.mark.parametrize("content", ["", "{", '{"run_id": 1}', "[]"])
def test_a_damaged_approval_is_one_sentence(
    tmp_path: Path, campaign: Campaign, content: str
) -> None:
    store = Store(tmp_path)
    run = make_run_with_targets(store, campaign)
    store.approve(run.id, by="Ada")
    path = tmp_path / "approvals" / f"{run.id}.json"
    path.write_text(content)
    for read in (lambda: store.approval(run.id), lambda: store.approve(run.id, by="Ada")):
        with pytest.raises(StoreError, match=r"The approval .* cannot be read: .*backup"):
            read()


def test_a_refused_approval_sweeps_what_a_killed_one_left(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path)
    run = make_run_with_targets(store, campaign)
    store.approve(run.id, by="Ada")
    left = tmp_path / "approvals" / f".{run.id}.json.0123abcd.tmp"
    left.write_text("{}")
    with pytest.raises(StoreError, match="was approved by Ada"):
        store.approve(run.id, by="Ada")
    assert not left.exists()


def test_of_many_who_approve_at_once_one_does(tmp_path: Path, campaign: Campaign) -> None:
    store = Store(tmp_path)
    run = make_run_with_targets(store, campaign)

    def approve(name: str) -> str:
        try:
            return store.approve(run.id, by=name).by
        except StoreError as error:
            return "" if "was approved by" in error.what else error.what

    with ThreadPoolExecutor(8) as pool:
        names = [name for name in pool.map(approve, "ABCDEFGH") if name]
    approval = store.approval(run.id)
    assert approval is not None
    assert names == [approval.by]
    assert [path.name for path in (tmp_path / "approvals").iterdir()] == [f"{run.id}.json"]


def hand_out_text(folder: Path, text: str, *, force: bool = False) -> None:
    hand_out(folder / "home", folder / "lists", {"a.csv": text.encode()}, force=force)


def test_our_own_export_is_replaced_and_a_file_of_somebody_else_only_by_force(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lists" / "a.csv"
    for text in ("draft", "draft", "approved"):
        hand_out_text(tmp_path, text)
        assert path.read_text() == text
    path.write_text("edited by hand")
    with pytest.raises(ExportError, match=r"a\.csv is there already .*--force"):
        hand_out_text(tmp_path, "newer")
    assert path.read_text() == "edited by hand"
    hand_out_text(tmp_path, "newer", force=True)
    assert path.read_text() == "newer"
    assert [path.name for path in path.parent.iterdir()] == ["a.csv"]


def test_an_export_does_not_write_through_a_link(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.txt"
    theirs.write_text("theirs")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.csv").symlink_to(theirs)
    with pytest.raises(ExportError, match="is a link"):
        hand_out_text(tmp_path, "ours")
    hand_out_text(tmp_path, "ours", force=True)
    assert theirs.read_text() == "theirs"
    assert (tmp_path / "lists" / "a.csv").read_text() == "ours"
    assert not (tmp_path / "lists" / "a.csv").is_symlink()


def test_a_folder_in_the_way_of_an_export_is_named(tmp_path: Path) -> None:
    (tmp_path / "lists" / "a.csv").mkdir(parents=True)
    with pytest.raises(ExportError, match=r"a\.csv is a folder"):
        hand_out_text(tmp_path, "ours", force=True)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"counts"', '"count"'), ('"notes"', '"nodes"'), ('"tracts": 2', '"tracts": "2"')],
)
def test_a_manifest_with_a_strange_key_or_text_for_a_number_is_refused(
    old: str, new: str, tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path / "runs")
    run = make_run(store, campaign)
    path = store.folder / run.id / "manifest.json"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StoreError, match=r"The manifest .* is missing or wrong"):
        store.find(run.id)


def test_a_damaged_run_stops_no_reading_of_another_campaign(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path)
    good = make_run(store, campaign)
    other = make_run(store, campaign.model_copy(update={"name": "Harbor Town"}))
    path = tmp_path / other.id / "manifest.json"
    path.write_text("{}")
    runs, damaged = store.survey()
    assert [run.id for run in runs] == [good.id]
    assert list(damaged) == [other.id]
    assert str(path) in str(damaged[other.id])
    assert [run.id for run in store.runs(campaign.slug)] == [good.id]
    for slug in ("", "harbor-town"):
        with pytest.raises(StoreError, match="manifest"):
            store.runs(slug)


def test_a_new_run_removes_what_a_killed_approval_left(tmp_path: Path, campaign: Campaign) -> None:
    store = Store(tmp_path)
    left = tmp_path / "approvals" / ".a-run.json.0123abcd.tmp"
    left.parent.mkdir()
    left.touch()
    make_run(store, campaign)
    assert not left.exists()


def test_latest_of_a_campaign_is_its_run_with_the_newest_data(
    tmp_path: Path, campaign: Campaign
) -> None:
    store = Store(tmp_path / "runs")
    other = campaign.model_copy(update={"name": "Another"})

    def make(request: Campaign, day: int, *, is_latest: bool = True) -> str:
        with store.begin(request.slug) as run:
            made = manifest(run, request).model_copy(update={"data_date": dt.date(2020, 5, day)})
            return run.finish(made, is_latest=is_latest).id

    newest, older, another = make(campaign, 9), make(campaign, 3), make(other, 1)
    assert store.find(f"latest:{campaign.slug}")[0].id == newest
    assert store.find("latest:another")[0].id == another
    # A run of a day long past leaves latest alone.
    make(campaign, 1, is_latest=False)
    assert store.find("latest")[0].id == another
    assert older != newest
    with pytest.raises(StoreError, match="There is no run 'latest:nobody'"):
        store.find("latest:nobody")


def test_after_a_demo_a_command_says_where_its_runs_are(tmp_path: Path, campaign: Campaign) -> None:
    home = tmp_path / "home"
    real, demo = Store(home / "runs"), Store(home / "demo" / "runs")
    with pytest.raises(StoreError, match="'outreach run' starts one"):
        real.find("latest")
    with demo.begin(campaign.slug) as run:
        made = run.finish(manifest(run, campaign)).id
    for name in ("latest", made, f"latest:{campaign.slug}"):
        with pytest.raises(StoreError, match=f"set OUTREACH_HOME={home / 'demo'}"):
            real.find(name)
    with pytest.raises(StoreError, match="'outreach run' starts one"):
        real.find("nothing")


def test_a_campaign_is_found_by_its_name_or_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    example = Path(__file__).parents[2] / "outreach" / "examples" / "invented_county.toml"
    text = example.read_text(encoding="utf-8")
    with pytest.raises(CampaignError, match="Cannot read the campaign file county"):
        read_requested_campaign(tmp_path / "home", Path("county"))
    kept = tmp_path / "home" / "campaigns" / "county.toml"
    kept.parent.mkdir(parents=True)
    kept.write_text(text)
    assert read_requested_campaign(tmp_path / "home", Path("county")).name == "Invented County"
    with pytest.raises(CampaignError, match=r"There is no campaign 'city' in .* Choose from: coun"):
        read_requested_campaign(tmp_path / "home", Path("city"))
    # A file of the working folder wins.
    Path("county").write_text(text.replace("Invented County", "Mine"))
    assert read_requested_campaign(tmp_path / "home", Path("county")).name == "Mine"
