"""Keep the records of users in a file or in a database, changed by one writer at a time."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outreach.errors import SettingsError
from outreach.files import read_record, write_file
from outreach.files.lock import take_lock
from outreach.portal.access.roles import Role
from outreach.store import Database

_NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$"


class User(BaseModel):
    """A user: the name to sign in with, the role, and the password's hash.

    ``stamp`` changes with the password and the role, so that earlier sessions end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=_NAME_PATTERN)
    role: Role
    password_hash: str = Field(repr=False)
    stamp: str


class UserRecords(Protocol):
    """Where users are kept."""

    def read(self) -> tuple[User, ...]:
        """Return all users by name.

        Raises
        ------
        SettingsError
            They cannot be read.
        """

    def change(self) -> contextlib.AbstractContextManager[dict[str, User]]:
        """Give the users by folded name, and keep what the block makes of them, or nothing.

        Raises
        ------
        SettingsError
            They cannot be written.
        """


class _Users(BaseModel):
    """The content of the file."""

    model_config = ConfigDict(extra="forbid")

    users: tuple[User, ...] = ()


class UserFile:
    """Users in a file that only its owner can read.

    Parameters
    ----------
    path
        The file; it and its folder are made with the first user.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> tuple[User, ...]:
        """Return all users by name.

        Raises
        ------
        SettingsError
            The file is damaged.
        """
        if not self._path.is_file():
            return ()
        todo = "Restore it from a backup, or remove it and add the users again."
        return read_record(self._path, _Users, "list of users", todo, SettingsError).users

    @contextlib.contextmanager
    def change(self) -> Iterator[dict[str, User]]:
        """Give the users by folded name, and write them back; one writer at a time.

        Raises
        ------
        SettingsError
            Somebody else is writing, or the file cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = take_lock(self._path.with_suffix(".lock"))
            if lock is None:
                raise SettingsError("Somebody else is changing the users.", "Try again.")
            try:
                users = {user.name.casefold(): user for user in self.read()}
                yield users
                everyone = tuple(users[name] for name in sorted(users))
                # Nobody but the owner may read even the hashes, not for a moment.
                before = os.umask(0o077)
                try:
                    write_file(self._path, _Users(users=everyone).model_dump_json(indent=1))
                finally:
                    os.umask(before)
                self._path.chmod(0o600)
            finally:
                os.close(lock)
        except OSError as error:
            raise SettingsError(
                f"Cannot write {error.filename or self._path}: {error.strerror}.",
                "Free some space, or choose another folder with OUTREACH_HOME.",
            ) from error


class UserTable:
    """Users in a database.

    Parameters
    ----------
    database
        Where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> tuple[User, ...]:
        """Return all users by name.

        Raises
        ------
        SettingsError
            The database does not do its work, or a row is damaged.
        """
        with self._database.transact() as connection:
            rows = connection.execute(
                "SELECT record FROM outreach.users ORDER BY folded"
            ).fetchall()
        return tuple(self._parse(row[0]) for row in rows)

    @contextlib.contextmanager
    def change(self) -> Iterator[dict[str, User]]:
        """Give the users by folded name, and write them back; other writers wait.

        Raises
        ------
        SettingsError
            The database does not do its work, or a row is damaged.
        """
        with self._database.transact() as connection:
            # Readers go on; a second writer waits until this one has committed.
            connection.execute("LOCK TABLE outreach.users IN SHARE ROW EXCLUSIVE MODE")
            rows = connection.execute("SELECT folded, record FROM outreach.users").fetchall()
            before = {folded: self._parse(record) for folded, record in rows}
            users = dict(before)
            yield users
            for folded in before.keys() - users.keys():
                connection.execute("DELETE FROM outreach.users WHERE folded = %s", (folded,))
            for folded, user in users.items():
                if before.get(folded) != user:
                    connection.execute(
                        "INSERT INTO outreach.users VALUES (%s, %s)"
                        " ON CONFLICT (folded) DO UPDATE SET record = excluded.record",
                        (folded, user.model_dump_json()),
                    )

    def _parse(self, record: str) -> User:
        """Return the user of a row."""
        try:
            return User.model_validate_json(record)
        except ValidationError:
            pass
        raise SettingsError(
            f"A user in the database {self._database.place} cannot be read.",
            "Restore the table outreach.users from a backup of the database.",
        )


def open_user_records(home: Path, database: Database | None) -> UserRecords:
    """Return where the users of a service are: in its database, else in its folder."""
    if database is not None:
        return UserTable(database)
    return UserFile(home / "service" / "users.json")
