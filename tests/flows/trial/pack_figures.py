"""Find every figure of an evidence pack again in its files, or in the run that it names."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest


def find_figures(into: Path, runs: Path) -> tuple[int, list[str]]:
    """Return how many figures of a pack were found again, and which were not.

    Parameters
    ----------
    into
        The pack's folder.
    runs
        The folder of the runs.
    """
    record = json.loads((into / "evidence.json").read_text(encoding="utf-8"))
    found, lost = 0, list[str]()
    for proof in (each for criterion in record["criteria"] for each in criterion["proofs"]):
        files = [into / proof["file"]] if proof["file"] else []
        if proof["run_id"]:
            files.append(runs / proof["run_id"] / "manifest.json")
        written = [figure for file in files for figure in list_figures(file)]
        figures = [*written, *(figure / 100 for figure in written)]  # a share may stand in percent
        for name, value in proof["values"].items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                if any(value == pytest.approx(figure, rel=1e-6) for figure in figures):
                    found += 1
                else:
                    lost.append(f"{proof['kind']}: {name} = {value} is in none of {files}")
    return found, lost


def list_figures(path: Path) -> Iterator[float]:
    """Yield every number of a file, and how many entries each list or table of it has."""
    if path.suffix in {".csv", ".parquet"}:
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        yield len(table)
        yield from table.select_dtypes("number").to_numpy().ravel()
        for column in table.select_dtypes("str"):
            yield from table[column].value_counts()
        return
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".json":
        yield from (float(each.replace(",", "")) for each in re.findall(r"\d[\d,]*\.?\d*", text))
        return
    waiting: list[Any] = [json.loads(text)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            yield len(value)
            waiting += value.values() if isinstance(value, dict) else value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield value
