"""An assessment is computed once for an input, and damage or any change computes it anew."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.steps.sources import kept_assessment
from flows.steps.sources.fingerprint import hash_content
from flows.steps.sources.kept_assessment import assess_once
from models.assess import Assessment
from models.curves.forecast import ForecastWeights
from models.curves.season_file import load_season_model
from outreach.store import Store
from tests.models.test_assess import read_rates, read_tracts

DEADLINE = dt.date(2020, 10, 15)


@pytest.fixture(scope="module")
def tables() -> tuple[Any, Any]:
    """Ninety tracts of the invented county with three weeks of rates."""
    rates = read_rates(dt.date(2020, 3, 20), dt.date(2020, 4, 14))
    tracts = read_tracts(rates).iloc[:90]
    return tracts, rates[rates.index.isin(tracts.index)]


def assess(folder: Path, tables: tuple[Any, Any], **changes: Any) -> tuple[Assessment, bool]:
    request: dict[str, Any] = {
        "deadline": DEADLINE,
        "season_model": load_season_model(),
        "weights": None,
    }
    return assess_once(folder, *tables, **request | changes)


def write(store: Store, assessment: Assessment) -> dict[str, bytes]:
    """Write every table of an assessment as a run does, and the record as the manifest does."""
    with store.begin("run") as run:
        for name in ("forecast", "peers", "comparable", "importance", "start_band"):
            table: pd.DataFrame | None = getattr(assessment, name)
            if table is not None:
                run.write_table(name, table)
        folder = run.locate("tables")
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return files | {"record": json.dumps(assessment.provenance).encode()}


def test_the_second_time_it_is_read_and_the_run_gets_the_same_bytes(
    tables: tuple[Any, Any], tmp_path: Path
) -> None:
    first, was_kept = assess(tmp_path / "kept", tables)
    again, is_kept = assess(tmp_path / "kept", tables)
    assert (was_kept, is_kept) == (False, True)
    assert first.forecast is not None
    assert again.notes == first.notes
    assert again.area == first.area
    store = Store(tmp_path / "runs")
    assert write(store, again) == write(store, first)

    # Damage of any kind is found, and the assessment is computed and kept anew.
    path = next((tmp_path / "kept").glob("*.zip"))
    whole = path.read_bytes()
    middle = len(whole) // 2
    for damaged in (b"", whole[:-9], whole[:middle] + b"\0\0\0\0" + whole[middle + 4 :]):
        path.write_bytes(damaged)
        assert assess(tmp_path / "kept", tables)[1] is False
        assert assess(tmp_path / "kept", tables)[1] is True


def test_any_change_of_the_input_is_another_assessment(
    tables: tuple[Any, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracts, rates = tables
    monkeypatch.setattr(kept_assessment, "_KEPT", 2)
    assess(tmp_path, tables)
    moved = tracts.assign(households_count=501.0)
    for changed in (
        {"tables": (moved, rates)},
        {"tables": (tracts, rates.assign(cumulative_share=rates["cumulative_share"] + 1e-9))},
        {"deadline": dt.date(2020, 9, 30)},
        {"weights": ForecastWeights(local=0.5, peers=0.1)},
    ):
        used = changed.pop("tables", tables)
        assert assess(tmp_path, used, **changed)[1] is False
    assert len(list(tmp_path.glob("*.zip"))) == 2  # the oldest ones went


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
