"""Kept results are found by content alone, and never where they are old or damaged."""

import os
import time
from pathlib import Path

import pandas as pd
import pytest

from flows.steps.kept_results import KeptResults

BASIS = ["a campaign", pd.DataFrame({"share": [0.5, 0.25]})]


def recall(home: Path, basis: object = BASIS, value: str = "new") -> tuple[str, list[str]]:
    kept = KeptResults(home)
    return kept.recall("a thing", basis, lambda: value), kept.reused


def test_a_result_is_found_by_what_it_was_computed_from(tmp_path: Path) -> None:
    assert recall(tmp_path, value="first") == ("first", [])
    again = ["a campaign", pd.DataFrame({"share": [0.5, 0.25]})]
    assert recall(tmp_path, again) == ("first", ["a thing"])
    other = ["a campaign", pd.DataFrame({"share": [0.5, 0.26]})]
    assert recall(tmp_path, other) == ("new", [])


@pytest.mark.parametrize("fault", ["damaged", "cut off", "old", "gone"])
def test_a_result_that_is_damaged_or_old_is_computed_anew(fault: str, tmp_path: Path) -> None:
    recall(tmp_path, value="first")
    (path,) = (tmp_path / "cache" / "kept" / "a-thing").iterdir()
    content = path.read_bytes()
    if fault == "damaged":
        path.write_bytes(content[:-1] + b"x")
    elif fault == "cut off":
        path.write_bytes(content[:20])
    elif fault == "gone":
        path.unlink()
    else:
        long_ago = time.time() - 31 * 24 * 3600
        os.utime(path, (long_ago, long_ago))
    assert recall(tmp_path) == ("new", [])


def test_few_results_of_a_kind_are_kept(tmp_path: Path) -> None:
    for number in range(15):
        recall(tmp_path, number)
    assert len(list((tmp_path / "cache" / "kept" / "a-thing").iterdir())) == 12
