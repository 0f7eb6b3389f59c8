"""Measure the states of an atlas from the rates in the archive."""

import datetime as dt
from collections.abc import Callable, Sequence

from flows.steps.sources.homes import Homes
from maps.atlas.counties import StateFigures, measure_state
from outreach.archive import Archive
from outreach.errors import NothingThere

#: Called with a title, how much is done, and how much there is.
Progress = Callable[[str, int, int], None]


def measure_states(
    archive: Archive,
    requested: Sequence[str],
    through: dt.date | None,
    homes: Homes,
    report: Progress,
) -> dict[str, StateFigures]:
    """Measure the published rates of each state, in the order of their codes.

    Parameters
    ----------
    archive
        The ledger of the census.
    requested
        Two-digit codes of states; all in the archive if empty.
    through
        The last data date to show.
    homes
        What tracts are weighted by.
    report
        Called as the work progresses.

    Raises
    ------
    NothingThere
        The archive has no rates, or none of a requested state.
    """
    archived = sorted({segment.state for segment in archive.find_segments(through=through)})
    until = f" up to {through}" if through else ""
    if not archived:
        raise NothingThere(
            f"The archive has no rates{until}.",
            "Import some with 'outreach archive import' or 'outreach run'.",
        )
    for state in requested:
        if state not in archived:
            raise NothingThere(
                f"The archive has no rates of state {state}{until}.",
                f"It has rates of: {', '.join(archived)}.",
            )
    chosen = sorted(set(requested)) or archived
    measured = {}
    for number, state in enumerate(chosen):
        report("Read the archive", number, len(chosen))
        rates = archive.read([state], through=through)
        if len(rates):
            measured[state] = measure_state(rates, homes.find(rates.index.unique()))
    report("Read the archive", len(chosen), len(chosen))
    return measured
