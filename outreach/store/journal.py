"""Keep records one after the other, and never change or lose one.

A journal is a file with a line of JSON for each record.
"""

import os
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from outreach.errors import StoreError

Record = TypeVar("Record", bound=BaseModel)


class Journal(Generic[Record]):
    """The records of one kind.

    Parameters
    ----------
    path
        The file; it and its folder are made with the first record.
    kind
        What a record is.
    name
        What people call the journal, such as ``audit log``.
    """

    def __init__(self, path: Path, kind: type[Record], name: str) -> None:
        self._path, self._kind, self._name = path, kind, name

    def append(self, record: Record) -> None:
        """Write one record to the end, and to the disk, before anything goes on.

        Raises
        ------
        StoreError
            It cannot be written; then what it is about must not happen either.
        """
        line = record.model_dump_json().encode("utf-8") + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, _end_line(file) + line)
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise StoreError(
                f"Cannot write the {self._name} {self._path}: {error.strerror}.",
                "Free some space. Nothing is done that cannot be written down.",
            ) from error

    def read(self, most: int | None = None) -> list[Record]:
        """Return the records, the newest first.

        Parameters
        ----------
        most
            Number of records; by default all. A line that a power cut broke off is left out.
        """
        if not self._path.is_file():
            return []
        records: list[Record] = []
        for line in reversed(self._path.read_bytes().splitlines()):
            if most is not None and len(records) >= most:
                break
            try:
                records.append(self._kind.model_validate_json(line))
            except ValidationError:
                continue
        return records


def _end_line(file: int) -> bytes:
    """Return the line end that a power cut kept from the last record, or nothing."""
    size = os.fstat(file).st_size
    return b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""
