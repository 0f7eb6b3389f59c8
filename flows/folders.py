"""Folders beside the runs: where flows keep what several runs of one area share."""

import hashlib
import json
from pathlib import Path

from outreach.campaign import Campaign


def find_backtest(home: Path, campaign: Campaign) -> Path:
    """Return where the back-test of a campaign's areas stands: runs of the same areas and year share it."""
    areas = json.dumps([area.model_dump() for area in campaign.areas], sort_keys=True)
    return home / "backtests" / f"{campaign.census_year}-{hashlib.sha256(areas.encode()).hexdigest()[:12]}"
