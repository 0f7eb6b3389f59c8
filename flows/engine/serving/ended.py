"""Say in plain words how a job ended that could not say so itself."""

import re

from prefect.client.schemas.objects import State, StateType

_KILLED = "The process of this job ended before its work was done. Start it again."
_STOPPED = "This job was stopped from outside. Start it again."
_AWAY = (
    "Prefect's server or its database was away during this job. Start it again; all complete runs"
    " are safe."
)
_UNKNOWN = (
    "This job met a fault that it cannot explain. Start it again; if that does not help, the"
    " service's logs have the details."
)
#: How Prefect's own messages begin and go on, and what a person is told; the first that fits.
_ENDS = {
    r"(Process|Flow run infrastructure) exited with|Flow run process failed": _KILLED,
    r"Execution was (aborted|cancelled)": _STOPPED,
    r"Request (to http|failed while)": _AWAY,
    r"(Flow run encountered|Execution was interrupted).*(PrefectHTTP|httpx\.|Connect)": _AWAY,
    r"Flow run encountered|Execution was interrupted": _UNKNOWN,
}


def explain_end(state: State | None) -> str:
    """Return the sentence of a job's last state, never in the words of a library.

    Parameters
    ----------
    state
        Prefect's; a job that ended by itself has a sentence of ours in it.
    """
    message = (state.message or "") if state else ""
    if state is None or state.type not in (StateType.FAILED, StateType.CRASHED):
        return message
    for pattern, sentence in _ENDS.items():
        if re.match(pattern, message, re.DOTALL):
            return sentence
    return message
