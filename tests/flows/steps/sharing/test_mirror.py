"""Machines that share a bucket lose nothing, see no half run, and never write over each other."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pandas as pd
import pytest

from flows.steps.sharing.mirror import pull_home, push_home
from flows.steps.sharing.session import share_home
from outreach.archive import Archive
from outreach.campaign import parse_campaign
from outreach.errors import ArchiveError, SettingsError, StorageError, StoreError
from outreach.settings import Settings, read_settings
from outreach.storage import Bucket, open_bucket
from outreach.store import Run, Store

CAMPAIGN = parse_campaign(
    {
        "name": "Invented",
        "census_year": 2020,
        "areas": [{"state": "99"}],
        "goal_percent": 70,
        "deadline": dt.date(2020, 10, 15),
        "budget_usd": 1000,
    },
    "test",
)
Machine = Callable[[str], Settings]


@pytest.fixture
def bucket(endpoint: str) -> Bucket:
    return open_bucket("s3://census/team", endpoint)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a function that makes the settings of a machine with a folder of its own."""
    return lambda name: Settings(home=tmp_path / name, _env_file=None)  # type: ignore[call-arg]


def archive_day(settings: Settings, day: int) -> None:
    rates = pd.DataFrame(
        {
            "data_date": pd.Timestamp(2020, 5, day),
            "cumulative_share": [0.5, 0.6],
            "internet_share": [0.4, 0.5],
            "daily_share": np.nan,
            "daily_internet_share": np.nan,
        },
        index=pd.Index(["99001000100", "99001000200"], name="geoid"),
    )
    Archive(settings.archive_folder).append(
        rates, "invented", dt.datetime(2020, 5, day, 20, tzinfo=dt.UTC)
    )


def make_run(settings: Settings, text: str = "hello") -> Run:
    with Store(settings.runs_folder).begin("invented") as run:
        run.write_table("targets", pd.DataFrame({"budget_usd": [1.0]}))
        for number in range(3):
            run.write_file(f"exports/list-{number}.csv", text)
        return run.finish(
            Run(
                id=run.id,
                created_at=dt.datetime(2020, 5, 1, tzinfo=dt.UTC),
                campaign=CAMPAIGN,
                data_date=dt.date(2020, 5, 1),
                inputs=(),
                counts={},
                join_report={},
                timings_seconds={},
            )
        )


def test_what_one_machine_pushes_another_pulls_whole(machine: Machine, bucket: Bucket) -> None:
    ada, ben = machine("ada"), machine("ben")
    archive_day(ada, 1)
    run = make_run(ada)
    Store(ada.runs_folder).approve(run.id, "Ada")
    pushed = push_home(ada, bucket)
    assert (pushed.runs, pushed.latest) == (1, run.id)
    assert pushed.files == 2 + 5 + 1  # segment, receipt; the run; its approval

    pulled = pull_home(ben, bucket)
    assert (pulled.files, pulled.runs, pulled.latest) == (pushed.files, 1, run.id)
    store = Store(ben.runs_folder)
    assert store.find()[0] == run
    assert store.read_output(run.id, "exports/list-0.csv") == b"hello"
    approval = store.approval(run.id)
    assert approval is not None
    assert approval.by == "Ada"
    assert Archive(ben.archive_folder).latest_date() == dt.date(2020, 5, 1)

    # Nothing is moved twice.
    assert push_home(ada, bucket).files == 0
    assert pull_home(ben, bucket).files == 0


def test_two_machines_put_their_days_together_and_latest_never_goes_back(
    machine: Machine, bucket: Bucket
) -> None:
    ada, ben = machine("ada"), machine("ben")
    archive_day(ada, 1)
    archive_day(ben, 2)
    old = make_run(ada)
    new = make_run(ben)
    if new.id < old.id:  # both within a second
        old, new, ada, ben = new, old, ben, ada
    push_home(ben, bucket)
    assert push_home(ada, bucket).latest == new.id
    for settings in (ada, ben):
        assert pull_home(settings, bucket).latest == new.id
        assert Archive(settings.archive_folder).data_dates() == [
            dt.date(2020, 5, 1),
            dt.date(2020, 5, 2),
        ]


def test_many_machines_at_once_lose_no_run(machine: Machine, bucket: Bucket, endpoint: str) -> None:
    machines = [machine(str(number)) for number in range(6)]
    runs = {make_run(each).id for each in machines}
    faults: list[Exception] = []

    def push(settings: Settings) -> None:
        try:
            push_home(settings, open_bucket("s3://census/team", endpoint))
        except Exception as error:  # noqa: BLE001  told below
            faults.append(error)

    threads = [threading.Thread(target=push, args=(each,)) for each in machines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    last = machine("last")
    assert pull_home(last, bucket).runs == len(machines)
    assert {run.id for run in Store(last.runs_folder).runs()} == runs
    assert Store(last.runs_folder).find()[0].id == max(runs)


def test_a_run_approved_on_two_machines_is_told_and_nothing_is_written_over(
    machine: Machine, bucket: Bucket
) -> None:
    ada, ben = machine("ada"), machine("ben")
    run = make_run(ada)
    push_home(ada, bucket)
    pull_home(ben, bucket)
    Store(ada.runs_folder).approve(run.id, "Ada")
    Store(ben.runs_folder).approve(run.id, "Ben")
    push_home(ada, bucket)
    for move in (push_home, pull_home):
        with pytest.raises(StorageError, match="says something else on this machine"):
            move(ben, bucket)
    assert b"Ada" in bucket.read(f"runs/approvals/{run.id}.json")


def test_a_withdrawal_reaches_every_machine(machine: Machine, bucket: Bucket) -> None:
    ada, ben = machine("ada"), machine("ben")
    run = make_run(ada)
    Store(ada.runs_folder).approve(run.id, "Ada")
    push_home(ada, bucket)
    pull_home(ben, bucket)
    Store(ada.runs_folder).approvals.withdraw(run.id, "Ada", "The flight moved.")
    push_home(ada, bucket)
    pull_home(ben, bucket)
    withdrawal = Store(ben.runs_folder).withdrawal(run.id)
    assert withdrawal is not None
    assert withdrawal.reason == "The flight moved."


def test_a_copy_that_was_changed_is_refused(machine: Machine, endpoint: str) -> None:
    ada = machine("ada")
    archive_day(ada, 1)
    run = make_run(ada)
    bucket = open_bucket("s3://census/team", endpoint)
    push_home(ada, bucket)
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    key = f"team/runs/{run.id}/exports/list-1.csv"
    client.put_object(Bucket="census", Key=key, Body=b"other")
    ben = machine("ben")
    with pytest.raises(StoreError, match="is not the file that the run wrote"):
        pull_home(ben, bucket)
    assert Store(ben.runs_folder).runs() == []
    assert [path.name for path in ben.runs_folder.iterdir()] == []

    segment = next(path for path in bucket.survey() if path.endswith(".parquet"))
    client.put_object(Bucket="census", Key=f"team/{segment}", Body=b"other")
    with pytest.raises(ArchiveError, match="does not match the hash in its name"):
        pull_home(machine("eve"), bucket)


@pytest.mark.slow
def test_a_killed_push_shows_no_half_run_and_the_next_one_ends_it(
    machine: Machine, bucket: Bucket, endpoint: str
) -> None:
    ada = machine("ada")
    archive_day(ada, 1)
    run = make_run(ada)
    env = os.environ | {
        "OUTREACH_HOME": str(ada.home),
        "OUTREACH_STORAGE": "s3://census/team",
        "OUTREACH_STORAGE_ENDPOINT": endpoint,
    }
    for least in (1, 4):
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "outreach"), "storage", "push"], env=env
        )
        while process.poll() is None and len(bucket.survey()) < least:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        seen = machine(f"seen-{least}")
        pull_home(seen, bucket)
        for each in Store(seen.runs_folder).runs():
            assert len(each.outputs) == 4
            assert (seen.runs_folder / each.id / "exports" / "list-2.csv").is_file()
    push_home(ada, bucket)
    ben = machine("ben")
    pull_home(ben, bucket)
    assert Store(ben.runs_folder).find()[0] == run


def test_a_shared_home_pulls_first_and_pushes_last(
    machine: Machine, bucket: Bucket, endpoint: str
) -> None:
    ada = machine("ada")
    archive_day(ada, 1)
    push_home(ada, bucket)
    shared = {"storage": "s3://census/team", "storage_endpoint": endpoint}
    ben = machine("ben").model_copy(update=shared)
    with share_home(ben):
        assert Archive(ben.archive_folder).latest_date() == dt.date(2020, 5, 1)
        archive_day(ben, 2)
    pull_home(ada, bucket)
    assert Archive(ada.archive_folder).latest_date() == dt.date(2020, 5, 2)
    with share_home(machine("alone")):
        pass
    assert not machine("alone").home.exists()

    # Work that cannot be sent is whole here, and the sentence says so.
    gone = ben.model_copy(update={"storage": "s3://nowhere/team"})
    with pytest.raises(StorageError, match="s3://nowhere/team"), share_home(gone):
        pytest.fail("nothing begins without what the team has")


def test_a_storage_that_cannot_be_used_is_one_sentence(
    endpoint: str, inside: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "There is no shared storage." in inside("storage", "push").stderr
    here = {"OUTREACH_STORAGE_ENDPOINT": endpoint}
    done = inside("storage", "push", OUTREACH_STORAGE="s3://nowhere/team", **here)
    assert done.returncode == 1
    assert "Error: s3://nowhere/team has no .check-" in done.stderr
    assert "or is no bucket." in done.stderr
    assert "invented" not in done.stderr
    wrong = inside("storage", "pull", OUTREACH_STORAGE="x").stderr
    assert "OUTREACH_STORAGE must be s3://bucket or s3://bucket/folder" in wrong
    plain = {"OUTREACH_STORAGE_ENDPOINT": "http://storage.example.gov"}
    bare = inside("storage", "pull", OUTREACH_STORAGE="s3://census", **plain)
    assert "names storage.example.gov without encryption" in bare.stderr
    fine = inside("storage", "push", OUTREACH_STORAGE="s3://census/team", **here)
    assert fine.stdout == "Pushed 0 files, of them 0 whole runs: s3://census/team\n"

    # What comes from a sandbox stays on this machine, unless the storage is of this machine, too.
    city = Settings(storage="s3://census/team", api_url="http://127.0.0.1:8000", _env_file=None)  # type: ignore[call-arg]
    assert city.find_storage() == ("", "")
    assert city.model_copy(update={"storage_endpoint": endpoint}).find_storage()[1] == endpoint

    # A file that came with a download chooses no place for a city's lists.
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("OUTREACH_STORAGE=s3://somebody-else/x\n")
    with pytest.raises(SettingsError, match="would send the runs and the rates"):
        read_settings().find_storage()
