"""Keep which jobs wait for the approval of a list, and settle them by what the store says."""

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from flows.steps.measuring.approval import approve_run
from outreach.errors import InputError, StoreError
from outreach.files import read_record, write_file
from outreach.phrasing import write_date
from outreach.settings import Settings
from outreach.store import Store

_FOLDER, _USERS = "service/waiting", "service/users.json"


class Answer(StrEnum):
    """What a person can say in Prefect's form."""

    APPROVE = "approve"
    REFUSE = "do not approve"
    LOOK = "look again"


class Waiting(BaseModel):
    """A job that waits, and the run whose list it waits for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: str
    run_id: str


class WaitingRoom:
    """The jobs of a service's folder that wait, each a file of its own.

    Parameters
    ----------
    home
        The service's folder.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / _FOLDER

    def list_waiting(self) -> list[Waiting]:
        """Return every job that waits."""
        return [self._read(path) for path in sorted(self._folder.glob("[!.]*.json"))]

    def find(self, job_id: str) -> Waiting | None:
        """Return what a job waits for; ``None`` if it does not wait."""
        path = self._folder / f"{job_id}.json"
        return self._read(path) if path.is_file() else None

    def keep(self, waiting: Waiting) -> None:
        """Write down that a job waits.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        path = self._folder / f"{waiting.job_id}.json"
        try:
            write_file(path, waiting.model_dump_json(indent=2) + "\n")
        except OSError as error:
            raise StoreError(
                f"Cannot write {path}: {error.strerror or 'the disk refused it'}.",
                f"Free some space. The run {waiting.run_id} is there, and can be approved.",
            ) from error

    def remove(self, job_id: str) -> None:
        """Forget a job that waits no longer."""
        (self._folder / f"{job_id}.json").unlink(missing_ok=True)

    def _read(self, path: Path) -> Waiting:
        """Read one record."""
        return read_record(path, Waiting, "record of a waiting job", "Remove that file.")


def say_standing(store: Store, run_id: str) -> str:
    """Say who approved or withdrew a list; empty as long as it is a draft.

    Raises
    ------
    StoreError
        The run is gone, or its list or a record is damaged.
    """
    withdrawal = store.withdrawal(run_id)
    if withdrawal is not None:
        return f"{withdrawal.by} withdrew its list: {withdrawal.reason}"
    approval = store.approval(run_id)
    if approval is None:
        return ""
    return f"{approval.by} approved its list on {write_date(approval.approved_at)}."


def take_answer(
    settings: Settings, store: Store, run_id: str, answer: Answer, name: str, reason: str
) -> str:
    """Do what a person said in Prefect's form, and say what became of the list.

    Prefect's form knows no roles: whoever opens it can type any name. So it approves nothing where
    people sign in to the portal.

    Parameters
    ----------
    settings, store, run_id
        The machine, its runs, and the run whose list is waited for.
    answer, name, reason
        What was said, by whom, and why.

    Returns
    -------
    str
        A sentence; empty if the list is to be waited for on.

    Raises
    ------
    InputError
        A name or a reason is missing, or people sign in to the portal.
    OutreachError
        The list cannot be approved.
    """
    standing = say_standing(store, run_id)
    if standing or answer == Answer.LOOK:
        return standing
    if not name.strip() or not reason.strip():
        raise InputError("The answer has no name or no reason.", "Resume the job with both.")
    if answer == Answer.REFUSE:
        return f"{name.strip()} did not approve its list: {reason.strip()}"
    if has_roles(settings):
        raise InputError(
            f"Prefect's form does not know who {name.strip()} is, and here people have roles.",
            "Approve the list in the portal, or with 'outreach approve'; the job then goes on.",
        )
    approve_run(store, run_id, name, reason=reason)
    return say_standing(store, run_id)


def has_roles(settings: Settings) -> bool:
    """Return whether people sign in to the portal, which tells it their roles."""
    is_shared = bool(settings.find_database() or settings.sign_on_header)
    return is_shared or (settings.home / _USERS).is_file()
