"""Every page of every role leads only to pages that the role may see."""

import pytest

from outreach.portal.access.roles import Role
from tests.portal.conftest import Enter, post
from tests.portal.crawler import crawl


@pytest.mark.parametrize("role", list(Role))
def test_no_link_of_a_role_leads_to_what_it_may_not_see(enter: Enter, role: Role) -> None:
    client = enter(role.value)
    pages = list(crawl(client))
    assert [(address, status) for address, status, _ in pages if status != 200] == []
    assert len(pages) > 12
    seen = {address for address, _, _ in pages}
    assert ("/people" in seen) == (role is Role.ADMINISTRATOR)
    assert any(address.startswith("/start/") for address in seen) <= role.includes(Role.PLANNER)
    assert any("/lists/" in address for address in seen) == role.includes(Role.MARKETER)


@pytest.mark.parametrize(
    ("address", "least"),
    [
        ("/people", Role.ADMINISTRATOR),
        ("/audit.csv", Role.ADMINISTRATOR),
        ("/metrics", Role.ADMINISTRATOR),
        ("/start/run-campaign/county", Role.PLANNER),
        ("/runs/{run}/lists/csv.zip", Role.MARKETER),
        ("/runs/{run}/files/manifest.json", Role.MARKETER),
        ("/runs/{run}/targets", Role.VIEWER),
    ],
)
def test_an_address_is_refused_below_its_role(
    enter: Enter, run_id: str, address: str, least: Role
) -> None:
    for role in Role:
        status = enter(role.value).get(address.format(run=run_id)).status_code
        assert (status == 403) == (not role.includes(least)), (role, status)


@pytest.mark.parametrize(
    "address",
    [
        "/runs/{run}/approval",
        "/runs/{run}/withdrawal",
        "/start/run-campaign/county",
        "/jobs/00000000-0000-0000-0000-000000000000/stop",
        "/campaigns/invented-county/schedule",
    ],
)
@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_only_a_planner_changes_anything(
    enter: Enter, run_id: str, address: str, role: str
) -> None:
    client = enter(role)
    assert post(client, address.format(run=run_id)).status_code == 403
    token = client.get("/api/v1/me").json()["token"]
    headers = {"X-CSRF-Token": token}
    approval = client.post(f"/api/v1/runs/{run_id}/approval", json={}, headers=headers)
    assert approval.status_code == 403
    job = {"flow": "run-campaign", "name": "county"}
    assert client.post("/api/v1/jobs", json=job, headers=headers).status_code == 403
