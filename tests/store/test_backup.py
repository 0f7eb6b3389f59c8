"""A backup is restored whole, or nothing is changed."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from outreach.cli import cli
from outreach.errors import StoreError
from outreach.store.backup import restore_backup, write_backup

KEPT = {
    "archive/rates/2020/a.parquet": b"rates",
    "campaigns/chicago-2020.toml": b"name = 'Chicago'",
    "runs/2020-a/manifest.json": b"{}",
    "runs/approvals/2020-a.json": b"{}",
    "service/audit.jsonl": b"{}\n{}\n",
    "service/users.json": b"[]",
}
LEFT = (
    "cache/kept/x",
    "prefect/prefect.db",
    "service/lock",
    "service/flows.lock",
    "service/flows-2.lock",
    "service/flows-2.ready",
    "service/prefect-sign-in",
    "service/session-key",
    "runs/.building-x/lock",
    "demo/runs/y",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    for name, content in {**KEPT, **dict.fromkeys(LEFT, b"x")}.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (home / "service" / "users.json").chmod(0o600)
    (home / "runs" / "latest").symlink_to("2020-a")
    return home


def read_all(home: Path) -> dict[str, bytes]:
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and "latest" not in path.parts
    }


def test_what_counts_comes_back_and_what_can_be_made_again_does_not(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = tmp_path / "backup.tar.gz", tmp_path / "new" / "home"
    monkeypatch.setenv("OUTREACH_HOME", str(home))
    packed = CliRunner().invoke(cli, ["backup", str(file)], catch_exceptions=False)
    assert packed.stdout.startswith(f"{len(KEPT)} files kept in {file} (")
    assert file.stat().st_mode & 0o077 == 0

    monkeypatch.setenv("OUTREACH_HOME", str(other))
    done = CliRunner().invoke(cli, ["restore", str(file)], catch_exceptions=False)
    assert done.stdout.startswith(f"{len(KEPT)} files of ")
    assert read_all(other) == KEPT
    assert (other / "runs" / "latest").readlink() == Path("2020-a")
    assert (other / "service" / "users.json").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_over(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    write_backup(home, file)
    content = file.read_bytes()
    with pytest.raises(StoreError, match="is there already"):
        write_backup(home, file)
    assert file.read_bytes() == content
    before = read_all(home)
    with pytest.raises(StoreError, match="is not empty, and a backup never mixes"):
        restore_backup(file, home)
    assert read_all(home) == before
    with pytest.raises(StoreError, match="nothing to back up"):
        write_backup(tmp_path / "nowhere", tmp_path / "other.tar.gz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "home"]


def rewrite(change: Callable[[dict[str, bytes]], None]) -> Callable[[bytes], bytes]:
    """Return a function that changes the members of a backup."""

    def act(content: bytes) -> bytes:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            read = {each.name: tar.extractfile(each) for each in tar}
            members = {name: file.read() for name, file in read.items() if file is not None}
        change(members)
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as tar:
            for name, data in members.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
        return out.getvalue()

    return act


def make_newer(members: dict[str, bytes]) -> None:
    record = json.loads(members["backup.json"]) | {"format": 2, "tool_version": "9.0"}
    members["backup.json"] = json.dumps(record).encode()


FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda content: content[: len(content) // 2],
    "not a backup": lambda _: b"PK\x03\x04",
    "empty": lambda _: b"",
    "packed text": lambda _: gzip.compress(b"hello"),
    "changed": rewrite(lambda members: members.update({"service/users.json": b"[1]"})),
    "more": rewrite(lambda members: members.update({"service/more.json": b"[1]"})),
    "less": rewrite(lambda members: members.pop("service/users.json") and None),
    "no record": rewrite(lambda members: members.pop("backup.json") and None),
    "outside": rewrite(lambda members: members.update({"../../evil": b"x"})),
    "a kept result": rewrite(lambda members: members.update({"cache/kept/a/b": b"x"})),
    "newer": rewrite(make_newer),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_backup_with_a_fault_changes_nothing(fault: str, home: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "backup.tar.gz", tmp_path / "new" / "home"
    write_backup(home, file)
    file.write_bytes(FAULTS[fault](file.read_bytes()))
    with pytest.raises(StoreError, match=r"is not restored: .*Nothing was changed"):
        restore_backup(file, other)
    assert not other.exists()
    assert list(other.parent.iterdir()) == []
    assert not (tmp_path / "evil").exists()


def test_a_backup_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no file .*none\.tar\.gz"):
        restore_backup(tmp_path / "none.tar.gz", tmp_path / "home")
