"""Read and write a bucket of S3-compatible storage, never over what is there.

An object is created once and never written over. The only objects that change are pointers, and
they change by compare-and-swap. Both rest on conditional writes (``If-None-Match`` and ``If-Match``
of PutObject; Amazon S3 has them since November 2024), so a bucket that ignores the conditions is
refused.
"""

import contextlib
import uuid
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from outreach.errors import StorageError, name_cause

_ACCESS = "Check OUTREACH_STORAGE, AWS_ACCESS_KEY_ID, and AWS_SECRET_ACCESS_KEY, and run again."

#: What is asked for where every object is.
_ALL = "objects"


class Bucket:
    """A bucket, or a folder of one.

    Parameters
    ----------
    library, store
        The library, and its store for the bucket.
    address
        As people know it: ``s3://bucket/folder``.
    """

    def __init__(self, library: ModuleType, store: Any, address: str) -> None:
        self._library, self._store, self.address = library, store, address

    def survey(self) -> dict[str, int]:
        """Return the path of every object, and its bytes."""
        with self._explain(_ALL):
            return {
                str(each["path"]): int(each["size"])
                for part in self._library.list(self._store)
                for each in part
            }

    def read(self, path: str) -> bytes:
        """Return an object's content.

        Raises
        ------
        StorageError
            There is none, or the storage does not answer.
        """
        with self._explain(path):
            return bytes(self._library.get(self._store, path).bytes())

    def create(self, path: str, content: bytes) -> bool:
        """Write an object that must not be there yet: it appears whole, or not at all.

        Returns
        -------
        bool
            False where it was there already; nothing was written then.
        """
        return self._put(path, content, "create", ())

    def read_pointer(self, path: str) -> tuple[str, str]:
        """Return the text of a pointer, and its version for :meth:`swap`; empty without one."""
        with self._explain(path):
            try:
                found = self._library.get(self._store, path)
            except (FileNotFoundError, self._library.exceptions.NotFoundError):
                return "", ""
            return bytes(found.bytes()).decode(), str(found.meta["e_tag"])

    def swap(self, path: str, text: str, version: str) -> bool:
        """Change a pointer, if nobody changed it since it was read.

        Parameters
        ----------
        path
            The pointer.
        text
            What it is to say.
        version
            From :meth:`read_pointer`; empty if there was none.

        Returns
        -------
        bool
            False where somebody was quicker.
        """
        gone = (self._library.exceptions.NotFoundError,) if version else ()
        return self._put(path, text.encode(), {"e_tag": version} if version else "create", gone)

    def check_conditions(self) -> None:
        """Check that the storage refuses a second writer.

        Raises
        ------
        StorageError
            It lets one write over the other, so two machines could lose each other's work.
        """
        path = f".check-{uuid.uuid4().hex}"
        is_honest = self.create(path, b"1") and not self.create(path, b"2")
        version = self.read_pointer(path)[1]
        is_honest &= self.swap(path, "3", version) and not self.swap(path, "4", version)
        # Keys that may not delete leave a byte behind.
        with contextlib.suppress(StorageError), self._explain(path):
            self._library.delete(self._store, path)
        if not is_honest:
            raise StorageError(
                f"The storage {self.address} ignores conditional writes, so two machines could"
                " write over each other.",
                "Use a storage that honors If-None-Match and If-Match, such as Amazon S3.",
            )

    def _put(
        self, path: str, content: bytes, mode: Any, refusals: tuple[type[Exception], ...]
    ) -> bool:
        """Write under a condition; false where the condition does not hold."""
        with self._explain(path):
            # In one request: a condition does not hold for an upload in parts.
            faults = self._library.exceptions
            try:
                self._library.put(self._store, path, content, mode=mode, use_multipart=False)
            except (faults.AlreadyExistsError, faults.PreconditionError, *refusals):
                return False
            return True

    @contextlib.contextmanager
    def _explain(self, what: str) -> Iterator[None]:
        """Turn a failure of the storage into one sentence; its own words may have keys."""
        reason, is_absent = "", False
        try:
            yield
        except StorageError:
            raise
        except (FileNotFoundError, self._library.exceptions.NotFoundError):
            is_absent = True
        except Exception as error:  # noqa: BLE001  the library has a class for each service
            reason = name_cause(error)
        if is_absent:
            raise StorageError(f"{self.address} has no {what}, or is no bucket.", _ACCESS)
        if reason:
            task = "list it" if what == _ALL else f"use {what}"
            raise StorageError(f"The storage {self.address} fails to {task}: {reason}.", _ACCESS)


def open_bucket(address: str, endpoint: str = "") -> Bucket:
    """Open a bucket; keys come from ``AWS_*`` in the environment, as every S3 program reads them.

    Parameters
    ----------
    address
        ``s3://bucket`` or ``s3://bucket/folder``.
    endpoint
        Address of a service other than Amazon's; empty for Amazon's.

    Raises
    ------
    StorageError
        The library is not installed.
    """
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    try:
        import obstore  # noqa: PLC0415  an extra
        import obstore.exceptions  # noqa: PLC0415
    except ImportError:
        raise StorageError(
            "Shared storage needs obstore, which is not installed.",
            "Install this package with its extra 'storage'.",
        ) from None
    options: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
    store = obstore.store.S3Store(
        bucket,
        prefix=prefix.strip("/") or None,
        client_options={"allow_http": endpoint.startswith("http://"), "timeout": "60s"},
        retry_config={"max_retries": 3},
        **options,
    )
    return Bucket(obstore, store, address)
