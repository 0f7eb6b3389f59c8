"""Collect the evidence of data: inventory, quality, privacy, open data."""

import io
import json

import pandas as pd

from flows.steps.evidence.sources import Sources
from outreach.errors import StoreError
from outreach.reports.data.evidence import Phrase, Proof, Value
from outreach.store.publications import Publications

#: Where the open data of a publication is described, and where its columns are.
_PACKAGE, _DICTIONARY = "open-data/datapackage.json", "open-data/data-dictionary.csv"

#: The license that the catalogs have words for.
_CC0 = "CC0-1.0"
#: How names of sources begin, and phrases of the catalog for them; the longest first.
_SOURCES = {
    "responserate2010": "source_past_rates",
    "responserate": "source_rates",
    "acs5": "source_acs",
    "planning_database": "source_planning",
    "race": "source_race",
    "tract boundaries": "source_tracts",
    "place boundaries": "source_places",
    "tract relationship": "source_relationship",
    "map context": "source_context",
    "labels of variables": "source_labels",
}


def collect_inventory(sources: Sources) -> list[Proof]:
    """Return every source of the newest run with its address, date, and hash."""
    run = (sources.approved or sources.runs)[-1]
    return [
        Proof(
            "source" if source.rows else "source_empty",
            {
                "name": _name_source(source.name),
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


def _name_source(name: str) -> str:
    """Return what people call a source, or its own name where nobody gave it another."""
    for beginning, phrase in _SOURCES.items():
        if name.startswith(beginning):
            return Phrase(f"evidence.{phrase}")
    return name


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


def _name_license(terms: dict[str, str]) -> str:
    """Return what people call a license."""
    return Phrase("evidence.license_cc0") if terms["name"] == _CC0 else terms["title"]


def collect_open_data(sources: Sources) -> list[Proof]:
    """Return what the newest publication offers as open data: license, files, dictionary.

    Raises
    ------
    StoreError
        A file of the publication was changed since, or is damaged.
    """
    book = Publications(sources.home)
    for run in reversed(sources.runs):
        published = book.read_run(run.campaign.slug, run.id)
        if published is None:
            continue
        proofs = []
        for path in sorted(path for path in published.sha256 if path.endswith(_PACKAGE)):
            name = f"{run.id}/public/{path}"
            file, sha256 = sources.keep(name, published.read(path))
            try:
                package = json.loads(sources.files[file])
                values: dict[str, Value] = {
                    "license": _name_license(package["licenses"][0]),
                    "license_id": str(package["licenses"][0]["name"]),
                    "count": len(package["resources"]),
                }
            except (ValueError, LookupError, TypeError):
                raise StoreError(f"{path} of {run.id} is damaged.", "Publish it again.") from None
            proofs.append(Proof("open_data", values, run.id, published.data_date, file, sha256))

            dictionary = path.removesuffix(_PACKAGE) + _DICTIONARY
            content = published.read(dictionary)
            file, sha256 = sources.keep(f"{run.id}/public/{dictionary}", content)
            columns = len(pd.read_csv(io.BytesIO(sources.files[file])))
            proofs.append(
                Proof("dictionary", {"count": columns}, run.id, published.data_date, file, sha256)
            )
        return proofs
    return []
