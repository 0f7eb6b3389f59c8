"""Find and replace the folders beside the runs."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from outreach.campaign import Campaign
from outreach.errors import StoreError
from outreach.files import replace_folder


def find_backtest(home: Path, campaign: Campaign) -> Path:
    """Return the folder of a backtest, which runs of the same areas and year share."""
    areas = json.dumps([area.model_dump() for area in campaign.areas], sort_keys=True)
    digest = hashlib.sha256(areas.encode()).hexdigest()[:12]
    return home / "backtests" / f"{campaign.census_year}-{digest}"


@contextlib.contextmanager
def build_folder(final: Path) -> Iterator[Path]:
    """Give a hidden folder to fill, and put it in place of ``final`` once the block ends well.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written; ``final`` is as it was.
    """
    try:
        with replace_folder(final) as building:
            yield building
    except OSError as error:
        raise StoreError(
            f"Cannot write {final}: {error.strerror or error}.",
            "Free some space, or choose another folder with OUTREACH_HOME.",
        ) from error
