"""Time runs with another budget against the first one, of Cook County and the invented county.

What is used again, and that nothing is requested, a test holds without a clock
(``tests/flows/test_campaign.py``).
"""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.replay.season import ReplayedSeason
from outreach.sandbox.server import Sandbox

#: Example -> the season that it is run in, from the folder of real data.
PLACES: dict[str, Callable[[Path], Any]] = {
    "cook_2020": lambda folder: ReplayedSeason(folder, dt.date(2020, 5, 28)),
    "invented_county": lambda _folder: InventedCounty(),
}


@pytest.mark.bench
@pytest.mark.real
@pytest.mark.parametrize("example", PLACES)
def test_another_budget_takes_under_a_fifth_of_the_first_run(
    inside: Any, real_data: Path, example: str
) -> None:
    inside.forget_computed()
    assert inside("init", "place.toml", "--example", example).returncode == 0
    with Sandbox(PLACES[example](real_data)) as sandbox:
        address = {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
        }

        def run(*arguments: str) -> float:
            """Run the campaign, and return the seconds of our own work."""
            done = inside("run", "place.toml", *arguments, **address)
            assert done.returncode == 0, done.stderr
            manifest = inside.home / "runs" / "latest" / "manifest.json"
            return float(sum(json.loads(manifest.read_text())["timings_seconds"].values()))

        first, requests = run(), len(sandbox.log)
        again = min(run("--budget", budget) for budget in ("90000", "60000"))
        assert len(sandbox.log) == requests
    print(
        f"\n{example} again with another budget: {again:.1f} s of our own work, at first"
        f" {first:.1f} s, {again / first:.2f} of it"
    )
    assert again < first / 5
