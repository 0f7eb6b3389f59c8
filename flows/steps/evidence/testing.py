"""Collect the evidence of tests: registration, design, power, results, decisions."""

from flows.steps.delivering.activity import UNLIKE
from flows.steps.evidence.sources import Sources
from flows.steps.measuring.approval import read_own_plan
from flows.steps.measuring.readout import find_readout
from flows.steps.measuring.tested_run import APPROVED
from models.budget.ad_response import COMPLETION, EXPOSURES
from models.trial.decision import PRIOR_EVIDENCE
from models.trial.plan import TrialPlan
from models.trial.protocol import parse_protocol
from outreach.files import read_record
from outreach.reports.data.decision import DecisionMemo
from outreach.reports.data.evidence import (
    Cents,
    Dollars,
    Kept,
    Phrase,
    Points,
    Proof,
    Setting,
    Size,
    Value,
)
from outreach.reports.text.test_result import Readout
from outreach.store import Run, TrialRegister

#: Phrases of the catalog by the sign of an effect.
_VERDICTS = {0: "verdict_zero", 1: "verdict_raised", -1: "verdict_lowered"}


def collect_registered(sources: Sources) -> list[Proof]:
    """Return each test that was registered before its flight."""
    register = TrialRegister(sources.store.folder)
    ids = {run.id for run in sources.runs}
    proofs = []
    for entry in register.entries():
        if entry.kind != "plan" or entry.run_id not in ids:
            continue
        name = f"{entry.number:06d}.json"
        file, sha256 = sources.keep(f"tests/{name}", (register.folder / name).read_bytes())
        values: dict[str, Value] = {
            "date": entry.registered_at.date(),
            "start": entry.flight_start,
            "end": entry.flight_end,
            "name": entry.by,
        }
        proofs.append(Proof("registered_plan", values, entry.run_id, None, file, sha256))
    return proofs


def collect_designs(sources: Sources) -> list[Proof]:
    """Return design and minimum detectable effect of the test of each approved list, once."""
    proofs, seen = [], set()
    for run in sources.approved:
        plan = read_own_plan(sources.store, run)
        if plan is None or plan.digest in seen:
            continue
        seen.add(plan.digest)
        file, sha256 = sources.keep_output(run, "plan.json")
        values: dict[str, Value] = {
            "count": len(plan.arms),
            "share": Setting(plan.holdout_share),
            "seed": str(plan.seed),
            "plan": plan.digest[:16],
        }
        proofs.append(Proof("design", values, run.id, run.data_date, file, sha256))
        proofs += _find_protocol(sources, run, plan)
        if plan.mde_share is not None:
            effect = {"effect": Size(plan.mde_share)}
            proofs.append(Proof("power", effect, run.id, run.data_date, file, sha256))
    return proofs


def _find_protocol(sources: Sources, run: Run, plan: TrialPlan) -> list[Proof]:
    """Return the protocol that a test follows, from the copy that its run kept."""
    kept = run.kept_inputs.get(run.campaign.holdout.protocol, "")
    if not plan.protocol or not kept:
        return []
    file, sha256 = sources.keep_output(run, kept)
    protocol = parse_protocol(sources.files[file].decode("utf-8"), kept)
    values: dict[str, Value] = {
        "name": protocol.name,
        "hash": protocol.digest[:16],
        "share": Setting(protocol.holdout_percent / 100),
        "days": protocol.days_count,
        "seed": str(protocol.draw_seed(run.campaign.name)),
    }
    return [Proof("protocol", values, run.id, run.data_date, file, sha256)]


def collect_results(sources: Sources) -> list[Proof]:
    """Return the final result of each approved test, whatever it found, once."""
    proofs, seen = [], set()
    for run in sources.approved:
        if read_own_plan(sources.store, run) is None:
            continue
        readout = find_readout(sources.home, sources.store, run.id)
        if readout is None or readout.plan_digest in seen:
            continue
        seen.add(readout.plan_digest)
        content = (readout.canonical_json() + "\n").encode("utf-8")
        file, sha256 = sources.keep(f"{readout.run_id}/effect.json", content)
        low, middle, high = readout.flight.effect.values()
        values: dict[str, Value] = {
            "verdict": Phrase(f"evidence.{_VERDICTS[readout.flight.sign]}"),
            "start": readout.flight_start,
            "end": readout.flight_end,
            "confidence": f"{readout.confidence:.0%}",
            "effect": Points(middle),
            "low": Points(low),
            "high": Points(high),
            "spent": Dollars(readout.spent_usd),
        }
        day = readout.flight.last
        said = [("result", values), *_describe_cost(readout), *_describe_notes(readout)]
        proofs += [Proof(kind, each, readout.run_id, day, file, sha256) for kind, each in said]
    return proofs


def _describe_cost(readout: Readout) -> list[tuple[str, dict[str, Value]]]:
    """Return the cost of an added response, and beside it what the vendor claims."""
    cost, responses = readout.cost_usd, readout.responses.middle
    kind = "cost" if cost.middle is not None else "cost_none"
    if cost.low is not None and cost.high is None:
        kind += "_open"
    values: dict[str, Value] = {"spent": Dollars(readout.spent_usd)}
    if cost.middle is not None and responses is not None:
        values |= {"cost": Cents(cost.middle), "responses": responses}
    ends = {"low": cost.low, "high": cost.high}
    values |= {name: Cents(end) for name, end in ends.items() if end is not None}
    said = [(kind, values)]
    if claim := readout.claim:
        named = {"vendor": claim.vendor, "counts": claim.counts, "source": claim.source}
        said.append(("claim", {**named, "cost": Cents(claim.usd)}))
    return said


def _describe_notes(readout: Readout) -> list[tuple[str, dict[str, Value]]]:
    """Return what a reader should know beside a result; who approved it is said elsewhere."""
    return [
        ("result_both" if note.endswith(UNLIKE) else "result_note", {"note": Kept(note)})
        for note in readout.notes
        if APPROVED not in note
    ]


def collect_decisions(sources: Sources) -> list[Proof]:
    """Return the decisions that were made after the campaign's tests."""
    ids = {run.id for run in sources.runs}
    proofs = []
    for path in sorted((sources.home / "decisions").glob("[!.]*/decision.json")):
        memo = read_record(path, DecisionMemo, "decision memo", "Restore it from a backup.")
        if memo.run_id not in ids:
            continue
        number = path.parent.name.removeprefix(f"{memo.run_id}-")
        file, sha256 = sources.keep(f"{memo.run_id}/decision-{number}.json", path.read_bytes())
        values: dict[str, Value] = {
            "date": memo.decided_at.date(),
            "name": memo.by,
            "money": Dollars(memo.money_usd),
            "reason": memo.reason,
        }
        proofs.append(Proof(f"decision_{memo.choice}", values, memo.run_id, None, file, sha256))
    return proofs


def collect_assumptions(sources: Sources) -> list[Proof]:
    """Return what the expected effect of ads rests on before any test."""
    newest = sources.runs[-1]
    file, sha256 = "", ""
    if sources.has_output(newest, "assumptions.csv"):
        file, sha256 = sources.keep_output(newest, "assumptions.csv")
    return [
        Proof(
            "evidence_base",
            {"what": Phrase(f"evidence.{what}"), "source": evidence.source},
            newest.id,
            newest.data_date,
            file,
            sha256,
        )
        for what, evidence in (
            ("base_effect", PRIOR_EVIDENCE),
            ("base_completion", COMPLETION.evidence),
            ("base_exposures", EXPOSURES.evidence),
        )
    ]
