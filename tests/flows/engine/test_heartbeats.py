"""Flows of a command send no heartbeats, which would hold each back for up to a second."""

from pathlib import Path

import pytest
from prefect.settings import get_current_settings

from outreach.cli.progress import open_prefect
from outreach.settings import read_settings


def test_a_flow_of_a_command_sends_no_heartbeats(
    prefect_api: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect_api)
    monkeypatch.setenv("OUTREACH_HOME", str(tmp_path))
    before = get_current_settings().flows.heartbeat_frequency
    assert before is not None
    with open_prefect(read_settings(), is_quiet=True):
        assert get_current_settings().flows.heartbeat_frequency is None
    assert get_current_settings().flows.heartbeat_frequency == before
