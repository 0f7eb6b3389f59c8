"""Let people in with a password, and out again."""

import math
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

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
    return render(request, "sign_in", next=make_local(next), fault="", name="")


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
            request, "sign_in", status=status, next=target, fault=fault, name=name, **values
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


@router.post("/sign-out")
def sign_out(request: Request, form: _Form) -> Response:
    """End the session."""
    del form  # read for its token
    person = find_person(request)
    if person is not None and person.is_signed_in:
        write_act(request, person, "signed out")
    request.session.clear()
    return RedirectResponse("/", 303)


def make_local(address: str) -> str:
    """Return an address of this portal; one that leads elsewhere becomes the first page."""
    parts = urlsplit(address)
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    has_control = any(ord(letter) < 32 or letter == "\\" for letter in address)  # noqa: PLR2004  control characters
    return address if is_path and not has_control and not parts.netloc else "/"
