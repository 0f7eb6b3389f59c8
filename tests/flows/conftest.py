"""A home with two runs of a small town and its wards, and a real S3 server with an empty bucket."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from outreach.settings import Settings, read_settings
from tests.flows.town import keep_run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path / "home")


@pytest.fixture
def home(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("OUTREACH_HOME", str(settings.home))
    keep_run(settings, tmp_path, 0.5, dt.date(2020, 6, 5))
    keep_run(settings, tmp_path, 0.52, dt.date(2020, 6, 12))
    return settings


@pytest.fixture(scope="module")
def object_server() -> Iterator[str]:
    """Run a real S3 server on this machine."""
    # Late, because it is slow to import and most tests do without it.
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    yield "http://{}:{}".format(*running.get_host_and_port())
    running.stop()


@pytest.fixture
def endpoint(object_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the keys of the server, and an empty bucket."""
    import boto3  # noqa: PLC0415  as above

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "invented")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    client = boto3.client("s3", endpoint_url=object_server, region_name="us-east-1")
    client.create_bucket(Bucket="census")
    for each in client.list_objects_v2(Bucket="census").get("Contents", ()):
        client.delete_object(Bucket="census", Key=each["Key"])
    return object_server
