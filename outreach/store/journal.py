"""Keep records one after the other, and never change or lose one.

A journal is a file with a line of JSON for each record, or rows of a database.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from outreach.errors import StoreError
from outreach.store.database import Database

Record = TypeVar("Record", bound=BaseModel)


class Journal(Protocol[Record]):
    """The records of one kind."""

    def append(self, record: Record) -> None:
        """Write one record to the end, for good, before anything goes on.

        Raises
        ------
        OutreachError
            It cannot be written; then what it is about must not happen either.
        """

    def read(self, most: int | None = None) -> list[Record]:
        """Return the records, the newest first.

        Parameters
        ----------
        most
            Number of records; by default all.
        """


class FileJournal(Generic[Record]):
    """The records of one kind in a file.

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
        lines = self._path.read_bytes().splitlines()
        return _parse(reversed(lines), self._kind, most)


class TableJournal(Generic[Record]):
    """The records of one kind in a database, which refuses to change or remove one.

    Parameters
    ----------
    database
        Where they are.
    kind
        What a record is.
    name
        What tells this journal from the others, such as ``audit log``.
    """

    def __init__(self, database: Database, kind: type[Record], name: str) -> None:
        self._database, self._kind, self._name = database, kind, name

    def append(self, record: Record) -> None:
        """Write one record to the end; the database has it on its disk when this returns.

        Raises
        ------
        SettingsError
            The database does not do its work.
        """
        self.append_all([record])

    def append_all(self, records: Iterable[Record]) -> None:
        """Write records to the end, all or none.

        Raises
        ------
        SettingsError
            The database does not do its work.
        """
        rows = [(self._name, record.model_dump_json()) for record in records]
        with self._database.transact() as connection, connection.cursor() as cursor:
            cursor.executemany("INSERT INTO outreach.journal (name, record) VALUES (%s, %s)", rows)

    def read(self, most: int | None = None) -> list[Record]:
        """Return the records, the newest first.

        Parameters
        ----------
        most
            Number of records; by default all.

        Raises
        ------
        SettingsError
            The database does not do its work.
        """
        with self._database.transact() as connection:
            rows = connection.execute(
                "SELECT record FROM outreach.journal WHERE name = %s ORDER BY id DESC LIMIT %s",
                (self._name, most),
            ).fetchall()
        return _parse((row[0] for row in rows), self._kind, most)


def open_journal(
    path: Path, kind: type[Record], name: str, database: Database | None
) -> Journal[Record]:
    """Return a journal: in the database where there is one, else in a file."""
    if database is not None:
        return TableJournal(database, kind, name)
    return FileJournal(path, kind, name)


def _parse(lines: Iterable[str | bytes], kind: type[Record], most: int | None) -> list[Record]:
    """Return the first records that can be read."""
    records: list[Record] = []
    for line in lines:
        if most is not None and len(records) >= most:
            break
        try:
            records.append(kind.model_validate_json(line))
        except ValidationError:
            continue
    return records


def _end_line(file: int) -> bytes:
    """Return the line end that a power cut kept from the last record, or nothing."""
    size = os.fstat(file).st_size
    return b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""
