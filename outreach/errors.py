"""The tree of errors: every failure a user can meet, each with one sentence saying what, where and what to do.

::

    OutreachError
    |-- CampaignError          the question is wrong          (campaign.toml)
    |-- SettingsError          the machine is set up wrong    (environment, keyring, folders)
    |-- ServiceError           a service gave no usable answer
    |   |-- KeyRefused         no key, or one that is not valid
    |   |-- QueryRefused       the service says the question is wrong; asking again is useless
    |   |-- ServiceUnavailable a passing fault, after the retries were spent
    |   `-- AnswerMalformed    an answer that is not what the service declares
    |-- DataError              a table breaks its declaration
    |   |-- OutOfRange         a figure outside its plausible range
    |   |-- NothingThere       an area without a single usable row
    |   `-- InputError         a file that a user brought cannot be used as it is
    |-- ArchiveError           the publication ledger cannot be read or written
    |-- GeographyError         a boundary or relationship file cannot be used
    |-- ModelError             a model does not fit the data it is given
    |-- ExportError            a target list would be refused by the platform
    `-- StoreError             a run cannot be written or found
"""


class OutreachError(Exception):
    """Any failure that a user can understand and mend.

    Parameters
    ----------
    what
        One clear sentence: what is wrong and where.
    todo
        What to do next, as a second sentence; empty only where ``what`` already says it.
    """

    def __init__(self, what: str, todo: str = "") -> None:
        self.what = what
        self.todo = todo
        super().__init__(what, todo)

    def __str__(self) -> str:
        return f"{self.what} {self.todo}".strip()


class CampaignError(OutreachError):
    """The campaign file asks for something that cannot be done."""


class SettingsError(OutreachError):
    """The machine's settings are missing or wrong."""


class ServiceError(OutreachError):
    """A service outside gave no usable answer."""


class KeyRefused(ServiceError):
    """The Census API key is missing or not valid."""


class QueryRefused(ServiceError):
    """The service says that the question itself is wrong; a retry cannot help."""


class ServiceUnavailable(ServiceError):
    """The service could not be reached or kept failing; a later try may succeed."""


class AnswerMalformed(ServiceError):
    """The answer is not what the service declares: HTML, cut JSON, a missing or renamed column."""


class DataError(OutreachError):
    """A table breaks its declaration."""


class OutOfRange(DataError):
    """A figure lies outside its plausible range."""


class NothingThere(DataError):
    """An area has not a single usable row."""


class InputError(DataError):
    """A file that a user brought cannot be used as it is."""


class ArchiveError(OutreachError):
    """The publication ledger cannot be read or written."""


class GeographyError(OutreachError):
    """A boundary or relationship file cannot be used."""


class ModelError(OutreachError):
    """A model does not fit the data it is given."""


class ExportError(OutreachError):
    """A target list would be refused by the platform."""


class StoreError(OutreachError):
    """A run cannot be written or found."""
