"""Collect the evidence of vendors: what was planned, what platforms reported, what leaked."""

from flows.steps.delivering.plan import find_flight, gather_plan
from flows.steps.evidence.sources import Sources
from outreach.delivery.reconcile import reconcile
from outreach.reports.data.evidence import Dollars, Proof, Value
from outreach.spreadsheet import write_csv


def collect_delivery(sources: Sources) -> list[Proof]:
    """Return planned against delivered money and the places served by mistake, once a flight."""
    proofs, seen = [], set()
    for run in reversed(sources.approved):
        flight = find_flight(sources.store, run.id)
        delivery = flight.open_ledger(sources.home).read()
        if flight.tag in seen or delivery.empty:
            continue
        seen.add(flight.tag)
        made = reconcile(gather_plan(sources.store, flight), delivery)
        total = made.lines[made.lines["dimension"] == "total"].iloc[0]
        table = write_csv(made.lines, index=False).encode("utf-8")
        file, sha256 = sources.keep(f"{run.id}/delivery.csv", table)
        values: dict[str, Value] = {
            "planned": Dollars(total["planned_usd"]),
            "due": Dollars(total["due_usd"]),
            "delivered": Dollars(total["delivered_usd"]),
            "leaks": len(made.leaks),
            "unserved": len(made.unserved),
        }
        proofs.append(Proof("delivery", values, run.id, made.through, file, sha256))
    return proofs
