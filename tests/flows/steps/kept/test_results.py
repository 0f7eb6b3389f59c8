"""Kept results are found by content alone, and never where they are old or damaged."""

import os
import time
from pathlib import Path

import pandas as pd
import pytest

from flows.steps.kept.fingerprint import hash_content
from flows.steps.kept.results import KeptResults, Kind

BASIS = ["a campaign", pd.DataFrame({"share": [0.5, 0.25]})]
THING = Kind("a thing", most=4)
MONTH = 31 * 24 * 3600


def recall(
    home: Path, basis: object = BASIS, value: str = "new", kind: Kind = THING
) -> tuple[str, list[str]]:
    kept = KeptResults(home)
    return kept.recall(kind, basis, lambda: value), kept.reused


def find_file(home: Path) -> Path:
    (path,) = (home / "cache" / "kept" / "a-thing").iterdir()
    return path


def test_a_result_is_found_by_what_it_was_computed_from(tmp_path: Path) -> None:
    assert recall(tmp_path, value="first") == ("first", [])
    again = ["a campaign", pd.DataFrame({"share": [0.5, 0.25]})]
    assert recall(tmp_path, again) == ("first", ["a thing"])
    other = ["a campaign", pd.DataFrame({"share": [0.5, 0.26]})]
    assert recall(tmp_path, other) == ("new", [])


@pytest.mark.parametrize("fault", ["empty", "damaged", "cut off", "gone"])
def test_a_result_that_is_damaged_is_computed_anew(fault: str, tmp_path: Path) -> None:
    recall(tmp_path, value="first")
    path = find_file(tmp_path)
    content = path.read_bytes()
    if fault == "damaged":
        path.write_bytes(content[:-1] + b"x")
    elif fault == "gone":
        path.unlink()
    else:
        path.write_bytes(content[: 20 if fault == "cut off" else 0])
    assert recall(tmp_path) == ("new", [])
    assert recall(tmp_path) == ("new", ["a thing"])


@pytest.mark.parametrize(("lasts_days", "value"), [(30, "new"), (None, "first")])
def test_only_what_services_may_renew_grows_old_from_when_it_was_made(
    lasts_days: int | None, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = Kind("a thing", lasts_days=lasts_days)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - MONTH)
    recall(tmp_path, value="first", kind=kind)
    assert recall(tmp_path, kind=kind)[0] == "first"  # using it does not make it younger
    monkeypatch.setattr(time, "time", lambda: now)
    assert recall(tmp_path, kind=kind)[0] == value


def test_few_results_of_a_kind_are_kept_those_used_last(tmp_path: Path) -> None:
    recall(tmp_path, "first", value="first")
    os.utime(find_file(tmp_path), (0, 0))
    for number in range(3):
        recall(tmp_path, number)
    assert recall(tmp_path, "first") == ("first", ["a thing"])
    for path in (tmp_path / "cache" / "kept" / "a-thing").iterdir():
        if path.stat().st_mtime < time.time() - MONTH:
            pytest.fail("a result that was used still counts as old")
    recall(tmp_path, 3)
    assert len(list((tmp_path / "cache" / "kept" / "a-thing").iterdir())) == 4
    assert recall(tmp_path, "first") == ("first", ["a thing"])


def test_what_earlier_versions_kept_elsewhere_is_removed(tmp_path: Path) -> None:
    former = tmp_path / "cache" / "assessments" / "1.zip"
    former.parent.mkdir(parents=True)
    former.write_bytes(b"old")
    recall(tmp_path)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["kept"]


def test_a_hash_is_that_of_the_content() -> None:
    table = pd.DataFrame({"share": [0.1, 0.2]}, index=pd.Index(["a", "b"], name="geoid"))
    assert hash_content(table) == hash_content(table.copy())
    others = (
        table.rename(columns={"share": "rate"}),
        table.rename_axis("id"),
        table.iloc[::-1],
        table.astype("float32"),
        table + 1e-12,
    )
    assert len({hash_content(each) for each in (table, *others)}) == len(others) + 1
