"""Carry the segments of a state to where the archive is not, and read them there."""

import datetime as dt
from dataclasses import dataclass

from outreach.archive.scope import build_condition
from outreach.archive.segment import read_content
from outreach.archive.versions import choose_versions, join_versions, to_rates
from outreach.tables import DataFrame, ResponseRates


@dataclass(frozen=True, slots=True)
class CarriedState:
    """The segments of one state as they are on disk.

    Parameters
    ----------
    through
        The last data date that counts. It is no later than the last one of the segments, so equal
        rates are equal for every later day.
    digests
        What the segments are named by: the first 12 hexadecimal digits of each SHA-256.
    contents
        Their bytes, which matched the digests when they were read.
    """

    through: dt.date
    digests: tuple[str, ...]
    contents: tuple[bytes, ...]

    @property
    def basis(self) -> tuple[object, ...]:
        """What the rates depend on, without the bytes."""
        return (self.through, self.digests)

    @property
    def size(self) -> int:
        """Bytes of all segments."""
        return sum(map(len, self.contents))

    def read(self) -> DataFrame[ResponseRates]:
        """Return the rates up to the last date, as :meth:`Archive.read` does."""
        condition = build_condition((), None, self.through)
        versions = join_versions([read_content(each, condition) for each in self.contents])
        return to_rates(choose_versions(versions))
