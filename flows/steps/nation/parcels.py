"""Send states to workers and take their lists back, by connection or through a bucket.

By connection, rates and predictors travel with the task and lists with its answer, so workers need
neither folder nor key. Through a bucket, only names travel: workers read the archive's segments and
the predictors there, and leave the lists there under the hash of all that they were made from, once
and whole, so that a second worker that makes them again changes nothing.
"""

import datetime as dt
import functools
import hashlib
from dataclasses import dataclass
from typing import Protocol

from outreach.archive import CarriedState, collect_state
from outreach.errors import StorageError
from outreach.storage import Bucket, open_bucket

_ARCHIVE, _HELD, _LISTS = "archive", "nation/predictors", "nation/lists"
_DIGEST_LENGTH = 32


class Parcel(Protocol):
    """A state on its way to a worker."""

    def open(self) -> tuple[CarriedState, bytes]:
        """Return the state's rates and its packed predictors."""
        ...

    def hand_in(self, listed: bytes) -> bytes:
        """Hand in the packed lists; return what the worker answers."""
        ...


class Post(Protocol):
    """A way to workers and back."""

    def find(self, name: str) -> bytes | None:
        """Return the packed lists that somebody handed in under a name before, if any."""
        ...

    def send(self, name: str, rates: CarriedState, held: bytes) -> Parcel:
        """Make the parcel of a state whose lists are to be handed in under a name."""
        ...

    def receive(self, name: str, answer: bytes) -> bytes:
        """Return the packed lists that a worker has answered with."""
        ...


@dataclass(frozen=True, slots=True)
class DirectParcel:
    """A state that travels with all that is held of it."""

    rates: CarriedState
    held: bytes

    def open(self) -> tuple[CarriedState, bytes]:
        """Return what came along."""
        return self.rates, self.held

    def hand_in(self, listed: bytes) -> bytes:
        """Answer with the lists themselves."""
        return listed


class DirectPost:
    """Sends everything over the connection to the workers."""

    def find(self, name: str) -> bytes | None:  # noqa: ARG002  nothing lies between
        """Return ``None``: nothing was left anywhere."""
        return None

    def send(self, name: str, rates: CarriedState, held: bytes) -> DirectParcel:  # noqa: ARG002
        """Pack everything."""
        return DirectParcel(rates, held)

    def receive(self, name: str, answer: bytes) -> bytes:  # noqa: ARG002  the answer is all
        """Return the answer."""
        return answer


@dataclass(frozen=True, slots=True)
class BucketParcel:
    """The names of what a bucket holds of a state; keys are those of the worker.

    Parameters
    ----------
    address, endpoint
        As :func:`outreach.storage.open_bucket` takes them.
    through, segments
        As :class:`outreach.archive.CarriedState` has them.
    held, lists
        Where the predictors are, and where the lists go.
    """

    address: str
    endpoint: str
    through: dt.date
    segments: tuple[str, ...]
    held: str
    lists: str

    def open(self) -> tuple[CarriedState, bytes]:
        """Read rates and predictors, and check them against the hashes in their names.

        Raises
        ------
        StorageError
            The bucket cannot be used from here.
        ArchiveError
            A segment is damaged.
        """
        bucket = _open_here(self.address, self.endpoint)
        try:
            rates = collect_state(
                self.through, self.segments, lambda name: bucket.read(f"{_ARCHIVE}/{name}")
            )
            held = bucket.read(self.held)
        except StorageError as error:
            raise _describe_worker(error) from error
        if _name_held(held) != self.held:
            raise _describe_damage(self.held, self.address)
        return rates, held

    def hand_in(self, listed: bytes) -> bytes:
        """Leave the lists in the bucket behind their hash; another worker may have done so."""
        content = hashlib.sha256(listed).digest() + listed
        try:
            _open_here(self.address, self.endpoint).create(self.lists, content)
        except StorageError as error:
            raise _describe_worker(error) from error
        return b""


class BucketPost:
    """Sends names, and lets workers read and write a bucket.

    Parameters
    ----------
    address, endpoint
        As :func:`outreach.storage.open_bucket` takes them.

    Raises
    ------
    StorageError
        The bucket cannot be used, or ignores conditional writes.
    """

    def __init__(self, address: str, endpoint: str) -> None:
        self._place = address, endpoint
        self._bucket = open_bucket(address, endpoint)
        self._bucket.check_conditions()
        self._there = set(self._bucket.survey())

    def find(self, name: str) -> bytes | None:
        """Return the lists that any machine left under a name."""
        return self.receive(name, b"") if _name_lists(name) in self._there else None

    def send(self, name: str, rates: CarriedState, held: bytes) -> BucketParcel:
        """Copy to the bucket what it lacks of a state, and return the names."""
        own = _name_held(held)
        segments = [f"{_ARCHIVE}/{each}" for each in rates.names]
        contents = dict(zip((*segments, own), (*rates.contents, held), strict=True))
        for path, content in contents.items():
            if path not in self._there:
                self._bucket.create(path, content)
        self._there |= contents.keys()
        return BucketParcel(*self._place, rates.through, rates.names, own, _name_lists(name))

    def receive(self, name: str, answer: bytes) -> bytes:  # noqa: ARG002  the lists lie elsewhere
        """Read the lists that a worker left.

        Raises
        ------
        StorageError
            They are damaged, or cannot be read.
        """
        path = _name_lists(name)
        content = self._bucket.read(path)
        digest, listed = content[:_DIGEST_LENGTH], content[_DIGEST_LENGTH:]
        if hashlib.sha256(listed).digest() != digest:
            raise _describe_damage(path, self._bucket.address)
        return listed


@functools.cache
def _open_here(address: str, endpoint: str) -> Bucket:
    """Open a bucket once in a process."""
    return open_bucket(address, endpoint)


def _name_held(held: bytes) -> str:
    return f"{_HELD}/{hashlib.sha256(held).hexdigest()}.zip"


def _name_lists(name: str) -> str:
    return f"{_LISTS}/{name}.lists"


def _describe_damage(path: str, address: str) -> StorageError:
    """Say that an object is not what was written."""
    return StorageError(
        f"{path} in {address} is damaged: its content does not match its hash.",
        "Remove it from the bucket, and run again: it is made anew.",
    )


def _describe_worker(error: StorageError) -> StorageError:
    """Say that it is a worker that cannot use the bucket."""
    return StorageError(
        f"A worker cannot use the bucket. {error.what}",
        "Give every worker the extra 'storage' and the bucket's keys (AWS_ACCESS_KEY_ID,"
        " AWS_SECRET_ACCESS_KEY, AWS_REGION), and run again; states listed so far are kept.",
    )
