"""Keep the users of the portal, with their passwords as Argon2 hashes.

They are in ``service/users.json`` of the service's folder, which only its owner can read.
"""

import contextlib
import os
import secrets
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, Field

from outreach.errors import SettingsError
from outreach.files import read_record, write_file
from outreach.files.lock import take_lock
from outreach.portal.access.roles import Role

#: The shortest password; NIST SP 800-63B asks for 8 at least, and for no rules of composition.
SHORTEST_PASSWORD, _LONGEST_PASSWORD = 12, 256
_NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$"
#: Hashing takes 64 MB each time; more at once would let strangers fill the memory.
_HASHING = threading.BoundedSemaphore(2)


class User(BaseModel):
    """A user: the name to sign in with, the role, and the password's hash.

    ``stamp`` changes with the password and the role, so that earlier sessions end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=_NAME_PATTERN)
    role: Role
    password_hash: str = Field(repr=False)
    stamp: str


class _Users(BaseModel):
    """The content of the file."""

    model_config = ConfigDict(extra="forbid")

    users: tuple[User, ...] = ()


class UserBook:
    """The users of a service's folder.

    Parameters
    ----------
    home
        The service's folder.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "service" / "users.json"

    def list_users(self) -> tuple[User, ...]:
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

    def has_users(self) -> bool:
        """Return whether anybody has to sign in."""
        return bool(self.list_users())

    def find(self, name: str) -> User | None:
        """Return the user of a name, however its letters are written, or ``None``."""
        folded = name.casefold()
        return next((user for user in self.list_users() if user.name.casefold() == folded), None)

    def check_password(self, name: str, password: str) -> User | None:
        """Return the user if the password is right; it takes as long for a name that is unknown."""
        user = self.find(name)
        known = user.password_hash if user else _make_decoy()
        with _HASHING:
            try:
                _hasher().verify(known, password[:_LONGEST_PASSWORD])
            except (VerificationError, InvalidHashError):
                return None
        return user

    def add(self, name: str, role: Role, password: str) -> User:
        """Add a user, or give one another role and password.

        Raises
        ------
        SettingsError
            The name or the password cannot be used, or the file cannot be written.
        """
        _check_password(name, password)
        with _HASHING:
            digest = _hasher().hash(password)
        user = _make_user(name, role, digest)
        with self._change() as users:
            users[user.name.casefold()] = user
        return user

    def remove(self, name: str) -> None:
        """Remove a user, whose sessions end at once.

        Raises
        ------
        SettingsError
            There is no such user.
        """
        with self._change() as users:
            if users.pop(name.casefold(), None) is None:
                raise SettingsError(
                    f"There is no user '{name}'.", "'outreach users list' lists them."
                )

    @contextlib.contextmanager
    def _change(self) -> Iterator[dict[str, User]]:
        """Give the users by folded name, and write them back; one writer at a time."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = take_lock(self._path.with_suffix(".lock"))
            if lock is None:
                raise SettingsError("Somebody else is changing the users.", "Try again.")
            try:
                users = {user.name.casefold(): user for user in self.list_users()}
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


def _make_user(name: str, role: Role, digest: str) -> User:
    """Return a user with a new stamp."""
    try:
        return User(name=name, role=role, password_hash=digest, stamp=secrets.token_hex(8))
    except ValueError:
        pass
    raise SettingsError(
        f"'{name}' cannot be the name of a user.",
        "Use up to 64 letters, digits, dots, hyphens, and @, such as ada@chicago.gov.",
    )


def _check_password(name: str, password: str) -> None:
    """Refuse a password that is too short, too long, or the name itself."""
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise SettingsError(
            f"The password has {len(password)} characters.",
            f"Use {SHORTEST_PASSWORD} to {_LONGEST_PASSWORD}; several words are easy to keep in"
            " mind.",
        )
    if name.casefold() in password.casefold() and len(name) >= SHORTEST_PASSWORD // 2:
        raise SettingsError("The password contains the name.", "Choose another one.")


@cache
def _hasher() -> PasswordHasher:
    """Return the hasher, with the parameters that the library recommends (RFC 9106)."""
    return PasswordHasher()


@cache
def _make_decoy() -> str:
    """Return the hash of a password that nobody knows."""
    return _hasher().hash(secrets.token_urlsafe(32))
