"""Let people sign in with their organization's OpenID Connect provider.

The code flow of OpenID Connect Core 1.0, by authlib: a state and a nonce for each try, PKCE with
S256 (RFC 7636), and a token that is checked for signature, issuer, audience, nonce, and time.
"""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from outreach.errors import OutreachError, SettingsError
from outreach.portal.access.door import is_loopback
from outreach.portal.access.roles import Person, Role
from outreach.portal.access.users import UserBook
from outreach.settings import Settings

#: Where the provider sends people back to; it has to be registered there.
RETURN = "/sign-in/return"
#: What the session keeps of somebody who signed in so.
_KEY = "open_id"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
#: Signatures that only the provider can make; a shared secret or none at all is no proof.
_SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_LONGEST_NAME = 64
_log = logging.getLogger("outreach.portal")


class SignOnRefused(OutreachError):
    """The provider did not say who somebody is, or names nobody with a role."""


@dataclass(frozen=True, slots=True)
class OpenId:
    """A provider, and what its claims mean here.

    Parameters
    ----------
    issuer
        Its address.
    client
        What talks to it.
    client_id
        The portal's name at the provider.
    portal_url
        The address under which people reach the portal; empty on this machine alone.
    name_claim, role_claim
        The claims that name a person, and roles or groups; without the second one, roles come from
        the users of the portal.
    roles
        Value of the claim to role.
    """

    issuer: str
    client: Any
    client_id: str
    portal_url: str
    name_claim: str
    role_claim: str
    roles: dict[str, Role]

    async def begin(self, request: Request) -> Response:
        """Send somebody to the provider.

        Raises
        ------
        SignOnRefused
            The provider does not answer, or sends people to an address without encryption.
        """
        try:
            metadata = await self.client.load_server_metadata()
            self._check_metadata(metadata)
            base = self.portal_url or str(request.base_url)
            answer: Response = await self.client.authorize_redirect(
                request, f"{base.rstrip('/')}{RETURN}"
            )
        except _list_failures() as error:
            raise self._refuse(error) from None
        return answer

    async def read_claims(self, request: Request) -> dict[str, Any]:
        """Return what the provider says of who comes back from it.

        Raises
        ------
        SignOnRefused
            The answer is not to this session's question, or proves nothing.
        """
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        try:
            token = await self.client.authorize_access_token(request, claims_options=options)
            return dict(token["userinfo"])
        except _list_failures() as error:
            raise self._refuse(error) from None

    def start_session(self, session: dict[str, Any], person: Person) -> None:
        """Let a person in with a session that has nothing of the one before but the language."""
        language = session.get("language")
        session.clear()
        session[_KEY] = {"name": person.name, "role": person.role, "issuer": self.issuer}
        if language:
            session["language"] = language

    def find_person(self, session: dict[str, Any], book: UserBook) -> Person | None:
        """Return who signed in so; ``None`` for everybody else."""
        kept = session.get(_KEY)
        if not isinstance(kept, dict) or kept.get("issuer") != self.issuer:
            return None
        if self.role_claim:
            return Person(kept["name"], Role(kept["role"]))
        # Without a claim, whoever is no user any more has no role any more.
        user = book.find(kept["name"])
        return Person(user.name, user.role) if user is not None else None

    def name_person(self, claims: dict[str, Any], book: UserBook) -> Person:
        """Return the person whom the provider's claims name.

        Raises
        ------
        SignOnRefused
            They name nobody, or somebody who has no role here.
        """
        name = _find_claim(claims, self.name_claim)
        is_name = isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST_NAME
        is_proven = self.name_claim != "email" or claims.get("email_verified") is True
        if not is_name or not is_proven:
            raise SignOnRefused(
                f"The provider {self.issuer} does not say who you are: its claim"
                f" '{self.name_claim}' is missing, is no name, or is not verified.",
                "Ask the people who run it, or see OUTREACH_OIDC_NAME_CLAIM.",
            )
        assert isinstance(name, str)
        if not self.role_claim:
            user = book.find(name)
            role = user.role if user is not None else None
        else:
            role = self._read_role(claims)
        if role is None:
            raise SignOnRefused(
                f"{name} has no role here.", "Ask an administrator of the portal for one."
            )
        return Person(name, role)

    def _read_role(self, claims: dict[str, Any]) -> Role | None:
        """Return the role that includes all others that the claim gives."""
        values = _find_claim(claims, self.role_claim)
        texts = [values] if isinstance(values, str) else values
        named = [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
        found = [self.roles[text] for text in named if text in self.roles]
        return max(found, key=list(Role).index, default=None)

    def _check_metadata(self, metadata: dict[str, Any]) -> None:
        """Refuse a provider that is another one, or that would use no encryption."""
        if str(metadata.get("issuer", "")).rstrip("/") != self.issuer:
            raise ValueError("the metadata is of another issuer")
        for name in _ENDPOINTS:
            parts = urlsplit(str(metadata.get(name, "")))
            if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
                raise ValueError(f"{name} has no encryption")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [
            name for name in offered if name in _SIGNATURES
        ]

    def _refuse(self, error: Exception) -> SignOnRefused:
        """Keep the details in the log, for they are a library's, and say what people can do."""
        _log.warning("sign-in with %s failed: %s: %s", self.issuer, type(error).__name__, error)
        return SignOnRefused(
            f"The sign-in with {self.issuer} did not work.",
            "Try it once more from the portal's first page; the portal's log has the details.",
        )


def read_open_id(settings: Settings, host: str) -> OpenId | None:
    """Return the provider of the settings; ``None`` without one.

    Parameters
    ----------
    settings
        Of this machine.
    host
        The address on which the portal answers.

    Raises
    ------
    SettingsError
        Something is missing or wrong, or people would reach the portal without encryption.
    """
    issuer = settings.find_issuer()
    if not issuer:
        return None
    place = settings.portal_url or f"http://{host}"
    is_local = is_loopback(urlsplit(place).hostname or host) and is_loopback(host)
    if not settings.portal_url.startswith("https://") and not is_local:
        raise SettingsError(
            f"People would sign in by OpenID Connect at {place} without encryption.",
            "Put a proxy with HTTPS before the portal, and set OUTREACH_PORTAL_URL to its address.",
        )
    if not settings.oidc_client_id:
        raise SettingsError(
            "OUTREACH_OIDC_ISSUER is set without OUTREACH_OIDC_CLIENT_ID.",
            "Set it to the name that the portal has at the provider.",
        )
    secret = settings.oidc_client_secret
    return OpenId(
        issuer=issuer,
        client=_make_client(
            issuer, settings.oidc_client_id, secret.get_secret_value() if secret else None
        ),
        client_id=settings.oidc_client_id,
        portal_url=settings.portal_url,
        name_claim=settings.oidc_name_claim,
        role_claim=settings.oidc_role_claim,
        roles=_read_roles(settings.oidc_roles),
    )


def _make_client(issuer: str, client_id: str, secret: str | None) -> Any:
    """Return what talks to the provider."""
    try:
        from authlib.integrations.starlette_client import OAuth  # noqa: PLC0415  an extra
    except ImportError:
        raise SettingsError(
            "OUTREACH_OIDC_ISSUER is set, but the library for OpenID Connect is not installed.",
            "Run: pip install 'census-outreach[sign-on]'.",
        ) from None
    return OAuth().register(
        "open_id",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
            "timeout": 10,
        },
    )


def _read_roles(text: str) -> dict[str, Role]:
    """Return the role of each value of the claim; by default each role goes by its own name."""
    roles = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = part.partition("=")
        if name.strip() not in list(Role) or not value.strip():
            raise SettingsError(
                f"OUTREACH_OIDC_ROLES has '{part}', which gives no role.",
                "Write roles and values of the claim, such as"
                " viewer=census-readers,planner=census-planners.",
            )
        roles[value.strip()] = Role(name.strip())
    return roles or {role.value: role for role in Role}


def _find_claim(claims: dict[str, Any], name: str) -> Any:
    """Return a claim; a dot leads into a claim of claims where none has the whole name."""
    if name in claims:
        return claims[name]
    first, _, rest = name.partition(".")
    inner = claims.get(first)
    return _find_claim(inner, rest) if rest and isinstance(inner, dict) else None


def _list_failures() -> tuple[type[Exception], ...]:
    """Return what can go wrong between the portal and a provider."""
    import httpx2  # noqa: PLC0415  an extra of the installation, as the next two
    from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415

    own = (RuntimeError, ValueError, KeyError, TypeError)
    return (AuthlibBaseError, JoseError, httpx2.HTTPError, httpx2.InvalidURL, *own)
