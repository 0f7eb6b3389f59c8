"""Programs get the same as people, and every answer is as its description says."""

from pathlib import Path

import pytest

from outreach.store import Store
from tests.portal.conftest import Enter


def test_runs_and_their_lists_are_json(enter: Enter, home: Path, run_id: str) -> None:
    client = enter("viewer")
    targets = Store(home / "runs").read_table(run_id, "targets").sort_values("rank")
    runs = client.get("/api/v1/runs").json()
    assert next(run["id"] for run in runs) == run_id
    assert client.get("/api/v1/runs?approved=true").json() == []
    assert client.get("/api/v1/runs?since=2021-01-01").json() == []
    detail = client.get(f"/api/v1/runs/{run_id}").json()
    assert detail["counts"]["targets"] == len(targets)
    assert "map.html" in detail["files"]
    part = client.get(f"/api/v1/runs/{run_id}/targets?offset=2&limit=3").json()
    assert part["count"] == len(targets)
    assert [row["place"] for row in part["targets"]] == targets["place"].tolist()[2:5]
    campaigns = client.get("/api/v1/campaigns").json()
    assert campaigns == [
        {
            "slug": "invented-county",
            "name": "Invented County",
            "runs_count": 2,
            "latest_run": run_id,
        }
    ]
    data = client.get("/api/v1/data").json()
    assert data[0]["dates"] == ["2020-05-28"]


def test_what_is_wrong_is_one_sentence(enter: Enter, run_id: str) -> None:
    client = enter("planner")
    headers = {"X-CSRF-Token": client.get("/api/v1/me").json()["token"]}
    assert client.get("/api/v1/runs/nothing").json()["error"].startswith("There is no run")
    assert client.get("/api/v1/nothing").json() == {"error": "There is no such page."}
    wrong = client.get(f"/api/v1/runs/{run_id}/targets?limit=0")
    assert (wrong.status_code, wrong.json()["error"]) == (
        422,
        "The request does not fit at query.limit.",
    )
    job = {"flow": "run-campaign", "name": "nowhere"}
    answer = client.post("/api/v1/jobs", json=job, headers=headers)
    assert answer.status_code == 404
    assert "nothing to start" in answer.json()["error"]


def test_a_list_is_approved_by_a_call(enter: Enter, run_id: str) -> None:
    client = enter("planner")
    headers = {"X-CSRF-Token": client.get("/api/v1/me").json()["token"]}
    address = f"/api/v1/runs/{run_id}/approval"
    approval = {"reason": "Read it twice."}
    answer = client.post(address, json=approval, headers=headers).json()
    assert (answer["approved_by"], answer["reason"]) == ("planner", "Read it twice.")
    log = enter("administrator").get("/audit.csv").text
    assert f"approves,{run_id},Read it twice." in log
    assert client.post(address, json={}, headers=headers).status_code == 409

    address = f"/api/v1/runs/{run_id}/withdrawal"
    assert client.post(address, json={}, headers=headers).status_code in (400, 422)
    answer = client.post(address, json={"reason": "The flight moved."}, headers=headers)
    assert (answer.json()["approved_by"], answer.json()["withdrawn_by"]) == (None, "planner")
    assert answer.json()["reason"] == "The flight moved."


@pytest.mark.parametrize("name", ["/", "a/b", "", "x" * 100, "\n", "na me"])
def test_a_strange_name_is_not_there(enter: Enter, name: str) -> None:
    client = enter("planner")
    headers = {"X-CSRF-Token": client.get("/api/v1/me").json()["token"]}
    job = {"flow": "run-campaign", "name": name}
    assert client.post("/api/v1/jobs", json=job, headers=headers).status_code == 404
    assert client.get(f"/api/v1/runs/{'x' * 300}").status_code == 404
