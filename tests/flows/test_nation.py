"""Every archived county is listed, the same on one machine and on a cluster that loses a worker."""

import datetime as dt
import io
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from distributed import LocalCluster

from flows.steps.nation.lists import list_state
from flows.steps.nation.parts import pack_listed, unpack_listed
from flows.steps.nation.tables import finish_state
from models.curves.season_file import load_season_model
from outreach.archive import Archive
from outreach.storage import open_bucket
from outreach.tables import ResponseRates, as_table
from tests.object_store import KEYS

STATES = ("08", "17", "48", "55")
#: Tracts of each county, by its last three digits.
SIZES = {"001": 35, "003": 12, "005": 5}
MAY = dt.date(2020, 5, 2)


def invent_state(state: str, last: dt.date = MAY) -> pd.DataFrame:
    """Invent the rates of three counties of a state; one tract has none on the last day."""
    rng = np.random.default_rng(int(state))
    codes = [
        f"{state}{county}{100 * n:06d}"
        for county, size in SIZES.items()
        for n in range(1, size + 1)
    ]
    days = pd.date_range("2020-03-20", last)
    elapsed = np.arange(len(days))
    share = rng.uniform(0.4, 0.9, (len(codes), 1)) * (
        1 - np.exp(-elapsed / rng.uniform(12, 22, (len(codes), 1)))
    )
    table = pd.DataFrame(
        {
            "data_date": np.tile(days, len(codes)),
            "cumulative_share": share.round(3).ravel(),
            "internet_share": (0.7 * share).round(3).ravel(),
            "daily_share": np.nan,
            "daily_internet_share": np.nan,
        },
        index=pd.Index(np.repeat(codes, len(days)), name="geoid"),
    )
    gone = (table.index == codes[3]) & (table["data_date"] == days[-1])
    return table[~gone]


@pytest.fixture
def home(inside: Any) -> Path:
    """Archive four states."""
    for state in STATES:
        Archive(inside.home / "archive").append(
            invent_state(state), "invented", dt.datetime(2020, 5, 3, tzinfo=dt.UTC)
        )
    return Path(inside.home)


def read_folder(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_county_lists_its_lowest_expected_rates_and_loses_no_tract() -> None:
    rates = as_table(invent_state("17"), ResponseRates)
    lists = list_state(rates, load_season_model(), list_share=0.2)
    assert lists.counties["tracts_count"].to_dict() == {"17001": 34, "17003": 12, "17005": 5}
    assert lists.counties["lapsed_count"].to_dict() == {"17001": 1, "17003": 0, "17005": 0}
    # A fifth, rounded up.
    assert lists.counties["listed_count"].to_dict() == {"17001": 7, "17003": 3, "17005": 1}
    for _, county in lists.tracts.groupby("county"):
        assert county["county_rank"].tolist() == list(range(1, len(county) + 1))
        assert county["final_share"].is_monotonic_increasing
        assert (county["final_share"] > county["cumulative_share"]).all()
    ranges = lists.counties
    assert (ranges["final_low80_share"] < ranges["final_share"]).all()
    assert (ranges["final_share"] < ranges["final_high80_share"]).all()
    # A county's forecast counts a lapsed tract too, at its last rate.
    means = lists.tracts.groupby("county")["final_share"].mean()
    assert np.allclose(ranges["final_share"][1:], means[1:])
    assert 0 < abs(ranges["final_share"].iloc[0] - means.iloc[0]) < 0.01
    sizes = ranges["tracts_count"] + ranges["lapsed_count"]
    assert lists.area["final_share"] == pytest.approx(
        np.average(ranges["final_share"], weights=sizes)
    )


def test_packed_lists_read_back_the_same_or_not_at_all() -> None:
    rates = as_table(invent_state("17"), ResponseRates)
    lists = list_state(rates, load_season_model(), list_share=0.2)
    packed = pack_listed(finish_state(lists))
    again = unpack_listed(packed)
    assert again is not None
    assert pack_listed(again) == packed
    pd.testing.assert_frame_equal(again.counties, lists.counties)
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(again.table)), lists.tracts)
    assert again.rows.count("\n") == len(lists.tracts) + 1
    assert unpack_listed(packed[:-40]) is None
    assert unpack_listed(packed.replace(b"17001", b"17009")) is None


def test_the_nation_is_listed_and_a_stopped_job_goes_on_where_it_was(
    inside: Any, home: Path
) -> None:
    done = inside("nation", "--date", "2020-05-02", "--state", "17", "--state", "08")
    assert done.returncode == 0, done.stderr
    assert "6 counties of 2 states, data of May 2, 2020: 22 tracts of 102 listed" in done.stdout
    assert done.stdout.count("Note: Hindsight: the season model 2020 was fitted on final") == 1
    files = read_folder(home / "nation")
    assert sorted(name for name in files if name.startswith("lists/")) == [
        f"lists/{state}{county}.csv" for state in ("08", "17") for county in SIZES
    ]
    states = pd.read_csv(home / "nation" / "states.csv", dtype={"state": str}).set_index("state")
    assert states["lapsed_count"].tolist() == [1, 1]
    assert states.loc["17", "name"] == "Illinois"
    rows = pd.read_csv(home / "nation" / "lists" / "17005.csv")
    assert (rows["is_listed"] == "yes").tolist() == [True, False, False, False, False]
    meanings = set(pd.read_csv(home / "nation" / "columns.csv")["column"])
    for name in ("states.csv", "counties.csv", "nation.csv", "lists/17005.csv"):
        assert set(pd.read_csv(home / "nation" / name)) <= meanings

    whole = inside("nation", "--date", "2020-05-02")
    assert "2 states had been listed from the same rates and predictors." in whole.stdout
    assert len(list((home / "nation" / "lists").iterdir())) == len(STATES) * len(SIZES)

    # New rates of one state compute that state only; a damaged part is computed again.
    Archive(home / "archive").append(
        invent_state("48", MAY + dt.timedelta(days=2)),
        "invented",
        dt.datetime(2020, 5, 5, tzinfo=dt.UTC),
    )
    newer = inside("nation", "--date", "2020-05-04")
    assert "data of May 2, 2020 to May 4, 2020" in newer.stdout
    assert "3 states had been listed" in newer.stdout
    next((home / "cache" / "kept" / "lists-of-a-state").iterdir()).write_bytes(b"damaged")
    assert inside("nation", "--date", "2020-05-04").returncode == 0


def test_what_cannot_be_listed_is_one_sentence(inside: Any, home: Path) -> None:
    unknown = inside("nation", "--state", "06")
    assert unknown.returncode == 1
    assert "The archive has no rates of state 06" in unknown.stderr
    early = inside("nation", "--date", "2020-01-01")
    assert "The archive has no rates up to 2020-01-01." in early.stderr
    nobody = inside("nation", "--cluster", "tcp://127.0.0.1:9")
    assert "No Dask scheduler answers at tcp://127.0.0.1:9." in nobody.stderr
    unshared = inside("nation", "--bucket")
    assert unshared.returncode == 1
    assert "There is no shared storage for the workers." in unshared.stderr
    own = home / "own"
    own.mkdir()
    (own / "letter.txt").write_text("mine")
    foreign = inside("nation", "--into", str(own))
    assert "has other content" in foreign.stderr
    assert [path.name for path in own.iterdir()] == ["letter.txt"]


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Run two worker processes that have connections and keys of a bucket, and no folder."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, env=KEYS
    ) as running:
        yield running


def kill_a_busy_worker(cluster: LocalCluster, killed: list[int]) -> None:
    """Wait until a worker is at work, and end it at once."""
    until = time.monotonic() + 600
    while not killed and time.monotonic() < until:
        for address, worker in list(cluster.scheduler.workers.items()):
            nannies = [each for each in cluster.workers.values() if each.worker_address == address]
            if worker.processing and nannies:
                killed.append(nannies[0].pid)
                os.kill(killed[0], signal.SIGKILL)
                return
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["connection", "bucket"])
def test_a_cluster_that_loses_a_worker_makes_the_same_files(
    way: str, inside: Any, home: Path, cluster: LocalCluster, endpoint: str
) -> None:
    assert inside("nation", "--date", "2020-05-02", "--into", str(home / "one")).returncode == 0
    parts = home / "cache" / "kept" / "lists-of-a-state"

    def list_states(folder: str, *options: str) -> str:
        """List states that this machine has not listed, by the bucket if that is the way."""
        for part in parts.iterdir():
            part.unlink()
        if way == "bucket":
            options = (*options, "--bucket")
        env = {
            "OUTREACH_STORAGE": "s3://census/team",
            "OUTREACH_STORAGE_ENDPOINT": endpoint,
            **KEYS,
        }
        into = ("--into", str(home / folder))
        done = inside("nation", "--date", "2020-05-02", *into, *options, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        assert read_folder(home / "one") == read_folder(home / folder)
        return str(done.stdout)

    killed: list[int] = []
    killer = threading.Thread(target=kill_a_busy_worker, args=(cluster, killed))
    killer.start()
    list_states("two", "--cluster", cluster.scheduler_address)
    killer.join()
    assert killed
    assert len(list(parts.iterdir())) == len(STATES)

    objects = open_bucket("s3://census/team", endpoint).survey()
    lists = [path for path in objects if path.startswith("nation/lists/")]
    assert len(lists) == (len(STATES) if way == "bucket" else 0)
    if way == "bucket":  # a machine that listed nothing finds all of it there
        assert "4 states had been listed" in list_states("three")
