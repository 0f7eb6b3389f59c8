"""Requests of every shape that the description allows break nothing and open nothing."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from outreach.portal.access.roles import Role
from tests.portal.conftest import Enter

#: Answers that say what was wrong; 503 says that Prefect refuses a job.
FINE = {200, 201, 400, 403, 404, 405, 409, 422, 503}


def attack(enter: Enter, role: str, examples: int) -> set[int]:
    """Send requests of every shape to every call; return the statuses of the answers."""
    client = enter(role)
    headers = {}
    if role:
        headers["X-CSRF-Token"] = client.get("/api/v1/me").json()["token"]
    app: Any = client.app
    description: Any = schemathesis.openapi.from_dict(app.openapi())
    statuses: set[int] = set()

    def send(case: Any) -> None:
        body = {"json": case.body} if isinstance(case.body, dict | list) else {}
        answer = client.request(
            case.method, case.formatted_path, params=case.query or {}, headers=headers, **body
        )
        statuses.add(answer.status_code)
        known = FINE if role else {401, 403, 404, 405, 422}
        assert answer.status_code in known, (case.formatted_path, answer.status_code)
        if not answer.is_success:
            assert set(answer.json()) == {"error"}
            assert "Traceback" not in answer.text

    patient = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    for found in description.get_all_operations():
        patient(given(case=found.ok().as_strategy())(send))()
    return statuses


def test_no_request_of_a_planner_breaks_the_portal(enter: Enter) -> None:
    assert attack(enter, Role.PLANNER.value, 4) >= {200}


def test_no_request_of_a_stranger_gets_anything(enter: Enter) -> None:
    assert attack(enter, "", 2) >= {401}


@pytest.mark.attack
@pytest.mark.parametrize("role", [*(role.value for role in Role), ""])
def test_thousands_of_requests_break_nothing(enter: Enter, role: str) -> None:
    print(f"\n{role or 'stranger'}: statuses {sorted(attack(enter, role, 300))}")
