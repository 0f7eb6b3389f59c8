"""Define what the reader of a platform's reports is."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

#: Turns the text cells of a report, by our names of its columns, into those of a report by day.
#: It gets the file's name for its messages.
Completion = Callable[[pd.DataFrame, str], pd.DataFrame]


def leave_cells(cells: pd.DataFrame, origin: str) -> pd.DataFrame:  # noqa: ARG001  a platform that needs no completion
    """Return the cells as they are."""
    return cells


@dataclass(frozen=True, slots=True)
class ReportReader:
    """The reader of one platform's reports; its words are in ``headers/<name of the module>.toml``.

    Parameters
    ----------
    needed
        Columns without which a file is no report of the platform, by our names.
    names
        The columns that can carry a campaign's name with version and arm, the best first.
    complete
        Checks and completes the cells in the platform's own way.
    """

    needed: tuple[str, ...] = ("day", "campaign", "impressions", "spend")
    names: tuple[str, ...] = ("campaign",)
    complete: Completion = leave_cells
