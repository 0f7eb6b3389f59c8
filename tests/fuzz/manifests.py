"""Make damaged manifests and approvals, and hold the run against the file."""

import contextlib
import datetime as dt
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from outreach.campaign import parse_campaign
from outreach.store import Run, Store
from outreach.store.manifest import Input
from tests.fuzz.cases import Case, compare_values
from tests.fuzz.mutations import damage_file


@contextlib.contextmanager
def open_round(folder: Path) -> Iterator[Callable[[random.Random], Case]]:
    """Make cases of one run's manifest, in a store of that run."""
    store = Store(folder / "runs")
    with store.begin("town") as building:
        building.write_file("tables/targets.parquet", "targets")
        building.write_file("exports/list.csv", "list")
        name = building.finish(_make_manifest(building.id)).id
    home, approved = store.folder / name, store.folder / "approvals" / f"{name}.json"
    store.approve(name, "Ana")
    whole, approval = (home / "manifest.json").read_bytes(), approved.read_bytes()

    def make_case(rng: random.Random) -> Case:
        is_good = rng.random() < 0.1
        of_approval = rng.random() < 0.2
        good = approval if of_approval else whole
        data = good if is_good else damage_file(good, rng)

        def read() -> None:
            (home / "manifest.json").write_bytes(whole if of_approval else data)
            approved.write_bytes(data if of_approval else approval)
            run, _ = store.find(name)
            consent = store.approval(name)
            store.runs()
            if of_approval and consent is not None:
                compare_values(json.loads(data), consent.model_dump(mode="json"))
            elif not of_approval:
                compare_values(json.loads(data), run.model_dump(mode="json"), defaults=True)

        return Case(read, is_good)

    yield make_case


def _make_manifest(name: str) -> Run:
    """Make the manifest of a run with a source, a file, figures, and notes."""
    moment = dt.datetime(2020, 5, 1, 12, 30, tzinfo=dt.UTC)
    request = {
        "name": "Bürger & Räte",
        "census_year": 2020,
        "areas": [{"state": "99"}],
        "goal_percent": 70.5,
        "deadline": dt.date(2020, 10, 15),
        "budget_usd": 1000,
    }
    return Run(
        id=name,
        created_at=moment,
        campaign=parse_campaign(request, "the test"),
        data_date=dt.date(2020, 5, 1),
        inputs=(Input(name="rates", address="a", rows=2, sha256="ab" * 32, fetched_at=moment),),
        counts={"tracts": 2, "targets": 1},
        figures={"share": 0.25, "parts": [1, 2, None]},
        join_report={"tract_year": 2020},
        timings_seconds={"Join": 0.125},
        summary={"Tracts": "2"},
        notes=("One note.",),
    )
