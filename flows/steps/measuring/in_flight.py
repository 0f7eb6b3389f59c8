"""Find tests of ads in flight on the ground of a run."""

from pathlib import Path

from flows.steps.measuring.readout import find_readout
from outreach.store import Run, Store


def find_tests_in_flight(store: Store, home: Path, run: Run, *, own_over: bool) -> list[str]:
    """Return the runs whose test is in flight on the ground of a run, of any campaign.

    A test is in flight until its final read-out: before that the flight is not over, or the result
    could still be spoiled.

    Parameters
    ----------
    store, home
        The runs, and the service's folder with the read-outs.
    run
        The run that is published.
    own_over
        Whether the tests of the run's own campaign, up to this run, are over and read out, as the
        user says.

    Raises
    ------
    StoreError
        A read-out cannot be read.
    """
    found = []
    for other in store.runs():
        own = other.campaign.slug == run.campaign.slug and other.created_at <= run.created_at
        if (own and own_over) or not store.has_output(other.id, "plan.json"):
            continue
        if _share_ground(other, run) and find_readout(home, store, other.id) is None:
            found.append(other.id)
    return found


def _share_ground(one: Run, other: Run) -> bool:
    """Return whether two campaigns have a tract in common, going by the codes of their areas."""
    return any(
        code.startswith(second) or second.startswith(code)
        for code in one.campaign.codes
        for second in other.campaign.codes
    )
