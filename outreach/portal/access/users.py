"""Know the portal's users, and check their passwords, kept as Argon2 hashes."""

import secrets
import threading
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from outreach.errors import SettingsError
from outreach.portal.access.roles import Role
from outreach.portal.access.user_records import User, open_user_records
from outreach.store import Database

#: The shortest password; NIST SP 800-63B asks for 8 at least, and for no rules of composition.
SHORTEST_PASSWORD, _LONGEST_PASSWORD = 12, 256
#: Hashing takes 64 MB each time; more at once would let strangers fill the memory.
_HASHING = threading.BoundedSemaphore(2)


class UserBook:
    """The users of a service's folder.

    Parameters
    ----------
    home
        The service's folder.
    database
        Where they are instead, if there is one.
    """

    def __init__(self, home: Path, database: Database | None = None) -> None:
        self._records = open_user_records(home, database)

    def list_users(self) -> tuple[User, ...]:
        """Return all users by name.

        Raises
        ------
        SettingsError
            They cannot be read.
        """
        return self._records.read()

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
        with self._records.change() as users:
            users[user.name.casefold()] = user
        return user

    def remove(self, name: str) -> None:
        """Remove a user, whose sessions end at once.

        Raises
        ------
        SettingsError
            There is no such user.
        """
        with self._records.change() as users:
            if users.pop(name.casefold(), None) is None:
                raise SettingsError(
                    f"There is no user '{name}'.", "'outreach users list' lists them."
                )


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
