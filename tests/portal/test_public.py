"""The public side shows what was published, to everybody, and nothing else."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from outreach.errors import StoreError
from outreach.store.publications import Publications
from tests.portal.conftest import Enter, post

FILES = {
    "index.html": '<!doctype html><title>Town</title><a href="map.html">Map</a>',
    "map.html": "<!doctype html><title>Map</title><script>let shown = 1;</script>",
    "ward/index.html": "<!doctype html><title>Wards</title>",
    "ward/open-data/tracts.csv": "geoid,rate\n",
}
SLUG = "invented-county"


@pytest.fixture
def published(home: Path, run_id: str) -> Path:
    """Publish a run: a few pages, and the record that every publication has."""
    folder = home / "public" / run_id
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    record = {
        "run": run_id,
        "campaign": "Invented County",
        "data_date": "2020-05-28",
        "sha256": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in FILES.items()},
    }
    (folder / "publication.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "draft.html").write_text("not published", encoding="utf-8")
    return folder


def test_a_stranger_sees_what_is_shown_and_nothing_else(
    enter: Enter, home: Path, run_id: str, published: Path
) -> None:
    assert published.is_dir()
    stranger = enter()
    assert "Nothing is published here yet." in stranger.get("/public/").text
    assert stranger.get(f"/public/{SLUG}/").status_code == 404

    Publications(home).show(SLUG, run_id)
    assert f'href="/public/{SLUG}/"' in stranger.get("/public/").text
    assert stranger.get(f"/public/{SLUG}").headers["location"] == f"/public/{SLUG}/"
    front = stranger.get(f"/public/{SLUG}/")
    assert front.text == FILES["index.html"]
    assert "set-cookie" not in front.headers
    assert stranger.get(f"/public/{SLUG}/ward/").text == FILES["ward/index.html"]
    table = stranger.get(f"/public/{SLUG}/ward/open-data/tracts.csv")
    assert (table.text, table.headers["content-type"]) == (
        "geoid,rate\n",
        "text/csv; charset=utf-8",
    )

    # Not the record, not a file beside it, not another folder, and no page of the team.
    for path in (
        "publication.json",
        "draft.html",
        "../../runs/latest/manifest.json",
        "..%2f..%2fruns%2flatest%2fmanifest.json",
        "%2e%2e/draft.html",
        "/etc/passwd",
    ):
        assert stranger.get(f"/public/{SLUG}/{path}").status_code in (303, 404), path
    assert stranger.get("/public/..%2fruns/").status_code == 404
    assert stranger.get("/runs").status_code == 303


def test_a_public_page_has_a_policy_for_its_own_scripts_and_is_kept_by_browsers(
    enter: Enter, home: Path, run_id: str, published: Path
) -> None:
    assert published.is_dir()
    Publications(home).show(SLUG, run_id)
    stranger = enter()
    page = stranger.get(f"/public/{SLUG}/map.html")
    assert re.search(r"script-src 'sha256-[^']+'", page.headers["content-security-policy"])
    assert page.headers["content-encoding"] == "gzip"
    again = stranger.get(
        f"/public/{SLUG}/map.html", headers={"If-None-Match": page.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert "max-age=300" in again.headers["cache-control"]


def test_a_planner_takes_a_campaign_off_and_a_viewer_may_not(
    enter: Enter, home: Path, run_id: str, published: Path
) -> None:
    Publications(home).show(SLUG, run_id)
    viewer = enter("viewer")
    assert "The public sees the rates of May 28, 2020." in viewer.get(f"/campaigns/{SLUG}").text
    assert post(viewer, f"/campaigns/{SLUG}/hide").status_code == 403
    planner = enter("planner")
    assert post(planner, f"/campaigns/{SLUG}/hide").status_code == 303
    assert planner.get(f"/public/{SLUG}/").status_code == 404
    assert (published / "index.html").is_file()
    assert "took off the public side" in (home / "service" / "audit.jsonl").read_text()


def test_a_page_that_was_changed_is_not_shown(
    enter: Enter, home: Path, run_id: str, published: Path
) -> None:
    Publications(home).show(SLUG, run_id)
    (published / "index.html").write_text("something else")
    answer = enter().get(f"/public/{SLUG}/")
    assert answer.status_code == 409
    assert "was changed after it was written" in answer.text
    with pytest.raises(StoreError, match="cannot be read"):
        Publications(home).show(SLUG, "2020-01-01T00-00-00-gone")


def test_a_damaged_publication_hides_no_other_and_breaks_no_page(
    enter: Enter, home: Path, run_id: str, published: Path
) -> None:
    Publications(home).show(SLUG, run_id)
    (published.parent / "shown" / "another.json").write_text("{")
    assert f'href="/public/{SLUG}/"' in enter().get("/public/").text
    (published / "publication.json").write_text("{")
    page = enter("viewer").get(f"/campaigns/{SLUG}")
    assert page.status_code == 200
    assert "record of the publication" in page.text


def test_a_published_plan_is_called_a_plan(
    enter: Enter, home: Path, run_id: str, published: Path
) -> None:
    record = json.loads((published / "publication.json").read_text(encoding="utf-8"))
    text = json.dumps(record | {"plan_for": 2030})
    (published / "publication.json").write_text(text, encoding="utf-8")
    Publications(home).show(SLUG, run_id)
    assert "Plan for 2030, made on May 28, 2020." in enter().get("/public/").text
    page = enter("viewer").get(f"/campaigns/{SLUG}").text
    assert "The public sees the plan for 2030, made on May 28, 2020." in page
