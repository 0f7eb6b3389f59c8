"""Folders beside the runs: where flows keep what several runs of one area share, and how a whole folder takes the place of an older one."""

import contextlib
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from outreach.campaign import Campaign
from outreach.errors import StoreError


def find_backtest(home: Path, campaign: Campaign) -> Path:
    """Return where the back-test of a campaign's areas stands: runs of the same areas and year share it."""
    areas = json.dumps([area.model_dump() for area in campaign.areas], sort_keys=True)
    return (
        home
        / "backtests"
        / f"{campaign.census_year}-{hashlib.sha256(areas.encode()).hexdigest()[:12]}"
    )


@contextlib.contextmanager
def build_folder(final: Path) -> Iterator[Path]:
    """Give a hidden folder to write into and put it in place of ``final`` once the block ends well; else leave ``final`` as it was."""
    reason = ""
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".building-{final.name[:40]}-", dir=final.parent))
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise StoreError(
            f"Cannot write {final}: {reason}.",
            "Free some space or choose another folder with OUTREACH_HOME.",
        )
    building.chmod(0o755)
    try:
        yield building
        old = building.with_name(building.name + "-old")
        if final.exists():
            final.rename(old)
        building.rename(final)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or str(error)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    if reason:
        raise StoreError(
            f"Cannot write {final}: {reason}.",
            "Free some space or choose another folder with OUTREACH_HOME.",
        )
