import resource
import signal
from pathlib import Path

import pytest

from outreach.files import make_slug, replace_folder, write_file, write_files


def list_names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    write_file(path, b"old")
    write_file(path, "n\u00e9w\n")
    assert path.read_bytes() == b"n\xc3\xa9w\n"
    assert list_names(tmp_path) == ["new", "new/a.txt"]


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
