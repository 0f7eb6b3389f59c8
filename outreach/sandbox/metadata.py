"""Answer requests for metadata as the Census Data API does."""

import json
import re

from outreach.sandbox.geography import LEVELS
from outreach.sandbox.pages import JSON, Answer
from outreach.sandbox.world import ServedDataset


def answer_metadata(dataset: ServedDataset, name: str, address: str) -> Answer | None:
    """Answer a metadata request, or return ``None`` if there is no such file.

    Parameters
    ----------
    dataset
        What is described.
    name
        ``variables.json``, ``variables/NAME.json``, ``groups.json``, or ``geography.json``.
    address
        The dataset's own address, for links.
    """
    content: object = None
    single = re.fullmatch(r"variables/(\w+)\.json", name)
    if single:
        description = _describe_variables(dataset).get(single[1])
        content = None if description is None else {"name": single[1], **description}
    elif name == "variables.json":
        content = {"variables": _describe_variables(dataset)}
    elif name == "groups.json":
        content = {"groups": _describe_groups(dataset, address)}
    elif name == "geography.json":
        content = {"fips": [_describe_level(level) for level in dataset.rows]}
    return None if content is None else Answer(200, JSON, json.dumps(content, indent=2))


def _describe_variables(dataset: ServedDataset) -> dict[str, dict[str, object]]:
    """Describe each variable. The service lists ``for`` and ``in`` among them too."""
    predicates = {"for": "fips-for", "in": "fips-in"}
    descriptions: dict[str, dict[str, object]] = {
        name: {
            "label": "Census API FIPS clause",
            "concept": "Census API Geography Specification",
            "predicateType": kind,
        }
        for name, kind in predicates.items()
    }
    for name, label in dataset.labels.items():
        table = re.fullmatch(r"([A-Z]\d{5}[A-Z]*)_\d{3}[EM]A?", name)
        kind = (
            {"predicateType": "int"}
            if table
            else {"predicateType": "string"}
            if name in {"GEO_ID", "NAME"}
            else {}
        )
        note = {"note": dataset.notes[name]} if name in dataset.notes else {}
        descriptions[name] = {
            "label": label,
            "concept": dataset.concepts.get(name, ""),
            **kind,
            **note,
            "group": table[1] if table else "N/A",
            "limit": 0,
        }
    return descriptions


def _describe_groups(dataset: ServedDataset, address: str) -> list[dict[str, str]]:
    """Describe each table."""
    tables: dict[str, str] = {}
    for name, description in _describe_variables(dataset).items():
        if name not in {"for", "in"} and description.get("group") != "N/A":
            tables[str(description["group"])] = str(description["concept"])
    return [
        {"name": name, "description": concept, "variables": f"{address}/groups/{name}.json"}
        for name, concept in sorted(tables.items())
    ]


def _describe_level(level: str) -> dict[str, object]:
    """Describe a level as ``geography.json`` does."""
    rule = LEVELS[level]
    extra: dict[str, object] = {}
    if rule.requires:
        extra["requires"] = list(rule.requires)
    if rule.wildcard:
        extra |= {"wildcard": list(rule.wildcard), "optionalWithWCFor": rule.wildcard[-1]}
    return {"name": level, "geoLevelDisplay": rule.code, "referenceDate": "2020-01-01", **extra}
