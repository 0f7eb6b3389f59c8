"""A state reaches a worker by connection or through a bucket, and its lists come back the same."""

import datetime as dt
import pickle
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pandas as pd
import pytest

from flows.steps.kept.results import hash_code
from flows.steps.nation.held import pack_held
from flows.steps.nation.parcels import BucketPost, DirectPost
from flows.steps.nation.parts import unpack_listed
from flows.steps.nation.work import ListRequest, list_parcel
from models.curves.season_file import load_season_model
from outreach.archive import Archive, CarriedState
from outreach.errors import ArchiveError, SettingsError, StorageError

BUCKET = "s3://census/team"
HELD = pack_held({})
MAY = dt.date(2020, 5, 2)


@pytest.fixture
def carried(tmp_path: Path) -> CarriedState:
    """Return the rates of six tracts over forty days."""
    days = pd.date_range(end=MAY, periods=40)
    codes = [f"17001{100 * number:06d}" for number in range(1, 7)]
    share = np.linspace(0.2, 0.5, len(days)) + np.linspace(0, 0.2, len(codes))[:, None]
    rates = pd.DataFrame(
        {
            "data_date": np.tile(days, len(codes)),
            "cumulative_share": share.ravel(),
            "internet_share": share.ravel() / 2,
            "daily_share": np.nan,
            "daily_internet_share": np.nan,
        },
        index=pd.Index(np.repeat(codes, len(days)), name="geoid"),
    )
    archive = Archive(tmp_path / "archive")
    archive.append(rates, "invented", dt.datetime(2020, 5, 3, tzinfo=dt.UTC))
    return archive.carry("17", MAY)


@pytest.fixture
def request_bytes() -> bytes:
    return pickle.dumps(ListRequest(load_season_model(), 0.2, None))


@pytest.fixture
def client(endpoint: str) -> Any:
    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")


def test_both_ways_bring_the_same_lists_and_a_bucket_only_names(
    carried: CarriedState, request_bytes: bytes, endpoint: str
) -> None:
    direct, post = DirectPost(), BucketPost(BUCKET, endpoint)
    assert direct.find("a") is None
    assert post.find("a") is None
    answer = list_parcel(direct.send("a", carried, HELD), request_bytes, hash_code())
    listed = direct.receive("a", answer)
    assert unpack_listed(listed) is not None

    parcel = post.send("a", carried, HELD)
    assert len(pickle.dumps(parcel)) < 1000 < sum(map(len, carried.contents))
    # A worker that died after it had handed in does no harm: the next finds the same there.
    for _ in range(2):
        assert list_parcel(parcel, request_bytes, hash_code()) == b""
    assert post.receive("a", b"") == listed
    # Another machine finds what was listed, and sends nothing again.
    other = BucketPost(BUCKET, endpoint)
    assert other.find("a") == listed
    assert other.send("a", carried, HELD) == parcel


def test_what_lies_damaged_in_the_bucket_is_named(
    carried: CarriedState, request_bytes: bytes, endpoint: str, client: Any
) -> None:
    post = BucketPost(BUCKET, endpoint)
    parcel = post.send("a", carried, HELD)

    def damage(path: str) -> bytes:
        whole = client.get_object(Bucket="census", Key=f"team/{path}")["Body"].read()
        client.put_object(Bucket="census", Key=f"team/{path}", Body=whole[:-1] + b"?")
        return bytes(whole)

    list_parcel(parcel, request_bytes, hash_code())
    damage(parcel.lists)
    with pytest.raises(StorageError, match=r"nation/lists/a\.lists in s3://census/team is damaged"):
        post.receive("a", b"")
    whole = damage(parcel.held)
    with pytest.raises(StorageError, match=r"nation/predictors/.* is damaged"):
        parcel.open()
    client.put_object(Bucket="census", Key=f"team/{parcel.held}", Body=whole)
    damage(f"archive/{parcel.segments[0]}")
    with pytest.raises(ArchiveError, match=r"rates/2020/state=17/.* is damaged"):
        parcel.open()


def test_a_worker_that_cannot_work_says_why_in_a_sentence_that_travels(
    carried: CarriedState, request_bytes: bytes, endpoint: str, client: Any
) -> None:
    parcel = BucketPost(BUCKET, endpoint).send("a", carried, HELD)
    with pytest.raises(SettingsError, match="A worker has another version of this program"):
        list_parcel(parcel, request_bytes, "0" * 64)
    client.delete_object(Bucket="census", Key=f"team/{parcel.held}")
    with pytest.raises(StorageError) as failure:
        list_parcel(parcel, request_bytes, hash_code())
    again = pickle.loads(pickle.dumps(failure.value))
    assert str(again) == str(failure.value)
    assert "A worker cannot use the bucket." in str(again)
    assert "Give every worker the extra 'storage' and the bucket's keys" in str(again)
