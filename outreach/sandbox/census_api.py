"""The Census Data API's dialect: what it asks of ``get``, ``for`` and ``in``, and how it words its answers (census reference 1.2, 1.3).

Pure: a query and a dataset in, a status, a type and a text out.
"""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from outreach.sandbox.world import ServedDataset

MAX_VARIABLES = 50
_JSON, _TEXT, _HTML = (
    "application/json;charset=utf-8",
    "text/plain;charset=utf-8",
    "text/html;charset=utf-8",
)
_ANY = "*"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a media type and a body."""

    status: int
    media: str
    body: str


@dataclass(frozen=True, slots=True)
class _Level:
    """One geography level: what must be named with it, and what of that may be ``*`` or left out."""

    code: str
    requires: tuple[str, ...] = ()
    wildcard: tuple[str, ...] = ()


_LEVELS = {
    "us": _Level("010"),
    "state": _Level("040"),
    "county": _Level("050", ("state",), ("state",)),
    "tract": _Level("140", ("state", "county"), ("county",)),
    "place": _Level("160", ("state",)),
    "zip code tabulation area": _Level("860"),
}
_ONE_CODE = re.compile(r"\*|\w+(?:,\w+)*")


class _Refused(Exception):
    """The service would answer 400 with this text."""


def answer_query(dataset: ServedDataset, query: Sequence[tuple[str, str]], seed: str) -> Answer:
    """Answer ``?get=...&for=...&in=...`` on a dataset.

    Parameters
    ----------
    dataset
        What is asked.
    query
        Names and values in the order of the address; the key is looked at elsewhere.
    seed
        Decides the order of the rows, which the service does not promise.
    """
    try:
        wanted = _read_variables(dataset, [value for name, value in query if name == "get"])
        level, codes = _read_geography(query)
        rows = _find_rows(dataset, level, codes)
    except _Refused as refusal:
        return Answer(400, _TEXT, f"error: {refusal}")
    if rows.empty:
        return Answer(204, _TEXT, "")
    header = [*wanted, *(name for name in (*_LEVELS[level].requires, level) if name not in wanted)]
    unknown = [name for name in header if name not in rows]
    if unknown:
        return Answer(400, _TEXT, f"error: unknown variable '{unknown[0]}'")
    chosen = rows[header].astype(object)
    body = chosen.where(chosen.notna(), None).to_numpy().tolist()
    random.Random(seed).shuffle(body)
    return Answer(
        200,
        _JSON,
        "[" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in [header, *body]) + "]",
    )


def _read_variables(dataset: ServedDataset, asked: list[str]) -> list[str]:
    """Return the variables of ``get``, each once."""
    if not asked or not asked[0]:
        raise _Refused("missing 'get' argument")
    names: list[str] = []
    known = {str(column) for rows in dataset.rows.values() for column in rows}
    for name in asked[0].split(","):
        group = re.fullmatch(r"group\((\w+)\)", name)
        names += (
            sorted(each for each in known if each.startswith(f"{group[1]}_")) if group else [name]
        )
    if len(names) > MAX_VARIABLES and "group(" not in asked[0]:
        raise _Refused(f"a maximum of {MAX_VARIABLES} variables can be asked for in one query")
    for name in names:
        if name not in known:
            raise _Refused(f"unknown variable '{name}'")
    return list(dict.fromkeys(names))


def _read_geography(query: Sequence[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """Return the level asked for and the codes named for it and for what holds it."""
    targets = [value for name, value in query if name == "for"]
    if not targets:
        raise _Refused("missing 'for' argument")
    level, _, code = targets[0].partition(":")
    codes = {level: code or _ANY}
    for value in (value for name, value in query if name == "in"):
        for part in re.split(r"[ +](?=[a-z ]+:)", value.strip()):
            parent, _, parent_code = part.partition(":")
            codes[parent] = parent_code or _ANY
    if level not in _LEVELS or any(not _ONE_CODE.fullmatch(each) for each in codes.values()):
        raise _Refused("unknown/unsupported geography hierarchy")
    rule = _LEVELS[level]
    for parent in rule.requires:
        given = codes.get(parent, _ANY)
        if parent not in rule.wildcard and (given == _ANY or "," in given):
            raise _Refused("unknown/unsupported geography hierarchy")
    if set(codes) - {level, *rule.requires}:
        raise _Refused("unknown/unsupported geography hierarchy")
    return level, codes


def _find_rows(dataset: ServedDataset, level: str, codes: dict[str, str]) -> pd.DataFrame:
    """Return the rows of a level with the codes asked for."""
    rows = dataset.rows.get(level)
    if rows is None:
        raise _Refused("unknown/unsupported geography hierarchy")
    for name, asked in codes.items():
        if asked != _ANY:
            rows = rows[rows[name].isin(asked.split(","))]
    return rows


# --- metadata
# ----------------------------------------------------------------------------------------------------------------------


def answer_metadata(dataset: ServedDataset, name: str, address: str) -> Answer | None:
    """Answer ``variables.json``, ``variables/NAME.json``, ``groups.json`` or ``geography.json``; ``None`` where there is no such file."""
    content: object
    single = re.fullmatch(r"variables/(\w+)\.json", name)
    if single:
        described = _describe_variables(dataset).get(single[1])
        content = None if described is None else {"name": single[1], **described}
    elif name == "variables.json":
        content = {"variables": _describe_variables(dataset)}
    elif name == "groups.json":
        content = {"groups": _describe_groups(dataset, address)}
    elif name == "geography.json":
        content = {"fips": [_describe_level(level) for level in dataset.rows]}
    else:
        content = None
    return None if content is None else Answer(200, _JSON, json.dumps(content, indent=2))


def _describe_variables(dataset: ServedDataset) -> dict[str, dict[str, object]]:
    """Describe each variable; ``for`` and ``in`` are among them in the service too."""
    predicates = {"for": "fips-for", "in": "fips-in"}
    described: dict[str, dict[str, object]] = {
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
        concept = label.split("!!")[1] if "!!" in label else ""
        described[name] = {
            "label": label,
            "concept": concept,
            **kind,
            "group": table[1] if table else "N/A",
            "limit": 0,
        }
    return described


def _describe_groups(dataset: ServedDataset, address: str) -> list[dict[str, str]]:
    """Describe each table."""
    tables: dict[str, str] = {}
    for name, about in _describe_variables(dataset).items():
        if name not in {"for", "in"} and about.get("group") != "N/A":
            tables[str(about["group"])] = str(about["concept"])
    return [
        {"name": name, "description": concept, "variables": f"{address}/groups/{name}.json"}
        for name, concept in sorted(tables.items())
    ]


def _describe_level(level: str) -> dict[str, object]:
    """Describe a level as ``geography.json`` does."""
    rule = _LEVELS[level]
    extra: dict[str, object] = {}
    if rule.requires:
        extra["requires"] = list(rule.requires)
    if rule.wildcard:
        extra |= {"wildcard": list(rule.wildcard), "optionalWithWCFor": rule.wildcard[-1]}
    return {"name": level, "geoLevelDisplay": rule.code, "referenceDate": "2020-01-01", **extra}


# --- pages
# -------------------------------------------------------------------------------------------------------------------------


def page(title: str, text: str, status: int = 200) -> Answer:
    """Return an HTML page as the service's container writes it."""
    return Answer(
        status,
        _HTML,
        f"<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1>\n<p>{text}</p></body>\n</html>\n",
    )


MISSING_KEY = page(
    "Missing Key",
    "A valid <em>key</em> must be included with each data API request. You included none with this request.",
)
INVALID_KEY = page(
    "Invalid Key",
    "You included a key with this request, however, it is not valid. Please check your key and try again.",
)
NOT_FOUND = page(
    "HTTP Status 404 - Not Found",
    "The origin server did not find a current representation for the target resource.",
    404,
)
