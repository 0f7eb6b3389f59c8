"""Decide on which address the portal may answer, and under which names."""

import ipaddress
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from outreach.errors import SettingsError
from outreach.files import keep_secret
from outreach.portal.access.users import UserBook
from outreach.settings import Settings
from outreach.store import open_database

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Return whether an address can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_door(settings: Settings, host: str) -> None:
    """Refuse to answer strangers without a sign-in.

    A provider that says which role people have is a sign-in as well.

    Parameters
    ----------
    settings
        Of this machine: its folder, its database, and the address under which people reach the
        portal, through a proxy, where there is one.
    host
        The address on which the portal is to answer.

    Raises
    ------
    SettingsError
        The address can be reached from other machines, and there are no users; or the folder has
        users that the database lacks.
    """
    database = open_database(settings.find_database())
    if UserBook(settings.home, database).has_users():
        return
    if database is not None and UserBook(settings.home).has_users():
        raise SettingsError(
            f"{settings.home} has users, and the database {database.place} has none.",
            "Copy them with 'outreach users move', or unset OUTREACH_DATABASE.",
        )
    if is_loopback(host) and not settings.portal_url:
        return
    if settings.find_issuer() and settings.oidc_role_claim:
        return
    place = settings.portal_url or host
    raise SettingsError(
        f"Others can reach the portal on {place}, and it has no users yet.",
        "Add one with 'outreach users add NAME --role administrator', or use --host 127.0.0.1.",
    )


def list_hosts(host: str, portal_url: str) -> frozenset[str]:
    """Return the names under which the portal answers.

    A page of somebody else, whose name leads to this machine, is refused by this.
    """
    named = urlsplit(portal_url).hostname if portal_url else None
    own = {host} - {"0.0.0.0", "::"}  # noqa: S104  every address is no name
    return frozenset(_LOOPBACK_NAMES | own | ({named} if named else set()))


def read_session_key(home: Path) -> str:
    """Return the key that signs sessions, made at the first start; only the owner can read it."""
    return keep_secret(home / "service" / "session-key", secrets.token_urlsafe(48))
