"""Hold what all pages of the portal share."""

import datetime as dt
from dataclasses import dataclass, field

from outreach.portal.access.audit import AuditLog
from outreach.portal.access.door import is_loopback, list_hosts
from outreach.portal.access.throttle import Throttle
from outreach.portal.access.users import UserBook
from outreach.portal.shelf import Shelf
from outreach.settings import Settings
from outreach.store.publications import Publications


@dataclass(frozen=True)
class Desk:
    """The store, the users, and the logs behind the portal.

    Parameters
    ----------
    settings
        Of this machine; the folder is a full path.
    host
        The address on which the portal answers.
    """

    settings: Settings
    host: str
    throttle: Throttle = field(default_factory=Throttle)
    shelf: Shelf = field(init=False)
    publications: Publications = field(init=False)
    book: UserBook = field(init=False)
    audit: AuditLog = field(init=False)
    hosts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        parts = {
            "shelf": Shelf(self.settings),
            "publications": Publications(self.settings.home),
            "book": UserBook(self.settings.home),
            "audit": AuditLog(self.settings.home),
            "hosts": list_hosts(self.host, self.settings.portal_url),
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    @property
    def is_local(self) -> bool:
        """Whether only people at this machine can reach the portal."""
        return is_loopback(self.host) and not self.settings.portal_url

    @property
    def is_encrypted(self) -> bool:
        """Whether people reach the portal by HTTPS."""
        return self.settings.portal_url.startswith("https://")

    def now(self) -> dt.datetime:
        """Return the present moment."""
        return dt.datetime.now(dt.UTC)
