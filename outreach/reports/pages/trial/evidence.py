"""Write the pages of a campaign's evidence: each criterion, what answers it, what is missing."""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from outreach.catalog import Words
from outreach.catalog.retell import retell, tell_plainly
from outreach.reports.data.evidence import (
    Cents,
    Channel,
    Criterion,
    Dollars,
    EvidencePack,
    Kept,
    Phrase,
    Points,
    Proof,
    Setting,
    Share,
    Size,
    Value,
)
from outreach.reports.pages.frame import Origin, localize_name, make_frame
from outreach.reports.pages.render import render_page

_NAME = "evidence.html"
_DECIMALS, _SHORT_DATE = 2, "medium"
#: Kinds of statements that the page begins with, the last one of each row.
_IN_SHORT = (
    ("goal",),
    ("progress",),
    ("approver", "approver_reason"),
    ("delivery", "delivery_over"),
    ("result",),
    ("result_both",),
    ("cost", "cost_open", "cost_none", "cost_none_open"),
    ("claim",),
    ("decision_go_on", "decision_move", "decision_stop"),
)


def write_evidence_pages(pack: EvidencePack, catalogs: Sequence[Words]) -> Mapping[str, str]:
    """Return the page in every language, by file name; it links files beside it."""
    return {
        localize_name(_NAME, words, catalogs): _write_page(pack, words, catalogs)
        for words in catalogs
    }


def describe_proof(proof: Proof, words: Words) -> str:
    """Return a statement as a sentence."""
    values = {name: _write_value(value, words) for name, value in proof.values.items()}
    return words.say(f"evidence.{proof.kind}", **values)


def describe_record(pack: EvidencePack) -> dict[str, Any]:
    """Return the pack as plain values: each criterion with its statements, figures, and hashes."""
    return {
        "campaign": pack.campaign,
        "made": pack.made.isoformat(),
        "edition": pack.edition.model_dump(mode="json", exclude={"criterion", "translated"}),
        "criteria": [
            {
                "name": criterion.name,
                "practice": criterion.practice,
                "text": criterion.text,
                "missing": not pack.find(criterion),
                "proofs": [_describe_values(proof) for proof in pack.find(criterion)],
            }
            for criterion in pack.edition.criterion
        ],
    }


def _describe_values(proof: Proof) -> dict[str, Any]:
    """Return a statement as plain values."""
    return {
        "kind": proof.kind,
        "values": {name: _describe_value(value) for name, value in proof.values.items()},
        "run_id": proof.run_id,
        "day": proof.day.isoformat() if proof.day else None,
        "file": proof.file,
        "sha256": proof.sha256,
    }


def _describe_value(value: Value) -> str | int | float | list[str]:
    """Return a figure as a plain value."""
    match value:
        case dt.date():
            return value.isoformat()
        case tuple():
            return [day.isoformat() for day in value]
        case _:
            return value


def _write_page(pack: EvidencePack, words: Words, catalogs: Sequence[Words]) -> str:
    """Return the page in one language."""
    sections = [_write_section(criterion, pack, words) for criterion in pack.edition.criterion]
    missing = [section["name"] for section in sections if not section["proofs"]]
    edition = pack.edition
    named = edition.translated.get(words.code, edition)
    return render_page(
        "evidence",
        words,
        title=words.say("evidence.title", campaign=pack.campaign),
        frame=make_frame(_NAME, words, catalogs, Origin(), index=""),
        made=words.say("evidence.made", date=words.date(pack.made)),
        summary=words.say(
            "evidence.summary", count=len(sections), answered=len(sections) - len(missing)
        ),
        missing=words.say("evidence.missing", names=words.join(missing)) if missing else "",
        short=_list_short(pack, words),
        sections=sections,
        method=tell_plainly(
            words.say(
                "evidence.method_edition",
                edition=named.edition,
                status=edition.status,
                source=named.source,
                date=words.date(edition.checked),
            ),
            words.say("evidence.method_files"),
            words.say("evidence.method_clauses"),
        ),
    )


def _list_short(pack: EvidencePack, words: Words) -> list[str]:
    """Return what a reader in a hurry needs: goal, rate, approval, delivery, result, decision."""
    rows = ([proof for proof in pack.proofs if proof.kind in kinds] for kinds in _IN_SHORT)
    return [describe_proof(own[-1], words) for own in rows if own]


def _write_section(criterion: Criterion, pack: EvidencePack, words: Words) -> dict[str, Any]:
    """Return a criterion with its statements as text; what is not translated has its language."""
    shown = criterion.translated.get(words.code, criterion)
    own = pack.edition.language
    return {
        "name": shown.name,
        "practice": shown.practice,
        "text": shown.text,
        "language": own if shown is criterion and own != words.code else "",
        "count": len(pack.find(criterion)),
        "proofs": _group_proofs(pack.find(criterion), words),
    }


def _group_proofs(proofs: Sequence[Proof], words: Words) -> list[dict[str, Any]]:
    """Return statements as text; neighbors that rest on one file share its source."""
    return [
        {"texts": [describe_proof(proof, words) for proof in group], **source}
        for source, group in (
            (_write_source(own[0], words), own)
            for own in (list(each) for _, each in groupby(proofs, key=_find_basis))
        )
    ]


def _find_basis(proof: Proof) -> tuple[str, dt.date | None, str, str]:
    """Return what a statement rests on."""
    return proof.run_id, proof.day, proof.file, proof.sha256


def _write_source(proof: Proof, words: Words) -> dict[str, str]:
    """Return what a statement rests on as text."""
    parts = [proof.run_id]
    if proof.day is not None:
        parts.append(words.say("evidence.day", date=words.date(proof.day, _SHORT_DATE)))
    return {
        "source": ", ".join(filter(None, parts)),
        "file": proof.file,
        # The folder of a run's files is named as the run, which stands before it.
        "label": proof.file.removeprefix("files/").removeprefix(f"{proof.run_id}/"),
        "sha256": proof.sha256[:16],
    }


def _write_value(value: Value, words: Words) -> str | int:
    """Write a figure or a text by its class."""
    match value:
        case float():
            return _write_figure(value, words)
        case Phrase():
            written = words.say(value)
        case Channel():
            written = words.channel(value)
        case Kept():
            written = retell(value, words, "effect").text
        case tuple():
            written = words.join([words.date(day, _SHORT_DATE) for day in value])
        case dt.date():
            written = words.date(value)
        case int():
            return value
        case _:
            written = str(value)
    return written


def _write_figure(value: float, words: Words) -> str:
    """Write a number by its class."""
    match value:
        case Share():
            written = words.share(value)
        case Setting():
            written = words.share(value, 0 if round(100 * value, 6).is_integer() else 1)
        case Points():
            written = words.points(value, _DECIMALS)
        case Size():
            written = words.say("unit.points", figure=words.number(100 * value, _DECIMALS))
        case Dollars():
            written = words.money(value)
        case Cents():
            written = words.price(value)
        case _:
            written = words.count(value)
    return written
