"""Define every failure that a user can meet, as one tree of errors.

Each error has one sentence that says what is wrong and where, and one that says what to do next.

::

    OutreachError
    |-- CampaignError          the request is wrong             (campaign.toml)
    |-- SettingsError          the machine is set up wrong      (environment, keyring, folders)
    |-- ServiceError           a service gave no usable answer
    |   |-- KeyRefused         the API key is missing or invalid
    |   |-- QueryRefused       the service rejects the request; repeating it is useless
    |   |-- ServiceUnavailable a temporary fault that outlasted all retries
    |   |   `-- PatienceSpent  the service asks for a longer wait than the run has patience
    |   `-- AnswerMalformed    an answer that is not what the service declares
    |-- DataError              a table breaks its declaration
    |   |-- OutOfRange         a figure outside its plausible range
    |   |-- NothingThere       an area without one usable row
    |   `-- InputError         a user's file that cannot be used as it is
    |-- ArchiveError           the archive of rates cannot be read or written
    |-- GeographyError         a boundary or relationship file cannot be used
    |-- ModelError             a model does not fit its data
    |-- ExportError            a platform would refuse a target list
    |-- StoreError             a run cannot be written or found
    `-- StorageError           the shared storage cannot be used
"""

import re

#: Why a connection failed, by what libraries call it. The first one found counts: some call every
#: failure a kind of timeout.
_CAUSES = {
    r"proxyerror": "the proxy does not let it through",
    r"unauthenticated|permissiondenied|accessdenied|forbidden|signaturedoesnotmatch"
    r"|invalidaccesskey": "it refuses the keys",
    r"certificate|sslerror|\btls\b": "no encrypted connection can be made",
    r"refused": "nothing answers there",
    r"gaierror|nameresolution|dns error|failed to lookup|name or service not known": (
        "its name is not known"
    ),
    r"timeout|timed out": "it took too long",
    r"reset|disconnected|incompleteread|brokenpipe|broken pipe|chunkedencoding|protocolerror"
    r"|connection closed|connection was closed|remote end closed|aborted|eof": (
        "the connection broke off"
    ),
    r"toomanyredirects": "it leads round in circles",
    r"contentdecoding": "its answer cannot be unpacked",
}


def name_cause(error: BaseException) -> str:
    """Say in a few words why a connection failed, without a library's words.

    Those may have addresses with keys, and mean nothing to a planner.

    Parameters
    ----------
    error
        What a library raised; what it was caused by is looked at, too.
    """
    texts: list[str] = []
    found: list[BaseException] = [error]
    while found and len(texts) < 50:  # noqa: PLR2004  causes may go round in circles
        each = found.pop()
        names = " ".join(kind.__name__ for kind in type(each).__mro__)
        texts.append(f"{names} {each}".lower())
        inner = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        found += [one for one in inner if isinstance(one, BaseException)]
    text = "\n".join(texts)
    causes = (words for pattern, words in _CAUSES.items() if re.search(pattern, text))
    return next(causes, "the cause is not known")


class OutreachError(Exception):
    """Any failure that a user can understand and fix.

    Parameters
    ----------
    what
        One clear sentence: what is wrong and where.
    todo
        What to do next, as a second sentence. Empty only if ``what`` already says it.
    """

    def __init__(self, what: str, todo: str = "") -> None:
        self.what = what
        self.todo = todo
        super().__init__(what, todo)

    def __str__(self) -> str:
        return f"{self.what} {self.todo}".strip()


class CampaignError(OutreachError):
    """The campaign file requests something that cannot be done."""


class SettingsError(OutreachError):
    """The machine's settings are missing or wrong."""


class ServiceError(OutreachError):
    """An outside service gave no usable answer."""


class KeyRefused(ServiceError):
    """The Census API key is missing or invalid."""


class QueryRefused(ServiceError):
    """The service rejects the request itself; a retry cannot help."""


class VariableUnknown(QueryRefused):
    """The service does not have one of the requested variables.

    Parameters
    ----------
    what, todo
        As in :class:`OutreachError`.
    code
        The API's name of the variable.
    """

    def __init__(self, what: str, todo: str, code: str) -> None:
        super().__init__(what, todo)
        self.args = (what, todo, code)
        self.code = code


class ServiceUnavailable(ServiceError):
    """The service could not be reached or kept failing; a later try may succeed."""


class PatienceSpent(ServiceUnavailable):
    """The service asks us to wait longer than the run's patience."""


class AnswerMalformed(ServiceError):
    """The answer is not what the service declares: HTML, cut JSON, a missing or renamed column."""


class DataError(OutreachError):
    """A table breaks its declaration."""


class OutOfRange(DataError):
    """A figure lies outside its plausible range."""


class NothingThere(DataError):
    """An area has no usable row."""


class InputError(DataError):
    """A file that a user brought cannot be used as it is."""


class ArchiveError(OutreachError):
    """The archive of rates cannot be read or written."""


class GeographyError(OutreachError):
    """A boundary or relationship file cannot be used."""


class ModelError(OutreachError):
    """A model does not fit its data."""


class ExportError(OutreachError):
    """A platform would refuse a target list."""


class StoreError(OutreachError):
    """A run cannot be written or found."""


class StorageError(OutreachError):
    """The shared storage does not answer, or holds something that does not fit."""
