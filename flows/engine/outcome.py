"""Say how a flow goes, step by step, and how it ended, in plain sentences.

The sentences are in Prefect's log of the flow run and in the message of its last state, where
Prefect's own pages and the portal read them.
"""

import os
import time
from collections.abc import Callable
from uuid import UUID

from prefect.client.schemas.objects import State, WorkerStatus
from prefect.logging import get_run_logger
from prefect.logging.loggers import PrefectLogAdapter
from prefect.states import Completed, Failed

from flows.engine.progress import listen
from flows.engine.serving.jobs import LOGGER, open_client
from flows.engine.serving.left_jobs import hold_job
from flows.engine.serving.processes import SERVED, leave_with_parent
from flows.engine.serving.workers import check_workers
from outreach.errors import OutreachError
from outreach.settings import Settings, read_settings
from outreach.transport import announce_waits


def report_outcome(work: Callable[[], str]) -> State[str]:
    """Do the work of a flow run, log its steps, and return how it ended.

    Parameters
    ----------
    work
        Returns what came out, as one sentence.

    Returns
    -------
    State
        Completed with that sentence, or failed with the sentence of an :class:`OutreachError`.
    """
    own = get_run_logger()
    assert isinstance(own, PrefectLogAdapter)
    run_id = str(own.extra["flow_run_id"]) if own.extra else ""
    log = own.getChild(LOGGER.rpartition(".")[2])
    starts: dict[str, float] = {}
    if os.environ.get(SERVED):
        leave_with_parent()

    def log_step(title: str, begins: bool) -> None:  # noqa: FBT001  a listener's signature
        if begins:
            starts[title] = time.perf_counter()
            log.info("%s ...", title)
        else:
            log.info("%s: %.1f s", title, time.perf_counter() - starts[title])

    def log_wait(sentence: str) -> None:
        log.warning("%s", sentence)

    try:
        settings = read_settings()
        if run_id and not os.environ.get(SERVED):
            check_pool(settings, UUID(run_id))
        with hold_job(settings.home, run_id), listen(log_step), announce_waits(log_wait):
            sentence = work()
    except OutreachError as error:
        return Failed(message=str(error))
    log.info("%s", sentence)
    return Completed(message=sentence)


def check_pool(settings: Settings, run_id: UUID) -> None:
    """Check that Prefect's database bears the workers that take jobs of a flow run's work pool.

    Parameters
    ----------
    settings
        The machine of this worker.
    run_id
        A flow run; one without a pool is not looked at.

    Raises
    ------
    SettingsError
        Several workers take jobs, and this machine names no database of PostgreSQL.
    """
    with open_client() as client:
        pool = client.read_flow_run(run_id).work_pool_name
        workers = client.read_workers_for_work_pool(pool) if pool else []
    online = [worker for worker in workers if worker.status == WorkerStatus.ONLINE]
    check_workers(len(online), os.environ, settings.find_database())
