"""Let people in with a password or from a provider, and out again."""

import math
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from outreach.errors import NothingThere
from outreach.portal.access.open_id import RETURN, OpenId, SignOnRefused
from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import (
    find_person,
    get_desk,
    read_form,
    start_session,
    write_act,
)
from outreach.portal.render import render

router = APIRouter()
_Form = Annotated[dict[str, str], Depends(read_form)]


@router.get("/sign-in")
def show_form(request: Request, next: str = "/") -> Response:  # noqa: A002  the name in the address
    """Show the form, or go on if somebody is signed in."""
    if find_person(request) is not None:
        return RedirectResponse(make_local(next), 303)
    return render(
        request, "sign_in", next=make_local(next), fault="", name="", **_list_ways(request)
    )


@router.post("/sign-in")
def sign_in(request: Request, form: _Form) -> Response:
    """Let a person in whose password is right; who fails too often has to wait."""
    desk = get_desk(request)
    name, password = form.get("name", "").strip(), form.get("password", "")
    target = make_local(form.get("next", "/"))
    address = request.client.host if request.client else ""
    keys = (f"name {name.casefold()[:64]}", f"address {address}")

    def refuse(fault: str, status: int, **values: object) -> Response:
        stranger = Person(name[:64] or "nobody", Role.VIEWER, is_signed_in=False)
        write_act(request, stranger, "sign-in refused", detail=fault)
        return render(
            request,
            "sign_in",
            status=status,
            next=target,
            fault=fault,
            name=name,
            **_list_ways(request),
            **values,
        )

    wait = desk.throttle.find_wait(*keys)
    if wait:
        return refuse("wait", 429, minutes=math.ceil(wait / 60))
    user = desk.book.check_password(name, password)
    if user is None:
        desk.throttle.note_failure(*keys)
        return refuse("wrong", 401)
    desk.throttle.forget(*keys)
    start_session(request, user)
    write_act(request, Person(user.name, user.role), "signed in")
    return RedirectResponse(target, 303)


@router.get("/sign-in/provider")
async def leave_for_provider(request: Request, next: str = "/") -> Response:  # noqa: A002  the name in the address
    """Send a person to the OpenID Connect provider."""
    request.session["next"] = make_local(next)
    return await _get_provider(request).begin(request)


@router.get(RETURN)
async def come_back(request: Request) -> Response:
    """Let a person in who comes back from the provider."""
    provider = _get_provider(request)
    try:
        claims = await provider.read_claims(request)
    except SignOnRefused as refusal:
        await run_in_threadpool(_note_refusal, request, refusal)
        raise
    return await run_in_threadpool(_let_in, request, provider, claims)


@router.post("/sign-out")
def sign_out(request: Request, form: _Form) -> Response:
    """End the session."""
    del form  # read for its token
    person = find_person(request)
    if person is not None and person.is_signed_in:
        write_act(request, person, "signed out")
    request.session.clear()
    return RedirectResponse("/", 303)


def _let_in(request: Request, provider: OpenId, claims: dict[str, Any]) -> Response:
    """Start the session of the person whom the provider names."""
    target = make_local(str(request.session.get("next", "/")))
    try:
        person = provider.name_person(claims, get_desk(request).book)
    except SignOnRefused as refusal:
        _note_refusal(request, refusal)
        raise
    provider.start_session(request.session, person)
    write_act(request, person, "signed in", detail=provider.issuer)
    return RedirectResponse(target, 303)


def _note_refusal(request: Request, refusal: SignOnRefused) -> None:
    """Write down that a sign-in by the provider failed."""
    stranger = Person("nobody", Role.VIEWER, is_signed_in=False)
    write_act(request, stranger, "sign-in refused", detail=refusal.what)


def _get_provider(request: Request) -> OpenId:
    """Return the provider, if the settings have one."""
    provider = get_desk(request).open_id
    if provider is None:
        raise NothingThere("People sign in with a password here.", "Use the form.")
    return provider


def _list_ways(request: Request) -> dict[str, bool]:
    """Return which ways to sign in there are."""
    desk = get_desk(request)
    has_provider = desk.open_id is not None
    return {"has_provider": has_provider, "has_form": desk.book.has_users() or not has_provider}


def make_local(address: str) -> str:
    """Return an address of this portal; one that leads elsewhere becomes the first page."""
    parts = urlsplit(address)
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    has_control = any(ord(letter) < 32 or letter == "\\" for letter in address)  # noqa: PLR2004  control characters
    return address if is_path and not has_control and not parts.netloc else "/"
