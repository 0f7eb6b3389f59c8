"""Collect the evidence of data: inventory, quality, privacy."""

from flows.steps.evidence.sources import Sources
from outreach.reports.data.evidence import Proof, Value


def collect_inventory(sources: Sources) -> list[Proof]:
    """Return every source of the newest run with its address, date, and hash."""
    run = (sources.approved or sources.runs)[-1]
    return [
        Proof(
            "source",
            {
                "name": source.name,
                "address": source.address,
                "count": source.rows,
                "fetched": source.fetched_at.date(),
            },
            run.id,
            source.data_date,
            "",
            source.sha256,
        )
        for source in run.inputs
    ]


def collect_quality(sources: Sources) -> list[Proof]:
    """Return how many tracts the newest run was offered, kept, and could rate."""
    run = (sources.approved or sources.runs)[-1]
    names = {"offered": "tracts_offered", "kept": "tracts", "rated": "rated"}
    if not sources.has_output(run, "join.txt") or not set(names.values()) <= set(run.counts):
        return []  # a run of an earlier version counted otherwise
    file, sha256 = sources.keep_output(run, "join.txt")
    values: dict[str, Value] = {name: int(run.counts[count]) for name, count in names.items()}
    return [Proof("quality", values, run.id, run.data_date, file, sha256)]


def collect_privacy(sources: Sources) -> list[Proof]:
    """Return the register of what publications hide, for each area and season that has one."""
    proofs = []
    for path in sorted((sources.home / "disclosure").glob("[!.]*.json")):
        file, sha256 = sources.keep(f"disclosure/{path.name}", path.read_bytes())
        proofs.append(Proof("privacy", {"name": path.stem}, "", None, file, sha256))
    return proofs
