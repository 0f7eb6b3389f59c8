"""Name the roles of people, and what each may do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A role; each may all that the ones before it may.

    A viewer reads maps, lists, and reports. A marketer also downloads the files for ad platforms. A
    planner also starts jobs and approves lists. An administrator also sees users and the audit log.
    """

    VIEWER = "viewer"
    MARKETER = "marketer"
    PLANNER = "planner"
    ADMINISTRATOR = "administrator"

    def includes(self, other: "Role") -> bool:
        """Return whether this role may all that another one may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the portal.

    Parameters
    ----------
    name
        The user's name, or that of the one person on this machine.
    role
        What the person may do.
    is_signed_in
        Whether the person came in with a password.
    """

    name: str
    role: Role
    is_signed_in: bool = True


#: The one person on this machine, where there are no users.
LOCAL = Person("this computer", Role.ADMINISTRATOR, is_signed_in=False)
