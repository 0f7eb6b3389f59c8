"""Know who asks, and that a form came from our own page."""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from outreach.errors import OutreachError
from outreach.portal.access.audit import Act
from outreach.portal.access.roles import LOCAL, Person, Role
from outreach.portal.access.user_records import User

if TYPE_CHECKING:
    from outreach.portal.desk import Desk

#: The header that carries the token of a form in calls of the JSON interface.
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105  the name of a header


class StrangerRefused(OutreachError):
    """Nobody has signed in."""


class RoleRefused(OutreachError):
    """The person's role may not do this."""


class FormRefused(OutreachError):
    """A form did not come from our own page."""


def get_desk(request: Request) -> "Desk":
    """Return what all pages share."""
    desk: Desk = request.app.state.desk
    return desk


def find_person(request: Request) -> Person | None:
    """Return who asks; ``None`` for a stranger."""
    desk = get_desk(request)
    if desk.is_local and not desk.book.has_users():
        return LOCAL
    if desk.open_id is not None:
        person = desk.open_id.find_person(request.session, desk.book)
        if person is not None:
            return person
    named = desk.sign_on.read_name(request)
    if named:
        known = desk.book.find(named)
        return Person(known.name, known.role) if known is not None else None
    name, stamp = request.session.get("user"), request.session.get("stamp")
    user = desk.book.find(str(name)) if name else None
    if user is None or not secrets.compare_digest(user.stamp, str(stamp)):
        return None
    return Person(user.name, user.role)


def need(role: Role) -> Callable[[Request], Person]:
    """Return a dependency that lets in whoever has a role.

    Raises
    ------
    StrangerRefused, RoleRefused
        Nobody has signed in, or the role of the person does not suffice.
    """

    def let_in(request: Request) -> Person:
        person = find_person(request)
        if person is None:
            raise StrangerRefused("Nobody has signed in.", "Sign in first.")
        if not person.role.includes(role):
            raise RoleRefused(
                f"{person.name} is a {person.role} and may not do this.",
                f"It needs a {role}: ask an administrator.",
            )
        return person

    return let_in


def get_token(request: Request) -> str:
    """Return the token of this session's forms, made when it is first asked for."""
    token: str = request.session.setdefault("token", secrets.token_urlsafe(24))
    return token


def start_session(request: Request, user: User) -> None:
    """Let a person in with a session that has nothing of the one before."""
    language = request.session.get("language")
    request.session.clear()
    request.session.update(user=user.name, stamp=user.stamp, token=secrets.token_urlsafe(24))
    if language:
        request.session["language"] = language


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form that one of our own pages sent.

    Raises
    ------
    FormRefused
        It came from elsewhere, or lacks the session's token.
    """
    content = await request.body()
    fields = dict(parse_qsl(content.decode("utf-8", errors="replace"), keep_blank_values=True))
    check_token(request, fields.pop("token", ""))
    return fields


def check_token(request: Request, token: str) -> None:
    """Refuse a request that changes something and has not the session's token.

    Raises
    ------
    FormRefused
        The token is missing or another one, or another site sent the request.
    """
    origin = request.headers.get("origin")
    is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    known = request.session.get("token", "")
    if not is_ours or not known or not secrets.compare_digest(str(known), token):
        raise FormRefused(
            "This form is not from this portal, or it is too old.",
            "Open the page again, and send it again.",
        )


def check_token_header(request: Request) -> None:
    """Refuse a call of the JSON interface that changes something and has no token."""
    check_token(request, request.headers.get(TOKEN_HEADER, ""))


def write_act(request: Request, person: Person, act: str, what: str = "", detail: str = "") -> None:
    """Write an act of a person into the audit log."""
    address = request.client.host if request.client else ""
    get_desk(request).audit.append(
        Act(
            at=get_desk(request).now(),
            who=person.name,
            role=person.role,
            act=act,
            what=what,
            detail=detail,
            address=address,
        )
    )
