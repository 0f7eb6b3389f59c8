"""Hold what all pages of the portal share."""

import datetime as dt
from dataclasses import dataclass, field

from outreach.portal.access.audit import Act, open_audit_log
from outreach.portal.access.door import is_loopback, list_hosts
from outreach.portal.access.open_id import OpenId, read_open_id
from outreach.portal.access.sign_on import HeaderSignOn, read_sign_on
from outreach.portal.access.throttle import Throttle
from outreach.portal.access.users import UserBook
from outreach.portal.shelf import Shelf
from outreach.settings import Settings
from outreach.store import Database, Journal, NoticeBook, open_database
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
    database: Database | None = field(init=False)
    shelf: Shelf = field(init=False)
    publications: Publications = field(init=False)
    book: UserBook = field(init=False)
    audit: Journal[Act] = field(init=False)
    notices: NoticeBook = field(init=False)
    hosts: frozenset[str] = field(init=False)
    sign_on: HeaderSignOn = field(init=False)
    open_id: OpenId | None = field(init=False)

    def __post_init__(self) -> None:
        database = open_database(self.settings.find_database())
        parts = {
            "database": database,
            "shelf": Shelf(self.settings),
            "publications": Publications(self.settings.home),
            "book": UserBook(self.settings.home, database),
            "audit": open_audit_log(self.settings.home, database),
            "notices": NoticeBook(self.settings.home, database),
            "sign_on": read_sign_on(self.settings),
            "open_id": read_open_id(self.settings, self.host),
            "hosts": list_hosts(self.host, self.settings.portal_url),
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    @property
    def is_local(self) -> bool:
        """Whether only people at this machine can reach the portal."""
        is_behind_proxy = self.settings.portal_url or self.settings.sign_on_header
        return is_loopback(self.host) and not is_behind_proxy and self.open_id is None

    @property
    def is_encrypted(self) -> bool:
        """Whether people reach the portal by HTTPS."""
        return self.settings.portal_url.startswith("https://")

    def now(self) -> dt.datetime:
        """Return the present moment."""
        return dt.datetime.now(dt.UTC)
