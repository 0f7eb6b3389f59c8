"""What the pages show is what the store holds."""

import datetime as dt
import io
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from outreach.portal.access.roles import Role
from outreach.portal.pages.campaigns import read_hours
from outreach.portal.pages.runs import PAGE_ROWS
from outreach.store import Delivery, Notice, NoticeBook, NoticeKind, Store
from tests.portal.conftest import Enter, post
from tests.twins import read_texts


def test_campaigns_runs_and_the_list_are_those_of_the_store(
    enter: Enter, home: Path, run_id: str
) -> None:
    client = enter("viewer")
    store = Store(home / "runs")
    run, targets = store.find(run_id)[0], store.read_table(run_id, "targets")
    first = client.get("/").text
    assert "Invented County" in first
    assert f"<dd>{len(targets):,}</dd>" in first
    assert f"/runs/{run_id}/map" in first
    page = client.get(f"/runs/{run_id}").text
    assert f"${targets['budget_usd'].sum():,.0f}" in page
    assert all(title in page for title in run.summary)
    assert client.get("/campaigns/invented-county/latest").headers["location"] == (
        f"/runs/{run_id}"
    )
    listed = client.get(f"/runs/{run_id}/targets").text
    places = re.findall(r'<span class="fine">(\d{11})</span>', listed)
    assert places == targets.sort_values("rank")["place"].tolist()[:PAGE_ROWS]


def test_the_list_is_filtered_ordered_and_paged(enter: Enter, home: Path, run_id: str) -> None:
    client = enter("viewer")
    targets = Store(home / "runs").read_table(run_id, "targets").sort_values("rank")
    address = f"/runs/{run_id}/targets"

    def read_places(query: str) -> list[str]:
        answer = client.get(f"{address}?{query}")
        assert answer.status_code == 200
        return re.findall(r'<span class="fine">(\d{11})</span>', answer.text)

    one = targets["place"].iloc[5]
    assert read_places(f"text={one}") == [one]
    dearest = targets.sort_values("budget_usd", ascending=False, kind="stable")
    assert read_places("order=budget_usd")[:3] == dearest["place"].tolist()[:3]
    assert read_places("order=drop+table&page=999999&arm=")
    assert read_places("arm=nothing") == []
    assert "<script>" not in client.get(f"{address}?text=<script>alert(1)</script>").text


def test_a_map_is_the_run_s_own_file_with_a_policy_for_its_scripts(
    enter: Enter, home: Path, run_id: str
) -> None:
    client = enter("viewer")
    answer = client.get(f"/runs/{run_id}/map")
    assert answer.content == (home / "runs" / run_id / "map.html").read_bytes()
    policy = answer.headers["content-security-policy"]
    assert "script-src 'sha256-" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert "default-src 'none'" in policy
    assert answer.headers["content-encoding"] == "gzip"
    tag = answer.headers["etag"]
    again = client.get(f"/runs/{run_id}/map", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "../../service/session-key",
        "..%2F..%2Fservice%2Fsession-key",
        "%2e%2e/%2e%2e/service/users.json",
        "/etc/passwd",
        "tables/../../../service/users.json",
        "manifest.json%00.html",
        ".",
        "",
    ],
)
def test_no_path_leads_out_of_a_run(enter: Enter, run_id: str, path: str) -> None:
    client = enter("administrator")
    addresses = [
        f"/runs/{run_id}/files/{path}",
        f"/runs/{path}/map",
        f"/runs/{run_id}/reports/{path}/index.html",
        f"/static/{path}",
        f"/campaigns/{path}",
        f"/runs/{run_id}/lists/{path}.zip",
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code in (303, 307, 400, 404, 405), (address, answer.status_code)
        assert "root:" not in answer.text
        assert "argon2" not in answer.text


def test_a_changed_file_is_not_shown(enter: Enter, home: Path, run_id: str) -> None:
    client = enter("viewer")
    file = home / "runs" / run_id / "map.html"
    file.write_text("<script>steal()</script>")
    answer = client.get(f"/runs/{run_id}/map")
    assert answer.status_code == 409
    assert "changed or damaged" in answer.text
    assert "steal" not in answer.text
    file.unlink()
    assert client.get(f"/runs/{run_id}/map").status_code == 409


def test_a_planner_approves_once_and_files_then_say_so(
    enter: Enter, home: Path, run_id: str
) -> None:
    client = enter("planner")
    draft = client.get(f"/runs/{run_id}/lists/csv.zip")
    assert draft.status_code == 200
    address = f"/runs/{run_id}/approval"
    long = post(client, address, reason="x" * 2001)
    assert (long.status_code, "The reason has 2,001 characters; at most 2,000" in long.text) == (
        409,
        True,
    )
    assert post(client, address, reason="Read it\r\n twice.").status_code == 303
    approval = json.loads((home / "runs" / "approvals" / f"{run_id}.json").read_text())
    assert (approval["by"], approval["reason"]) == ("planner", "Read it twice.")
    assert "Reason: Read it twice." in client.get(f"/runs/{run_id}").text
    spanish = client.get(f"/runs/{run_id}", headers={"Accept-Language": "es"}).text
    assert "Motivo: Read it twice." in spanish
    again = post(client, f"/runs/{run_id}/approval")
    assert again.status_code == 409
    assert "was approved by planner" in again.text
    files = zipfile.ZipFile(io.BytesIO(client.get(f"/runs/{run_id}/lists/csv.zip").content))
    texts = [files.read(name).decode("utf-8", "replace") for name in files.namelist()]
    assert any("approved by planner" in text for text in texts)
    assert "Approved by" in client.get("/runs?approved=yes").text


def test_a_planner_withdraws_a_list_with_a_reason_and_it_is_not_handed_out(
    enter: Enter, run_id: str
) -> None:
    client = enter("planner")
    address = f"/runs/{run_id}/withdrawal"
    assert "is a draft" in post(client, address, reason="The flight moved.").text
    assert post(client, f"/runs/{run_id}/approval").status_code == 303
    assert "Withdraw this list" in client.get(f"/runs/{run_id}").text
    assert post(client, address, reason=" ").status_code == 409
    assert post(client, address, reason="The flight moved.").status_code == 303

    page = client.get(f"/runs/{run_id}").text
    assert "Withdrawn by" in page
    assert "Reason: The flight moved." in page
    assert "Approve this list" not in page
    assert f"/runs/{run_id}/lists/" not in page
    answer = client.get(f"/runs/{run_id}/lists/csv.zip")
    assert answer.status_code == 409
    assert "was withdrawn by planner" in answer.text
    assert "Withdrawn by" in client.get("/runs").text
    assert run_id not in client.get("/runs?approved=yes").text
    log = enter("administrator").get("/audit.csv").text
    assert f"withdraws,{run_id},The flight moved." in log


def test_two_runs_are_compared(enter: Enter, home: Path, run_id: str) -> None:
    client = enter("viewer")
    earlier = next(path.name for path in sorted((home / "runs").glob("2*")) if path.name != run_id)
    page = client.get(f"/runs/{run_id}/compare?earlier={earlier}").text
    assert "of the money or its price" in page
    assert "left" in page


def test_acts_are_written_down_and_exported(enter: Enter, home: Path, run_id: str) -> None:
    enter("viewer").get(f"/runs/{run_id}/map")
    enter("marketer").get(f"/runs/{run_id}/lists/csv.zip")
    client = enter("administrator")
    assert "saw map" in client.get("/people").text
    table = pd.read_csv(io.BytesIO(client.get("/audit.csv").content))
    acts = set(zip(table["who"], table["act"], strict=True))
    assert {("viewer", "saw map"), ("marketer", "downloaded")} <= acts
    assert set(table["role"]) <= {role.value for role in Role}
    # What cannot be written down does not happen.
    log = home / "service" / "audit.jsonl"
    log.unlink()
    log.mkdir()
    answer = client.get(f"/runs/{run_id}/map")
    assert answer.status_code == 409
    assert "Cannot write the audit log" in answer.text


def test_a_schedule_is_turned_on_and_off(enter: Enter) -> None:
    client = enter("planner")
    page = client.get("/campaigns/invented-county").text
    assert "Every half hour from 15:00 to 18:30, time zone America/New_York." in page
    assert "Nothing is asked for by itself." in page
    assert post(client, "/campaigns/invented-county/schedule", on="yes").status_code == 303
    assert "Turn off" in client.get("/campaigns/invented-county").text
    assert post(client, "/campaigns/invented-county/schedule", on="no").status_code == 303
    assert read_hours("10,40 14 * * *") == ("14:10", "14:40")


def test_a_damaged_run_is_named_and_hides_nothing_else(enter: Enter, home: Path) -> None:
    broken = home / "runs" / "2020-01-01T00-00-00-broken-0000"
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    page = enter("viewer").get("/runs").text
    assert "damaged or cut off" in page
    assert "Invented County" in page


def test_pages_are_in_the_language_of_the_reader(enter: Enter, run_id: str) -> None:
    client = enter("viewer")
    assert '<html lang="es"' in client.get("/", headers={"Accept-Language": "es-MX,en"}).text
    assert "Campaigns" in client.get("/", headers={"Accept-Language": "xx"}).text
    client.get("/?language=es")
    assert "Campañas" in client.get("/").text
    assert "Campañas" in client.get("/?language=zz").text

    # The list says in Spanish why each unit is on it, and nothing of it is left in English.
    listed = client.get(f"/runs/{run_id}/targets").text
    assert "hogares no han respondido" in listed
    assert 'class="why" lang=' not in listed
    assert "Elegido para anuncios" in listed

    # Nor is anything of the run's summary and notes, of the archive, or of a wrong address.
    page = client.get(f"/runs/{run_id}").text
    assert "quedan sin gastar" in page
    assert "El pronóstico muestra cómo trabaja el servicio y no es una promesa." in page
    for told in (page, client.get("/data").text, client.get("/nowhere").text):
        assert read_texts(told)[1] == ["English"]


def test_figures_for_monitoring_name_routes_and_no_addresses(enter: Enter, run_id: str) -> None:
    client = enter("administrator")
    client.get(f"/runs/{run_id}")
    text = client.get("/metrics").text
    assert 'route="/runs/{run_id}",status="200"' in text
    assert run_id not in text
    assert "outreach_runs 2.0" in text


def test_notices_and_what_became_of_them_are_shown(enter: Enter, home: Path) -> None:
    client = enter("viewer")
    assert "There is no notice." in client.get("/notices").text
    book, now = NoticeBook(home), dt.datetime(2020, 5, 28, 16, tzinfo=dt.UTC)
    book.add(
        Notice(
            key="stale/county",
            kind=NoticeKind.STALE,
            at=now,
            title="The rates are <5> days old",
            what="No later answers.",
            todo="Get today's rates.",
            place="/campaigns/invented-county",
        )
    )
    for channel, fault in (("slack", ""), ("webhook", "It does not answer.")):
        book.note(Delivery(key="stale/county", channel=channel, at=now, fault=fault))
    page = client.get("/notices").text
    assert "The rates are &lt;5&gt; days old" in page
    assert "webhook: It does not answer." in page
    assert "slack: sent" in page
    assert 'href="/campaigns/invented-county"' in page
    listed = client.get("/api/v1/notices").json()
    assert listed[0]["todo"] == "Get today's rates."
    assert listed[0]["deliveries"] == {"slack": "", "webhook": "It does not answer."}


def test_a_page_in_another_language_keeps_its_filters_and_stays_here(
    enter: Enter, run_id: str, home: Path
) -> None:
    client = enter("planner")
    earlier = next(run.id for run in Store(home / "runs").runs() if run.id != run_id)
    page = client.get(f"/runs/{run_id}/compare?earlier={earlier}&language=en").text
    twin = f"/runs/{run_id}/compare?earlier={earlier}&language=es"
    assert f'href="{twin.replace("&", "&amp;")}"' in page
    assert "Qué cambió" in client.get(twin).text
    # The answer to a form leads to the page that has the form.
    refused = post(client, f"/runs/{run_id}/withdrawal").text
    assert f'href="/runs/{run_id}?language=en"' in refused
    assert f'href="/runs/{run_id}">Volver al formulario' in refused
    # An address with two slashes is no link to another site.
    for address in ("//evil.example/", "//evil.example/runs", "/%5Cevil.example/"):
        odd = client.get(f"http://127.0.0.1{address}").text
        assert re.search(r'href="[/\\]{2}', odd) is None, address


def test_a_form_shows_whole_numbers_and_choices_in_words(enter: Enter) -> None:
    client = enter("planner")
    form = client.get("/start/list-nation/any-campaign?language=en").text
    assert 'name="list_percent" value="20"' in form
    assert "Processes at once" in form
    drill = client.get("/start/replay/county?language=es").text
    assert '<option value="tool" selected>La lista de la herramienta</option>' in drill
    assert ">tool<" not in drill


def test_a_run_leads_to_its_district_pages_in_one_language(
    enter: Enter, home: Path, run_id: str
) -> None:
    client, folder = enter("viewer"), home / "reports" / run_id / "ward"
    folder.mkdir(parents=True)
    for name in ("index.html", "index.es.html", "ward-1.html"):
        (folder / name).write_text("<!doctype html><title>Wards</title>", encoding="utf-8")
    pages = re.findall(r"reports/ward/([^\"]+)\">([^<]+)<", client.get(f"/runs/{run_id}").text)
    assert pages == [("index.html", "Overview of all districts"), ("ward-1.html", "ward-1")]
    assert "reports/ward/index.es.html" in client.get(f"/runs/{run_id}?language=es").text


def test_a_run_without_a_test_has_no_test_to_measure(enter: Enter, run_id: str) -> None:
    assert "/start/measure-run/" not in enter("planner").get(f"/runs/{run_id}").text


def test_the_people_page_says_in_spanish_who_did_what(enter: Enter, run_id: str) -> None:
    client = enter(users=False)
    client.get(f"/runs/{run_id}")
    client.get(f"/runs/{run_id}/map")
    post(client, f"/runs/{run_id}/approval", by="Ada Lovelace")
    page = client.get("/people?language=es").text
    assert "<td>este equipo</td><td>vio el mapa</td>" in page
    assert "<td>aprueba</td>" in page
    assert '<td lang="en">' not in page
