"""Put together the evidence of a lived campaign, and find every file and figure again."""

import datetime as dt
import hashlib
import json
import math
import re
import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from flows.steps.evidence.criteria import read_criteria
from flows.steps.evidence.lists import compare_lists, describe_group
from flows.steps.evidence.vendors import count_actions
from flows.steps.measuring.approval import approve_run
from flows.trial.activity import import_activity
from flows.trial.decide import keep_decision, weigh_decision
from flows.trial.delivery import import_delivery, reconcile_delivery
from flows.trial.evidence import write_evidence
from flows.trial.measure import measure_test
from models.budget.ad_response import COMPLETION, EXPOSURES
from models.trial.decision import PRIOR_EVIDENCE
from outreach.campaign import parse_campaign
from outreach.catalog import read_words
from outreach.cli import cli
from outreach.errors import DataError, SettingsError
from outreach.reports.data.evidence import Cents, Dollars, EvidencePack, Phrase, Points, Proof
from outreach.reports.pages.trial.evidence import describe_proof
from outreach.reports.text.delivery import describe_warnings
from outreach.settings import Settings, read_settings
from outreach.store import Store
from tests.browser import find_chromium
from tests.delivery.platforms import save
from tests.flows.trial.pack_figures import find_figures
from tests.flows.trial.simulated_flight import fly
from tests.flows.trial.tested_town import PLANTED, fill_archive, keep_town, make_town
from tests.twins import list_faults, pair_pages, read_pages

#: Numbers of criteria, and how a hash is called.
NAMES = ("EVAL", "LC", "RDC", "SHA-256")
#: Sources that Spanish pages cite in English, and say so.
CITED = (PRIOR_EVIDENCE.source, COMPLETION.evidence.source, EXPOSURES.evidence.source)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a home with a test that was approved, measured, and decided on."""
    folder = tmp_path_factory.mktemp("evidence")
    claim = {"vendor": "Ads", "usd": 1.5, "counts": "landing page view", "source": "offer of May 2"}
    town = make_town(folder, "zips")
    campaign = town.campaign.model_dump(mode="json") | {"claim": claim}
    town = replace(town, campaign=parse_campaign(campaign, "test"))
    settings = read_settings(home=folder / "home")
    store = Store(settings.runs_folder)
    log = folder / "log.csv"
    log.write_text(
        "organization,kind,place,day,contacts\n"
        "Clinic,calls,60600,2020-06-02,40000\nLibrary,events,60601,2020-06-20,25\n"
    )
    run_id = keep_town(settings, town)
    approve_run(store, run_id, "Ada Lovelace", accepts_unreadable=True, reason="It is fair.")
    import_activity(settings, log)
    fill_archive(settings, town, PLANTED, "2020-07-10")
    measure_test(settings, spent_usd=5000)
    report = save(folder, "google", fly(settings, days=14))
    import_delivery(settings, report)
    memo = weigh_decision(settings, money_usd=1000, worth_usd=50)
    keep_decision(settings, memo, "go_on", "Ada Lovelace", "It pays.")
    return settings


@pytest.fixture(scope="module")
def pack(lived: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[EvidencePack, Path]:
    into = tmp_path_factory.mktemp("pack") / "evidence"
    return write_evidence(lived, "latest", into), into


def test_every_file_is_in_the_pack_with_its_hash(pack: tuple[EvidencePack, Path]) -> None:
    _, into = pack
    record = json.loads((into / "evidence.json").read_text())
    proofs = [proof for criterion in record["criteria"] for proof in criterion["proofs"]]
    named = {proof["file"]: proof["sha256"] for proof in proofs if proof["file"]}

    assert len(named) >= 5
    for file, sha256 in named.items():
        assert hashlib.sha256((into / file).read_bytes()).hexdigest() == sha256
    in_folder = {str(path.relative_to(into)) for path in (into / "files").rglob("*.*")}
    assert in_folder == set(named)


def test_the_figures_of_statements_are_those_of_their_files(
    pack: tuple[EvidencePack, Path],
) -> None:
    _, into = pack
    record = json.loads((into / "evidence.json").read_text())
    proofs = {
        proof["kind"]: proof for criterion in record["criteria"] for proof in criterion["proofs"]
    }

    effect = json.loads((into / proofs["result"]["file"]).read_text())
    plan = json.loads((into / proofs["design"]["file"]).read_text())
    memo = json.loads((into / proofs["decision_go_on"]["file"]).read_text())
    approval = json.loads((into / proofs["approver_reason"]["file"]).read_text())
    assert proofs["result"]["values"]["effect"] == effect["flight"]["effect"]["middle"]
    assert proofs["result"]["values"]["spent"] == effect["spent_usd"] == 5000
    assert proofs["design"]["values"]["share"] == plan["holdout_share"]
    assert proofs["design"]["values"]["count"] == len(plan["arms"])
    assert proofs["decision_go_on"]["values"]["money"] == memo["money_usd"] == 1000
    delivered = pd.read_csv(into / proofs["delivery"]["file"]).set_index("dimension").loc["total"]
    for name in ("planned", "due", "delivered"):
        assert proofs["delivery"]["values"][name] == pytest.approx(delivered[f"{name}_usd"])
    assert 0 < delivered["delivered_usd"] < 0.6 * delivered["planned_usd"]
    assert proofs["approver_reason"]["values"]["name"] == approval["by"] == "Ada Lovelace"


def test_vendors_are_measured_reviewed_and_answered_with_actions_and_clauses(
    pack: tuple[EvidencePack, Path], lived: Settings
) -> None:
    made, into = pack
    run = Store(lived.runs_folder).find("latest")[0]
    record = json.loads((into / "evidence.json").read_text())
    by_kind = {proof["kind"]: proof for each in record["criteria"] for proof in each["proofs"]}

    # The measure is the channel's own line, and its price the money of a thousand impressions.
    lines = pd.read_csv(into / by_kind["delivery"]["file"])
    line = lines[lines["dimension"] == "channel"].iloc[0]
    measure = by_kind["vendor_measure"]["values"]
    assert measure["channel"] == line["key"] == "google"
    assert "Measure: Google Ads delivered" in (into / "evidence.html").read_text()
    assert measure["pace"] == pytest.approx(line["delivered_usd"] / line["due_usd"])
    thousands = line["delivered_impressions_count"] / 1000
    assert measure["price"] == pytest.approx(line["delivered_usd"] / thousands)

    # Reviews are due each week of the flight, and the day after.
    flight = run.campaign.flight
    assert flight is not None
    week = dt.timedelta(days=7)
    days = [(flight.start + week * number).isoformat() for number in (1, 2, 3, 4)]
    assert by_kind["review_due"]["values"]["days"] == days
    assert by_kind["review_day"]["values"]["count"] == 1

    # What there is to do is what the reconciliation warns of.
    view = reconcile_delivery(lived).view
    kinds = {proof.kind for proof in made.proofs if proof.kind.startswith("action_")}
    warned = set(view.warnings["kind"]) - {"pace"}
    assert kinds - {"action_none", "action_slow", "action_fast"} == {f"action_{w}" for w in warned}
    assert ("action_none" in kinds) == view.warnings.empty

    page = (into / "evidence.html").read_text()
    assert "Draft clause: Ads run in the places of the list and nowhere else" in page
    assert "for a lawyer of the city to review" in page
    assert "Borrador de cláusula" in (into / "evidence.es.html").read_text()


def test_money_that_moves_between_two_lists_is_told_by_place() -> None:
    before = pd.Series({"zip-1": 100.0, "zip-2": 50.0, "zip-3": 25.0})
    moves = compare_lists(before, pd.Series({"zip-2": 80.0, "zip-3": 15.5, "zip-4": 79.5}))
    rows = moves.set_index("unit_id")
    assert rows["lost_usd"].tolist() == [100, 0, 9.5, 0, 109.5]
    assert rows["state"].to_dict() == {
        "zip-1": "left", "zip-2": "stayed", "zip-3": "stayed", "zip-4": "joined", "all": "all"
    }  # fmt: skip
    assert rows.loc["all", ["earlier_usd", "later_usd", "moved_usd"]].tolist() == [175, 175, 109.5]


@pytest.mark.parametrize(
    ("figures", "verdict", "kind"),
    [
        ((0.5, 0.02, 0.4), "gains", "group"),
        ((0.5, math.nan, 0.4), "not known", "group_bare"),
        ((math.nan, math.nan, math.nan), "not known", "group_none"),
    ],
)
def test_a_group_is_told_with_its_margin_or_as_not_known(
    figures: tuple[float, float, float], verdict: str, kind: str
) -> None:
    names = ("covered_share", "covered_margin_share", "everyone_covered_share")
    row = dict(zip(names, figures, strict=True)) | {"dimension": "tenure", "unit": "households"}
    made, values = describe_group({"group": "Renters", "verdict": verdict, **row})
    assert made == kind
    assert all(math.isfinite(value) for value in values.values() if isinstance(value, float))
    sentence = describe_proof(Proof(made, values), read_words("en"))
    assert sentence.startswith("Renters: ")
    assert ("more often" in sentence) == (kind == "group")
    assert ("against 40.0% of all households" in sentence) == (kind != "group_none")


@pytest.mark.parametrize(
    ("kind", "pace", "days", "action", "count"),
    [
        ("holdout", None, None, "holdout", 1),
        ("pace", 1.4, None, "fast", 1),
        ("pace", 0.4, None, "slow", 1),
        ("gap", None, 3, "gap", 3),
    ],
)
def test_a_warning_becomes_an_action(
    kind: str, pace: float | None, days: int | None, action: str, count: int
) -> None:
    warnings = pd.DataFrame(
        {"kind": [kind], "pace": [pace], "days_count": [days], "spend_usd": [4.43]}
    )
    made = count_actions(warnings).iloc[0]
    assert (made["action"], made["count"], made["spend_usd"]) == (action, count, 4.43)
    for code in ("en", "es"):
        proof = Proof(f"action_{action}", {"count": count, "money": Cents(4.43)})
        assert str(count) in describe_proof(proof, read_words(code))


def test_the_pack_has_what_a_reader_needs_beside_the_result(
    pack: tuple[EvidencePack, Path],
) -> None:
    """The reason of an approval, the cost and the claim, and the partners' work."""
    made, into = pack
    by_kind: dict[str, Any] = {proof.kind: dict(proof.values) for proof in made.proofs}
    files = {proof.kind: into / proof.file for proof in made.proofs}
    effect = json.loads(files["cost"].read_text())

    assert by_kind["approver_reason"]["reason"] == "It is fair."
    assert by_kind["cost"]["cost"] == effect["cost_usd"]["middle"]
    assert by_kind["claim"]["cost"] == 1.5
    assert "approved by" in " ".join(effect["notes"])
    assert "approved by" not in by_kind["result_note"]["note"]
    # Partners worked in one arm only, which stands beside the result where a reader begins.
    page = (into / "evidence.html").read_text()
    assert by_kind["result_both"]["note"] in page[: page.index("There is evidence for")]
    assert by_kind["activity"] == {
        "contacts": 40_025, "organizations": 2, "first": dt.date(2020, 6, 2),
        "last": dt.date(2020, 6, 20), "count": 50, "gaps": 48,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("through", "kind", "sentence"),
    [
        (14, "action_holdout", "Action: stop the ads in 1 held-out place ($7.00)"),
        (28, "action_holdout_over", "Action: have the ads in 1 held-out place credited ($7.00)"),
    ],
)
def test_ads_in_held_out_ground_are_stopped_in_time_and_credited_after_it(
    tmp_path: Path, through: int, kind: str, sentence: str
) -> None:
    settings = read_settings(home=tmp_path / "home")
    store = Store(settings.runs_folder)
    approve_run(
        store, keep_town(settings, make_town(tmp_path, "zips")), "Ada", accepts_unreadable=True
    )
    targets = store.read_table(store.find("latest")[0].id, "targets")
    held = str(targets.index[targets["arm"] == "holdout"][0]).removeprefix("zip-")
    rows = fly(settings, days=through)
    leak = replace(rows[0], zip_code=held, spend_usd=7.0)
    import_delivery(settings, save(tmp_path, "google", [*rows, leak]))

    made = write_evidence(settings, "latest", tmp_path / "pack")

    assert kind in {proof.kind for proof in made.proofs}
    assert sentence in (tmp_path / "pack" / "evidence.html").read_text()
    said = " ".join(describe_warnings(reconcile_delivery(settings).view, read_words("en")))
    assert ("Stop them today." in said) == (through < 28)


def test_every_figure_of_a_statement_is_found_again_in_its_file_or_run(
    pack: tuple[EvidencePack, Path], lived: Settings
) -> None:
    found, lost = find_figures(pack[1], lived.runs_folder)
    assert lost == []
    assert found >= 15


@pytest.mark.browser
def test_the_pack_is_printed_as_a_pdf_with_every_statement(
    lived: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_chromium()
    write_evidence(lived, "latest", tmp_path, is_printed=True)
    pages = PdfReader(tmp_path / "evidence.pdf").pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "+1.94 points" in text
    assert "There is nothing here yet." in text
    width, height = pages[0].mediabox.width, pages[0].mediabox.height
    assert (round(width), round(height)) == (612, 792)
    assert len(PdfReader(tmp_path / "evidence.es.pdf").pages) >= 1

    # Without a Chromium nothing is written.
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match="no Chromium on this machine"):
        write_evidence(lived, "latest", tmp_path / "none", is_printed=True)
    assert not (tmp_path / "none").exists()


def test_the_page_begins_with_what_a_council_asks_first(pack: tuple[EvidencePack, Path]) -> None:
    made, into = pack
    page = (into / "evidence.html").read_text()
    short = page[page.index("In short") : page.index("There is evidence for")]
    for sentence in (
        "The goal is a response rate of",
        "Ada Lovelace approved",
        "The ads raised the response rate: the estimate is +1.94 points (95% range",
        "An added response cost $",
        "claims a cost of $1.50 for each of what it counts: landing page view (offer of May 2)",
        "decided to go on with $1,000",
    ):
        assert sentence in short
    rows = re.findall(r'<tr><th scope="row"><a href="#(criterion-\d+)">', page)
    assert len(rows) == len(made.edition.criterion)
    assert all(f'id="{row}"' in page for row in rows)

    # Criteria are in the reader's language.
    spanish = (into / "evidence.es.html").read_text()
    for criterion in made.edition.criterion:
        assert criterion.translated["es"].text in spanish
        assert criterion.text not in spanish


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("zero", "cannot be distinguished from zero: the"),
        ("lowered", "ended lower where ads ran: the"),
    ],
)
def test_a_result_says_its_verdict_before_its_number(verdict: str, words: str) -> None:
    proof = Proof(
        "result",
        {
            "verdict": Phrase(f"evidence.verdict_{verdict}"),
            "effect": Points(0.0001),
            "low": Points(-0.0094),
            "high": Points(0.0066),
            "confidence": "95%",
            "start": dt.date(2020, 6, 1),
            "end": dt.date(2020, 6, 28),
            "spent": Dollars(10881),
        },
    )
    sentence = describe_proof(proof, read_words("en"))
    assert words in sentence
    assert sentence.index(words) < sentence.index("+0.01 points")


def test_what_is_not_there_is_listed_as_not_there(pack: tuple[EvidencePack, Path]) -> None:
    made, into = pack
    page = (into / "evidence.html").read_text()
    missing = [each.name for each in made.edition.criterion if not made.find(each)]

    assert "Privacy" in missing
    assert "EVAL 1: commitment" not in missing
    assert "EVAL 1: commitment" in [each.name for each in made.edition.criterion]
    assert page.count("There is nothing here yet.") == len(missing)
    assert f"Nothing yet for: {read_words('en').join(missing)}." in page
    assert "Todavía nada para: " in (into / "evidence.es.html").read_text()


def test_every_kind_of_evidence_has_its_sentence_in_every_language() -> None:
    text = (resources.files("flows.steps.evidence") / "criteria.toml").read_text()
    kinds = [kind for each in tomllib.loads(text)["criterion"] for kind in each["evidence"]]

    assert len(kinds) == len(set(kinds))
    for kind in kinds:
        assert f"evidence.{kind}" in read_words("en").texts, kind
        assert f"evidence.{kind}" not in read_words("es").untranslated, kind


def test_a_file_with_other_criteria_is_used_or_refused(lived: Settings, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'edition = "Our council"\nstatus = "USER"\nsource = "resolution 7"\nchecked = 2030-01-01\n'
        '[[criterion]]\nname = "A"\npractice = "Goals"\ntext = "A goal"\nevidence = ["goal"]\n'
    )

    made = write_evidence(lived, "latest", tmp_path / "pack", own)

    assert [each.name for each in made.edition.criterion] == ["A"]
    spanish = (tmp_path / "pack" / "evidence.es.html").read_text()
    assert '<p lang="en">A goal.</p>' in spanish
    assert "The goal is a response rate of " in (tmp_path / "pack" / "evidence.html").read_text()
    for text, sentence in (("<html>", "it is not TOML"), ('edition = "x"', "'source' is missing")):
        own.write_text(text)
        with pytest.raises(DataError, match=sentence):
            read_criteria(own)
    with pytest.raises(DataError, match="cannot be used: No such file"):
        read_criteria(tmp_path / "none.toml")


def test_files_of_somebody_else_stay(lived: Settings, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "mine.txt").write_text("mine")
    (tmp_path / "letter.txt").write_text("to the mayor")

    write_evidence(lived, "latest", tmp_path)

    assert (tmp_path / "files" / "mine.txt").read_text() == "mine"
    assert (tmp_path / "letter.txt").read_text() == "to the mayor"

    # A later pack replaces the copies of an earlier one.
    stale = tmp_path / "files" / "stale.json"
    stale.write_text("{}")
    write_evidence(lived, "latest", tmp_path)
    assert not stale.exists()
    assert (tmp_path / "letter.txt").exists()


def test_the_command_says_what_is_missing(
    lived: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_HOME", str(lived.home))
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(cli, ["evidence", "--into", "pack"])

    assert done.exit_code == 0, done.output
    assert "Nothing yet for: " in done.output
    assert (tmp_path / "pack" / "evidence.html").exists()


def test_every_page_of_a_lived_campaign_is_spanish_in_its_spanish_twin(
    lived: Settings, pack: tuple[EvidencePack, Path]
) -> None:
    reconcile_delivery(lived)
    pages = read_pages(lived.home) | read_pages(pack[1])
    assert {name.rpartition("/")[2] for name, *_ in pair_pages(pages)} >= {
        "decision.html",
        "delivery.html",
        "effect.html",
        "evidence.html",
    }
    assert list_faults(pages, NAMES, CITED) == {}


@pytest.mark.browser
def test_pages_of_a_lived_campaign_fit_the_width_and_their_charts_can_be_read(
    lived: Settings, pack: tuple[EvidencePack, Path], chromium: Any
) -> None:
    reconcile_delivery(lived)
    pages = read_pages(lived.home) | read_pages(pack[1])
    assert len(pages) >= 8
    page, drawn = chromium.new_page(), set[str]()
    for name, html in pages.items():
        page.set_content(html)
        for width in (320, 390, 768, 2560):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            sizes = page.evaluate(
                """() => [...document.querySelectorAll("svg text")].map((text) =>
                parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"""
            )
            drawn |= {name} if sizes else set()
            assert min(sizes, default=12) >= (9 if width == 320 else 11), (name, width)
    assert len(drawn) >= 4  # what the ads did, and what was delivered, in both languages
