"""Time a run of Cook County with another budget against the first one."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from outreach.sandbox.replay.season import ReplayedSeason
from outreach.sandbox.server import Sandbox


@pytest.mark.bench
@pytest.mark.real
def test_another_budget_takes_under_a_fifth_of_the_first_run(inside: Any, real_data: Path) -> None:
    inside.forget_computed()
    assert inside("init", "cook.toml", "--example", "cook_2020").returncode == 0
    with Sandbox(ReplayedSeason(real_data, dt.date(2020, 5, 28))) as sandbox:
        address = {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
        }

        def run(*arguments: str) -> float:
            """Run the campaign, and return the seconds of our own work."""
            done = inside("run", "cook.toml", *arguments, **address)
            assert done.returncode == 0, done.stderr
            manifest = inside.home / "runs" / "latest" / "manifest.json"
            return float(sum(json.loads(manifest.read_text())["timings_seconds"].values()))

        first, asked = run(), len(sandbox.log)
        again = min(run("--budget", budget) for budget in ("90000", "60000"))
        assert len(sandbox.log) == asked
    print(
        f"\nCook again with another budget: {again:.1f} s of our own work, at first {first:.1f} s"
    )
    assert again < first / 5
