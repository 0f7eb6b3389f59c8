"""Believe a proxy that says who somebody is, and nobody else."""

import ipaddress
from dataclasses import dataclass

from fastapi import Request

from outreach.errors import SettingsError
from outreach.settings import Settings


@dataclass(frozen=True, slots=True)
class HeaderSignOn:
    """The header in which a proxy names who has signed in with it.

    Parameters
    ----------
    header
        Its name; empty if no proxy is believed.
    proxies
        The addresses from which it is believed.
    """

    header: str = ""
    proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def is_spoofed(self, request: Request) -> bool:
        """Return whether somebody else than the proxy, or twice, says who asks."""
        names = request.headers.getlist(self.header) if self.header else []
        return bool(names) and (len(names) > 1 or not self._is_proxy(request))

    def read_name(self, request: Request) -> str:
        """Return who the proxy says asks; empty if it names nobody."""
        if not self.header or self.is_spoofed(request):
            return ""
        return request.headers.get(self.header, "").strip()

    def _is_proxy(self, request: Request) -> bool:
        """Return whether the other end of the socket is a trusted proxy."""
        try:
            address = ipaddress.ip_address(request.client.host if request.client else "")
        except ValueError:
            return False
        return any(address in network for network in self.proxies)


def read_sign_on(settings: Settings) -> HeaderSignOn:
    """Return what the settings say of sign-on by a proxy.

    Raises
    ------
    SettingsError
        A header is named without a proxy, or an address is none.
    """
    if not settings.sign_on_header:
        return HeaderSignOn()
    proxies = []
    for text in filter(None, (part.strip() for part in settings.trusted_proxies.split(","))):
        try:
            proxies.append(ipaddress.ip_network(text))
        except ValueError:
            raise SettingsError(
                f"OUTREACH_TRUSTED_PROXIES has '{text}', which is no address.",
                "Write addresses or networks, such as 10.0.0.7 or 10.0.0.0/24.",
            ) from None
    if not proxies:
        raise SettingsError(
            "OUTREACH_SIGN_ON_HEADER is set, but no proxy is trusted to send it.",
            "Name the proxy's address in OUTREACH_TRUSTED_PROXIES.",
        )
    return HeaderSignOn(settings.sign_on_header, tuple(proxies))
