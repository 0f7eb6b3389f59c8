"""Find and replace the folders beside the runs."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
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
def build_folder(final: Path, is_ours: Callable[[str], bool] | None = None) -> Iterator[Path]:
    """Give a hidden folder to fill, and put it in place of ``final`` once the block ends well.

    Parameters
    ----------
    final
        The folder to make or to replace.
    is_ours
        Whether a file of the older folder, by its path in it, is one that the new one replaces.
        All others are kept. By default all are ours.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written, it is a link, or a file that is not ours
        is in the way; ``final`` is as it was.
    """
    try:
        with replace_folder(final, is_ours) as building:
            yield building
    except FileExistsError as error:
        raise StoreError(
            f"Cannot replace {error.filename}: {error.strerror}.",
            "Move it away, or name the folder itself or another one.",
        ) from error
    except OSError as error:
        raise StoreError(
            f"Cannot write {final}: {error.strerror or error}.",
            "Free some space, or choose another folder with OUTREACH_HOME.",
        ) from error
