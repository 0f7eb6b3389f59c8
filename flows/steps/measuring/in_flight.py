"""Find tests of ads in flight on the ground of a run, and check that its own is over."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from flows.steps.measuring.approval import read_own_plan
from flows.steps.measuring.readout import find_readout
from outreach.archive import Archive
from outreach.errors import StoreError
from outreach.phrasing import write_date
from outreach.store import Run, Store


@dataclass(frozen=True)
class OpenTest:
    """A test without a final read-out.

    Parameters
    ----------
    run
        The run whose list was approved last, or the latest run with this test.
    flight_end
        The last day of its ads.
    is_own
        Whether it is of the campaign whose run is published.
    """

    run: Run
    flight_end: dt.date
    is_own: bool


def find_tests_in_flight(store: Store, home: Path, run: Run) -> list[OpenTest]:
    """Find the tests in flight on the ground of a run, of any campaign.

    A test is in flight until its final read-out: before that the flight is not over, or the result
    could still be spoiled. A flight has one test: once it is read out, its drafts are over, too.

    Parameters
    ----------
    store, home
        The runs, and the service's folder with the read-outs.
    run
        The run that is published.

    Raises
    ------
    StoreError, ModelError
        A plan or a read-out cannot be read.
    """
    # A flight of a campaign is one test, whichever of its runs drew the arms.
    flights = dict[tuple[str, int, dt.date], list[Run]]()
    for other in store.runs():
        plan = read_own_plan(store, other) if _share_ground(other, run) else None
        if plan is not None:
            key = (other.campaign.slug, other.campaign.census_year, plan.flight_end)
            flights.setdefault(key, []).append(other)

    # Where a list was approved, only approved lists ran.
    found = []
    for (slug, _, end), planned in flights.items():
        ran = [other for other in planned if store.approval(other.id)] or planned
        if all(find_readout(home, store, other.id) is None for other in ran):
            during = [other for other in ran if other.data_date <= end] or ran
            found.append(OpenTest(during[0], end, slug == run.campaign.slug))
    return found


def check_test_over(archive: Archive, tests: list[OpenTest], run: Run) -> None:
    """Refuse to publish the arms of a test that is not over and read out.

    Parameters
    ----------
    archive
        Its last date shows whether a flight is over.
    tests
        From :func:`find_tests_in_flight`.
    run
        The run that is published.

    Raises
    ------
    StoreError
        A test of the run's own campaign still runs, or nobody has read it out.
    """
    own = next((test for test in tests if test.is_own), None)
    if own is None:
        return
    last = archive.latest_date(run.campaign.codes)
    todo = "To publish its arms all the same, add --reason, which is recorded."
    if last is None or last <= own.flight_end:
        reached = f"the archive ends on {write_date(last)}" if last else "the archive is empty"
        raise StoreError(
            f"The test of {own.run.id} is not over: its flight runs until"
            f" {write_date(own.flight_end)}, and {reached}.",
            f"Publish without --test-over until then. {todo}",
        )
    command = f"'outreach measure {own.run.id}'"
    raise StoreError(
        f"The flight of {own.run.id} ended on {write_date(own.flight_end)}, but nobody has read its"
        " test out.",
        f"Run {command} first. {todo}",
    )


def _share_ground(one: Run, other: Run) -> bool:
    """Return whether two campaigns have a tract in common, going by the codes of their areas."""
    return any(
        code.startswith(second) or second.startswith(code)
        for code in one.campaign.codes
        for second in other.campaign.codes
    )
