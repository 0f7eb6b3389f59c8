"""Carry the segments of a state to where the archive is not, and read them there."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from outreach.archive.copies import check_copy
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
    names
        Paths of the segments in the archive's folder. Each has the first 12 hexadecimal digits of
        the SHA-256 of the segment.
    contents
        Their bytes, which matched those digits when they were read.
    """

    through: dt.date
    names: tuple[str, ...]
    contents: tuple[bytes, ...]

    @property
    def basis(self) -> tuple[object, ...]:
        """What the rates depend on, without the bytes."""
        return (self.through, self.names)

    def read(self) -> DataFrame[ResponseRates]:
        """Return the rates up to the last date, as :meth:`Archive.read` does."""
        condition = build_condition((), None, self.through)
        versions = join_versions([read_content(each, condition) for each in self.contents])
        return to_rates(choose_versions(versions))


def collect_state(
    through: dt.date, names: Sequence[str], read: Callable[[str], bytes]
) -> CarriedState:
    """Put a state together from copies of its segments that lie elsewhere.

    Parameters
    ----------
    through, names
        As :class:`CarriedState` has them.
    read
        Gives the bytes of a copy by its name.

    Raises
    ------
    ArchiveError
        A copy does not match the hash in its name.
    """
    contents = []
    for name in names:
        content = read(name)
        check_copy(name, content)
        contents.append(content)
    return CarriedState(through, tuple(names), tuple(contents))
