"""Suspend a job until its list is approved, and resume it once the store says so.

The store is the one truth. A suspended job takes no process; Prefect runs its flow again from the
start, which finds in the service's folder what it waits for.
"""

from typing import Any
from uuid import UUID

from prefect import suspend_flow_run
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext
from prefect.exceptions import ObjectNotFound
from prefect.input import RunInput
from prefect.logging import get_run_logger
from prefect.logging.loggers import PrefectLogAdapter
from pydantic import Field

from flows.engine.serving.jobs import LOGGER
from flows.steps.service.waiting import Answer, Waiting, WaitingRoom, say_standing, take_answer
from outreach.errors import OutreachError
from outreach.settings import Settings
from outreach.store import Store


class ListAnswer(RunInput):
    """What Prefect's own form asks of whoever resumes a job by hand."""

    decision: Answer = Field(
        default=Answer.LOOK,
        json_schema_extra={
            "title": "Decision",
            "description": "Look again: somebody approved the list in the portal.",
        },
    )
    name: str = Field(
        default="",
        max_length=200,
        json_schema_extra={"title": "Your name", "description": "Who decides."},
    )
    reason: str = Field(
        default="",
        max_length=2000,
        json_schema_extra={"title": "Reason", "description": "Why; it stays with the approval."},
    )


def find_waited_run(settings: Settings) -> str:
    """Return the run that the current job has made and waits for; empty for a new job."""
    waiting = WaitingRoom(settings.home).find(str(_get_context().flow_run.id))
    return waiting.run_id if waiting else ""


def wait_for_decision(settings: Settings, run_id: str) -> str:
    """Suspend the current job until the list of its run is approved, refused, or withdrawn.

    Returns
    -------
    str
        What was decided, as a sentence. Until then the process ends here.
    """
    context, room = _get_context(), WaitingRoom(settings.home)
    job_id, store = str(context.flow_run.id), Store(settings.runs_folder)
    room.keep(Waiting(job_id=job_id, run_id=run_id))
    pauses = len(context.flow_run.empirical_policy.pause_keys or ())
    sentence = say_standing(store, run_id)
    if not sentence and pauses:
        # The pause is over, so this returns what was typed at once.
        answer: Any = suspend_flow_run(wait_for_input=ListAnswer, key=str(pauses))
        try:
            sentence = take_answer(
                settings, store, run_id, answer.decision, answer.name, answer.reason
            )
        except OutreachError as error:
            _log(f"The job still waits. {error}")
    if not sentence:
        _log(f"The job waits until the list of {run_id} is approved.")
        suspend_flow_run(wait_for_input=ListAnswer, key=str(pauses + 1))
    room.remove(job_id)
    return sentence


def resume_settled_jobs(settings: Settings) -> None:
    """Resume each job whose list was approved or withdrawn; forget those that were stopped."""
    room, store = WaitingRoom(settings.home), Store(settings.runs_folder)
    for waiting in room.list_waiting():
        with get_client(sync_client=True) as client:
            try:
                state = client.read_flow_run(UUID(waiting.job_id)).state
            except ObjectNotFound:
                state = None
            if state is None or state.is_final():
                room.remove(waiting.job_id)
            elif state.type == StateType.PAUSED and say_standing(store, waiting.run_id):
                client.resume_flow_run(UUID(waiting.job_id), {"decision": Answer.LOOK.value})


def _get_context() -> Any:
    """Return the context of the current flow run."""
    context = FlowRunContext.get()
    assert context is not None
    assert context.flow_run is not None
    return context


def _log(sentence: str) -> None:
    """Write a sentence for people into the log of the job."""
    own = get_run_logger()
    assert isinstance(own, PrefectLogAdapter)
    own.getChild(LOGGER.rpartition(".")[2]).info("%s", sentence)
