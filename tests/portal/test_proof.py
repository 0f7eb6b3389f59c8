"""What ads did, what was decided, and what partners do is in the portal, by role."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from flows.steps.measuring.approval import approve_run
from flows.trial.activity import find_gaps
from flows.trial.decide import keep_decision, weigh_decision
from flows.trial.delivery import import_delivery, reconcile_delivery
from flows.trial.measure import measure_test
from outreach.portal.access.roles import Role
from outreach.portal.access.users import UserBook
from outreach.portal.app import make_app
from outreach.settings import Settings, read_settings
from outreach.store import Store
from tests.delivery.platforms import save
from tests.flows.trial.simulated_flight import fly
from tests.flows.trial.tested_town import PLANTED, fill_archive, keep_town, make_town
from tests.portal.conftest import PASSWORD, URL, find_token, post, sign_in
from tests.portal.crawler import crawl

Enter = Callable[[str], TestClient]


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str]:
    """Return a home whose test was delivered, measured, and decided, and its run."""
    folder = tmp_path_factory.mktemp("proof")
    town = make_town(folder, "zips")
    settings = read_settings(home=folder / "home")
    run = keep_town(settings, town)
    approve_run(Store(settings.runs_folder), run, "Ada Lovelace", accepts_unreadable=True)
    fill_archive(settings, town, PLANTED)
    import_delivery(settings, save(folder, "google", fly(settings)))
    reconcile_delivery(settings)
    measure_test(settings)
    memo = weigh_decision(settings, money_usd=1000, worth_usd=50)
    keep_decision(settings, memo, "go_on", "Ada Lovelace", "It works.")
    for role in Role:
        UserBook(settings.home).add(role.value, role, PASSWORD)
    return settings, run


@pytest.fixture(scope="module")
def enter(tested: tuple[Settings, str]) -> Iterator[Enter]:
    """Return a function that opens the portal as a role, signed in once."""
    opened: dict[str, TestClient] = {}
    app = make_app(tested[0])

    def open_portal(role: str) -> TestClient:
        if role not in opened:
            opened[role] = TestClient(
                app, base_url=URL, follow_redirects=False, client=("127.0.0.1", 9)
            )
            assert sign_in(opened[role], role).status_code == 303
        return opened[role]

    yield open_portal
    for client in opened.values():
        client.close()


PAGES = {
    "delivery": ("/runs/{run}/results/delivery/delivery.html", "What was delivered", "marketer"),
    "effect": ("/runs/{run}/results/effect/effect.html", "The ads raised", "viewer"),
    "decision": ("/runs/{run}/results/decision-1/decision.html", "It works.", "viewer"),
    "evidence": ("/runs/{run}/evidence/evidence.html", "Town", "marketer"),
    "activity": ("/runs/{run}/activity", "Where nobody has been", "marketer"),
    "gaps": ("/runs/{run}/activity/gaps.csv", "missing_households_count", "marketer"),
    "tests": ("/tests", "Town", "viewer"),
}


@pytest.mark.parametrize("page", list(PAGES))
def test_each_page_is_there_for_its_roles_and_for_nobody_below(
    enter: Enter, tested: tuple[Settings, str], page: str
) -> None:
    address, content, least = PAGES[page]
    for role in Role:
        answer = enter(role.value).get(address.format(run=tested[1]))
        assert answer.status_code == (200 if role.includes(Role(least)) else 403)
        assert (content in answer.text) == role.includes(Role(least))


@pytest.mark.parametrize("role", list(Role))
def test_no_link_of_results_leads_a_role_to_what_it_may_not_see(
    enter: Enter, tested: tuple[Settings, str], role: Role
) -> None:
    """The run of these tests has no map."""
    pages = list(crawl(enter(role.value), f"/runs/{tested[1]}", r"/(runs|tests|drills)\b"))
    odd = {(status, address.split("/")[-1]) for address, status, _ in pages if status != 200}
    assert odd == {(404, "map")}
    seen = " ".join(address for address, _, _ in pages)
    for part, least in {
        "/tests": Role.VIEWER,
        "/results/effect/": Role.VIEWER,
        "/results/decision-1/": Role.VIEWER,
        "/results/delivery/": Role.MARKETER,
        "/evidence/evidence.html": Role.MARKETER,
        "/evidence/files/": Role.MARKETER,
        "/activity/gaps.csv": Role.MARKETER,
    }.items():
        assert (part in seen) == role.includes(least), part


def test_a_run_leads_to_its_results_in_the_reader_s_language(
    enter: Enter, tested: tuple[Settings, str]
) -> None:
    client, run = enter("viewer"), tested[1]
    english = client.get(f"/runs/{run}?language=en").text
    assert f"/runs/{run}/results/effect/effect.html" in english
    assert "results/delivery" not in english
    assert "/activity" not in english
    spanish = client.get(f"/runs/{run}?language=es").text
    assert f"/runs/{run}/results/effect/effect.es.html" in spanish
    page = client.get(f"/runs/{run}/results/effect/effect.es.html")
    assert "Los anuncios subieron" in page.text
    assert "form-action 'none'" in page.headers["content-security-policy"]
    assert '<html lang="es"' in client.get("/tests").text
    client.get(f"/runs/{run}?language=en")


@pytest.mark.parametrize(
    "path",
    [
        "results/effect/..%2F..%2Fusers.json",
        "results/effect/effect.json",
        "results/users/users.json",
        "results/decision-2/decision.html",
        "evidence/../users.json",
        "evidence/files/nothing.json",
    ],
)
def test_no_path_leads_out_of_the_results(
    enter: Enter, tested: tuple[Settings, str], path: str
) -> None:
    assert enter("marketer").get(f"/runs/{tested[1]}/{path}").status_code == 404


def test_the_evidence_hands_out_the_files_that_its_page_names(
    enter: Enter, tested: tuple[Settings, str]
) -> None:
    settings, run = tested
    answer = enter("marketer").get(f"/runs/{run}/evidence/files/{run}/plan.json")
    assert answer.content == Path(settings.runs_folder / run / "plan.json").read_bytes()


def test_activity_is_logged_by_a_form_of_our_own_and_areas_only(
    enter: Enter, tested: tuple[Settings, str]
) -> None:
    settings, run = tested
    client = enter("marketer")
    page = client.get(f"/runs/{run}/activity").text
    assert "50 of 50 places" in page
    visit = {
        "organization": "Casa Central",
        "kind": "doors",
        "place": "60601",
        "day": "2020-06-02",
        "contacts": "40",
    }
    forged = client.post(f"/runs/{run}/activity", data=visit)
    assert forged.status_code == 403
    sent = client.post(f"/runs/{run}/activity", data={"token": find_token(page), **visit})
    assert sent.status_code == 303, sent.text
    gaps = find_gaps(settings, run)
    assert gaps.loc["zip-60601", "doors_count"] == 40
    logged = client.get(f"/runs/{run}/activity").text
    assert "49 of 50 places" in logged
    assert '<td><bdi>Casa Central</bdi></td><td>Doors</td><td class="number">40</td>' in logged
    refused = post(client, f"/runs/{run}/activity", **visit | {"place": "1 Main Street"})
    assert refused.status_code == 400
    assert "Write a ZIP, a tract, or a unit id, no address." in refused.text
    # What no form of ours sends is refused, too.
    for field, text in {"organization": "A\nB", "contacts": "1e20", "kind": "bribes"}.items():
        assert post(client, f"/runs/{run}/activity", **visit | {field: text}).status_code == 400
    assert post(enter("viewer"), f"/runs/{run}/activity", **visit).status_code == 403
    assert "logged activity" in enter("administrator").get("/audit.csv").text


def test_a_portal_without_tests_says_how_one_is_registered(tmp_path: Path) -> None:
    client = TestClient(make_app(Settings(home=tmp_path)), base_url=URL, client=("127.0.0.1", 9))
    assert "No test is registered yet." in client.get("/tests").text
