import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pydantic import BaseModel

from outreach.errors import StoreError
from outreach.files import (
    create_file,
    make_slug,
    open_workspace,
    read_record,
    replace_folder,
    sweep_workspaces,
    write_file,
    write_files,
)


def list_names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    write_file(path, b"old")
    write_file(path, "n\u00e9w\n")
    assert path.read_bytes() == b"n\xc3\xa9w\n"
    assert list_names(tmp_path) == ["new", "new/a.txt"]


def test_a_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/null")
    write_file(tmp_path / "link", "gone")
    assert (tmp_path / "link").readlink() == Path("/dev/null")
    assert list_names(tmp_path) == ["link"]


def test_when_one_file_cannot_be_written_none_takes_its_place(tmp_path: Path) -> None:
    first, blocked = tmp_path / "a.txt", tmp_path / "b" / "b.txt"
    first.write_text("old")
    (tmp_path / "b").write_text("a file where a folder has to be")
    with pytest.raises(OSError, match="b"):
        write_files({first: "new", blocked: "new"})
    assert first.read_text() == "old"
    assert list_names(tmp_path) == ["a.txt", "b"]


def test_a_full_disk_names_the_file(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large") as failure:
            write_file(tmp_path / "a.bin", b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert failure.value.filename == str(tmp_path / "a.bin")
    assert list_names(tmp_path) == []


def test_a_folder_replaces_the_older_one_as_a_whole(tmp_path: Path) -> None:
    final = tmp_path / "deep" / "site"
    for name in ("old.html", "new.html"):
        with replace_folder(final) as building:
            (building / name).write_text(name)
    assert list_names(tmp_path) == ["deep", "deep/site", "deep/site/new.html"]
    assert final.stat().st_mode & 0o777 == 0o755


def test_a_folder_that_fails_leaves_the_older_one_as_it_was(tmp_path: Path) -> None:
    final = tmp_path / "site"
    with replace_folder(final) as building:
        (building / "old.html").write_text("old")
    with pytest.raises(ZeroDivisionError), replace_folder(final) as building:
        (building / "new.html").write_text("new")
        _ = 1 / 0
    assert list_names(tmp_path) == ["site", "site/old.html"]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Chicago: spring 2030", "chicago-spring-2030"),
        ("  O'Hare & Midway, 1,000 ads!", "o-hare-midway-1-000-ads"),
        ("already-a-slug", "already-a-slug"),
        ("\u5e02", ""),
        ("a" * 61, "a" * 60),
    ],
)
def test_a_slug_has_lowercase_letters_digits_and_hyphens(text: str, slug: str) -> None:
    assert make_slug(text) == slug


def test_a_slug_can_be_shorter() -> None:
    assert make_slug("ward 12", 4) == "ward"


def test_a_site_is_never_missing_while_it_is_replaced(tmp_path: Path) -> None:
    final = tmp_path / "site"
    with replace_folder(final) as building:
        (building / "index.html").write_text("0")
    stop, missed, reads = threading.Event(), [], []

    def read_on() -> None:
        while not stop.is_set():
            try:
                reads.append((final / "index.html").read_text())
            except FileNotFoundError:
                missed.append(1)

    reader = threading.Thread(target=read_on)
    reader.start()
    for number in range(1, 40):
        with replace_folder(final) as building:
            (building / "index.html").write_text(str(number))
    stop.set()
    reader.join()
    assert reads
    assert not missed
    assert (final / "index.html").read_text() == "39"


def test_files_and_links_that_are_not_ours_stay(tmp_path: Path) -> None:
    final, photos = tmp_path / "site", tmp_path / "photos"
    photos.mkdir()
    (photos / "cat.jpg").write_text("cat")
    for content in ("old", "new"):
        with replace_folder(final, {"index.html", "gone.html"}.__contains__) as building:
            (building / "index.html").write_text(content)
        (final / "gone.html").write_text("of the earlier set")
        (final / "own").mkdir(exist_ok=True)
        (final / "own" / "CNAME").write_text("example.org")
        if content == "old":
            (final / "photos").symlink_to(photos)
    with replace_folder(final, {"index.html", "gone.html"}.__contains__) as building:
        (building / "index.html").write_text("newest")
    assert (final / "index.html").read_text() == "newest"
    assert (final / "own" / "CNAME").read_text() == "example.org"
    assert (final / "photos").readlink() == photos
    assert not (final / "gone.html").exists()
    assert list_names(photos) == ["cat.jpg"]


def test_a_file_that_is_not_ours_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    final, elsewhere = tmp_path / "site", tmp_path / "elsewhere.html"
    elsewhere.write_text("theirs")
    final.mkdir()
    (final / "index.html").symlink_to(elsewhere)
    with (
        pytest.raises(FileExistsError, match="in the way"),
        replace_folder(final, {"index.html"}.__contains__) as building,
    ):
        (building / "index.html").write_text("ours")
    assert (final / "index.html").is_symlink()
    assert elsewhere.read_text() == "theirs"
    assert list_names(tmp_path) == ["elsewhere.html", "site", "site/index.html"]


def test_a_link_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    real, final = tmp_path / "real", tmp_path / "site"
    real.mkdir()
    final.symlink_to(real)
    with pytest.raises(FileExistsError, match="link"), replace_folder(final):
        pass
    assert final.readlink() == real


def test_a_folder_that_is_removed_while_it_is_built_does_not_replace_the_older_one(
    tmp_path: Path,
) -> None:
    final = tmp_path / "site"
    with replace_folder(final) as building:
        (building / "index.html").write_text("old")
    with pytest.raises(FileNotFoundError, match="removed"), replace_folder(final) as building:
        shutil.rmtree(building)
        (building / "open-data").mkdir(parents=True)
    assert (final / "index.html").read_text() == "old"


def test_what_stepped_aside_when_the_process_was_killed_is_put_back(tmp_path: Path) -> None:
    final = tmp_path / "site"
    left = tmp_path / ".building-site-abcdefgh"
    (left / "old" / "site").mkdir(parents=True)
    (left / "old" / "site" / "index.html").write_text("old")
    (left / "content").mkdir()
    (left / "lock").touch()
    with pytest.raises(ZeroDivisionError), replace_folder(final):
        _ = 1 / 0
    assert (final / "index.html").read_text() == "old"
    assert list_names(tmp_path) == ["site", "site/index.html"]


def test_without_an_exchange_a_folder_is_replaced_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outreach.files.replace.exchange_paths", lambda *_: False)
    final = tmp_path / "site"
    for name in ("old.html", "new.html"):
        with replace_folder(final) as building:
            (building / name).write_text(name)
    assert list_names(tmp_path) == ["site", "site/new.html"]


def test_a_sweep_takes_only_what_nobody_holds(tmp_path: Path) -> None:
    (tmp_path / f".building-{os.getpid()}-2020-01-01-old").mkdir()  # the process number lives
    with open_workspace(tmp_path, "site") as workspace:
        (workspace.content / "index.html").write_text("half")
        sweep_workspaces(tmp_path)
        assert list_names(tmp_path) == sorted(
            f"{workspace.folder.name}{part}"
            for part in ("", "/content", "/content/index.html", "/lock")
        )
    assert list_names(tmp_path) == []


def test_a_new_file_is_made_once_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "approval.json"
    create_file(path, "first")
    with pytest.raises(FileExistsError):
        create_file(path, "second")
    assert path.read_text() == "first"
    assert list_names(tmp_path) == ["new", "new/approval.json"]


@pytest.mark.parametrize(
    "call",
    [
        "write_file(Path('a.txt'), 'new')",
        "create_file(Path('a.txt'), 'new')",
        "open_workspace(Path('.'), 'a').__enter__()",
    ],
)
def test_a_signal_between_the_making_and_the_locking_of_a_file_leaves_nothing(
    tmp_path: Path, call: str
) -> None:
    # In a process of its own, because a hook of Python's audit stays for good.
    code = f"""
import sys
from pathlib import Path
import outreach.files

def stop(event, arguments):
    if event == "fcntl.flock":
        print(*(path.name for path in Path(".").iterdir()))
        raise KeyboardInterrupt

sys.addaudithook(stop)
outreach.files.{call}
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "KeyboardInterrupt" in done.stderr
    assert done.stdout.startswith(".")
    assert list_names(tmp_path) == []


def test_the_next_write_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    path = tmp_path / "a[1].txt"
    left = tmp_path / ".a[1].txt.0123abcd.tmp"
    left.write_text("half")
    (tmp_path / ".a[1].txt.backup.tmp").write_text("of somebody else")
    write_file(path, "whole")
    assert list_names(tmp_path) == [".a[1].txt.backup.tmp", "a[1].txt"]


class Small(BaseModel):
    """A record with one figure."""

    count: int


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\0" * 4096, "the file is empty"),
        (b'{"count": 1', "damaged or cut off"),
        (b"\xff\xfe\x00", "damaged or cut off"),
        (b'{"count": "many"}', "'count' is missing or wrong"),
        (b'{"other": 1}', "'count' is missing or wrong"),
        (b"[]", "does not hold what it should"),
        (b"[" * 100_000, "damaged or cut off|nested too deeply"),
    ],
)
def test_a_damaged_record_is_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "small.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=words) as failure:
        read_record(path, Small, "count", "Count again.")
    assert str(path) in failure.value.what
    assert failure.value.todo == "Count again."
    assert "pydantic" not in str(failure.value).lower()


def test_a_record_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file"):
        read_record(tmp_path / "small.json", Small, "count", "Count again.")
