"""The log of a run says why it failed, and never what an unknown error says."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows.engine.progress import Steps
from flows.engine.run_log import open_log
from outreach.errors import StoreError


def read_lines(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "logs" / "a.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("error", [StoreError("It broke.", "Mend it."), ValueError("key=secret")])
def test_a_run_that_fails_has_a_log_of_what_it_did(error: Exception, tmp_path: Path) -> None:
    with pytest.raises(type(error)), open_log(tmp_path, "a", campaign="Durham") as log:
        steps = Steps(log=log)
        with steps.step("Join"):
            pass
        with steps.step("Score"):
            raise error
    lines = read_lines(tmp_path)
    assert [line["event"] for line in lines] == ["begins", "step", "step", "fails"]
    assert lines[0]["campaign"] == "Durham"
    assert lines[-1]["kind"] == type(error).__name__
    assert lines[-1].get("error", "") == (str(error) if isinstance(error, StoreError) else "")


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("somebody's file")
    with open_log(tmp_path, "a") as log:
        log.write("note", text="still here")
    assert (tmp_path / "logs").read_text() == "somebody's file"
