"""Look for the API key in everything that a run writes, prints, or leaves in Prefect."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.fault_injection import Faults
from outreach.sandbox.server import Sandbox

EXAMPLE = Path(__file__).parents[2] / "outreach" / "examples" / "invented_county.toml"
KEY = "0123456789abcdef-SECRET-fedcba9876543210"


def find_key(folder: Path) -> list[str]:
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and KEY.encode() in path.read_bytes()
    ]


def ask_prefect(api: str, what: str) -> str:
    request = urllib.request.Request(
        f"{api}/{what}/filter", b"{}", {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=300) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("fault", ["", "reset:/data/2018/*", "truncate:/data/*"])
def test_the_key_is_nowhere(outreach: Any, prefect_api: str, fault: str) -> None:
    (outreach.folder / "campaign.toml").write_bytes(EXAMPLE.read_bytes())
    with Sandbox(
        InventedCounty(), key=KEY, faults=Faults.parse([fault] if fault else [])
    ) as sandbox:
        done = outreach(
            "run",
            "campaign.toml",
            OUTREACH_API_URL=sandbox.url,
            OUTREACH_FILES_URL=sandbox.url,
            OUTREACH_CENSUS_API_KEY=KEY,
            PREFECT_LOGGING_LEVEL="DEBUG",
            PREFECT_LOGGING_TO_API_ENABLED="true",
            PREFECT_LOGGING_EXTRA_LOGGERS="urllib3",
        )
    assert (done.returncode == 0) == (fault == ""), done.stdout + done.stderr
    assert KEY not in done.stdout + done.stderr
    assert find_key(outreach.folder) == []
    for what in ("flow_runs", "task_runs", "logs", "artifacts"):
        said = ask_prefect(prefect_api, what)
        assert KEY not in said
        if what != "artifacts":
            assert json.loads(said), f"Prefect keeps no {what}; the check would prove nothing"
