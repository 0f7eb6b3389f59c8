"""Downloads are cached and revalidated, and an error page never replaces them."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from geo.download import fetch_file
from outreach.errors import AnswerMalformed, GeographyError, QueryRefused, ServiceUnavailable
from outreach.transport import FILES_URL, Transport

PATH = "/geo/file.zip"
ADDRESS = FILES_URL + PATH


def pack_damaged() -> bytes:
    """Return a zip whose directory is whole and whose compressed content is not."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "one two three " * 50)
    raw = bytearray(content.getvalue())
    raw[38:44] = b"\xff" * 6
    return bytes(raw)


def pack(text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt"), text)
    return content.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_a_file_is_downloaded_once_and_then_revalidated(
    file_server: Any, transport: Transport, folder: Path
) -> None:
    file_server.files[PATH] = pack("one")
    first = fetch_file(transport, ADDRESS, folder)
    second = fetch_file(transport, ADDRESS, folder)
    assert [status for _, status in file_server.asked] == [200, 304]
    assert (first.from_cache, second.from_cache) == (False, True)
    assert first.path == second.path
    assert first.path.read_bytes() == pack("one")
    assert (second.note, second.fetched_at) == ("", first.fetched_at)


def test_a_changed_file_is_downloaded_again(
    file_server: Any, transport: Transport, folder: Path
) -> None:
    file_server.files[PATH] = pack("one")
    first = fetch_file(transport, ADDRESS, folder)
    file_server.files[PATH] = pack("two")
    second = fetch_file(transport, ADDRESS, folder)
    assert not second.from_cache
    assert second.sha256 != first.sha256
    assert second.path.read_bytes() == pack("two")


def test_a_copy_replaces_a_server_that_is_down_with_a_note(
    file_server: Any, transport: Transport, folder: Path
) -> None:
    file_server.files[PATH] = pack("one")
    fetch_file(transport, ADDRESS, folder)
    file_server.stop()
    copy = fetch_file(transport, ADDRESS, folder)
    assert copy.from_cache
    assert "Cannot reach" in copy.note
    assert f"copy fetched on {copy.fetched_at[:10]}" in copy.note


@pytest.mark.parametrize("status", [404, 429, 500, 302])
def test_a_copy_replaces_any_unusable_answer(
    file_server: Any, transport: Transport, folder: Path, status: int
) -> None:
    file_server.files[PATH] = pack("one")
    fetch_file(transport, ADDRESS, folder)
    file_server.status = status
    copy = fetch_file(transport, ADDRESS, folder)
    assert copy.path.read_bytes() == pack("one")
    assert str(status) in copy.note


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, QueryRefused),
        (403, QueryRefused),
        (429, ServiceUnavailable),
        (503, ServiceUnavailable),
        (302, AnswerMalformed),
    ],
)
def test_without_a_copy_an_unusable_answer_is_an_error_with_its_path(
    file_server: Any, transport: Transport, folder: Path, status: int, error: type[Exception]
) -> None:
    file_server.status = status
    with pytest.raises(error, match=f"{PATH}.*{status}"):
        fetch_file(transport, ADDRESS, folder)


def test_without_a_copy_a_server_that_is_down_is_an_error(
    file_server: Any, transport: Transport, folder: Path
) -> None:
    file_server.stop()
    with pytest.raises(ServiceUnavailable):
        fetch_file(transport, ADDRESS, folder)


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html>down</html>",
        b"\n <HTML>down",
        pack("one" * 99)[:-40],
        pack_damaged(),
        b"",
        b"PK\x03\x04junk",
    ],
)
def test_a_page_or_a_cut_zip_never_enters_the_cache(
    file_server: Any, transport: Transport, folder: Path, body: bytes
) -> None:
    file_server.files[PATH] = body
    with pytest.raises(AnswerMalformed, match=PATH):
        fetch_file(transport, ADDRESS, folder)
    assert not folder.exists()


def test_a_damaged_copy_is_discarded_and_fetched_again(
    file_server: Any, transport: Transport, folder: Path
) -> None:
    file_server.files[PATH] = pack("one")
    first = fetch_file(transport, ADDRESS, folder)
    first.path.write_bytes(b"bits rot")
    again = fetch_file(transport, ADDRESS, folder)
    assert not again.from_cache
    assert again.path.read_bytes() == pack("one")


def test_a_damaged_cache_record_counts_as_missing(
    file_server: Any, transport: Transport, folder: Path
) -> None:
    file_server.files[PATH] = pack("one")
    fetch_file(transport, ADDRESS, folder)
    for note in (folder / "addresses").iterdir():
        note.write_text("{")
    assert not fetch_file(transport, ADDRESS, folder).from_cache


def test_no_partial_file_is_left_behind(
    file_server: Any, transport: Transport, folder: Path
) -> None:
    file_server.files[PATH] = pack("one")
    fetch_file(transport, ADDRESS, folder)
    assert sorted(part.suffix for part in folder.rglob("*") if part.is_file()) == [".json", ".zip"]


def test_a_cache_that_cannot_be_written_is_named(
    file_server: Any, transport: Transport, tmp_path: Path
) -> None:
    file_server.files[PATH] = pack("one")
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")
    with pytest.raises(GeographyError, match="taken cannot be written"):
        fetch_file(transport, ADDRESS, taken)


def test_only_the_file_server_is_allowed(transport: Transport, folder: Path) -> None:
    with pytest.raises(GeographyError, match="is not on https://www2"):
        fetch_file(transport, "https://example.org/wards.zip", folder)
