"""State under which terms open data is published."""

import datetime as dt
from dataclasses import dataclass

_CC0 = (
    "CC0-1.0",
    "CC0 1.0 Universal (no rights reserved)",
    "https://creativecommons.org/publicdomain/zero/1.0/",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationTerms:
    """Terms of an open-data folder.

    Parameters
    ----------
    version
        Version of the data, such as its data date.
    made
        The day the folder was made.
    license
        Identifier, title and address of an open license. The Bureau's figures are in the public
        domain.
    """

    version: str
    made: dt.date
    license: tuple[str, str, str] = _CC0
