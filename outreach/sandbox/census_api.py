"""Answer queries as the Census Data API does (census reference 1.2 and 1.3).

A query and a dataset go in; a status, a media type, and a text come out.
"""

import json
import random
import re
from collections.abc import Sequence

import pandas as pd

from outreach.sandbox.geography import LEVELS
from outreach.sandbox.pages import JSON, TEXT, Answer
from outreach.sandbox.world import ServedDataset

MAX_VARIABLES = 50
_ANY = "*"
_CODES = re.compile(r"\*|\w+(?:,\w+)*")
_UNKNOWN_GEOGRAPHY = "unknown/unsupported geography hierarchy"


class _RequestRefused(Exception):
    """The service would answer 400 with this text."""


def answer_query(dataset: ServedDataset, query: Sequence[tuple[str, str]], seed: str) -> Answer:
    """Answer ``?get=...&for=...&in=...`` on a dataset.

    Parameters
    ----------
    dataset
        What is requested.
    query
        Names and values in the order of the address. The key is checked elsewhere.
    seed
        Decides the order of the rows, which the service does not promise.
    """
    try:
        variables = _read_variables(dataset, [value for name, value in query if name == "get"])
        level, codes = _read_geography(query)
        rows = _find_rows(dataset, level, codes)
    except _RequestRefused as refusal:
        return Answer(400, TEXT, f"error: {refusal}")
    if rows.empty:
        return Answer(204, TEXT, "")
    codes_of_row = (*LEVELS[level].requires, level)
    header = [*variables, *(name for name in codes_of_row if name not in variables)]
    unknown = [name for name in header if name not in rows]
    if unknown:
        return Answer(400, TEXT, f"error: unknown variable '{unknown[0]}'")
    table = rows[header].astype(object)
    body = table.where(table.notna(), None).to_numpy().tolist()
    random.Random(seed).shuffle(body)
    lines = (json.dumps(row, separators=(",", ":")) for row in [header, *body])
    return Answer(200, JSON, "[" + ",\n".join(lines) + "]")


def _read_variables(dataset: ServedDataset, values: list[str]) -> list[str]:
    """Return the variables of ``get``, each once; a group stands for all its variables."""
    if not values or not values[0]:
        raise _RequestRefused("missing 'get' argument")
    names: list[str] = []
    columns = {str(column) for rows in dataset.rows.values() for column in rows}
    for name in values[0].split(","):
        group = re.fullmatch(r"group\((\w+)\)", name)
        names += (
            sorted(column for column in columns if column.startswith(f"{group[1]}_"))
            if group
            else [name]
        )
    if len(names) > MAX_VARIABLES and "group(" not in values[0]:
        raise _RequestRefused(
            f"a maximum of {MAX_VARIABLES} variables can be asked for in one query"
        )
    for name in names:
        if name not in columns:
            raise _RequestRefused(f"unknown variable '{name}'")
    return list(dict.fromkeys(names))


def _read_geography(query: Sequence[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """Return the requested level, and the codes of it and of the levels above."""
    targets = [value for name, value in query if name == "for"]
    if not targets:
        raise _RequestRefused("missing 'for' argument")
    level, _, code = targets[0].partition(":")
    codes = {level: code or _ANY}
    for value in (value for name, value in query if name == "in"):
        for part in re.split(r"[ +](?=[a-z ]+:)", value.strip()):
            parent, _, parent_code = part.partition(":")
            codes[parent] = parent_code or _ANY
    if level not in LEVELS or any(not _CODES.fullmatch(each) for each in codes.values()):
        raise _RequestRefused(_UNKNOWN_GEOGRAPHY)
    rule = LEVELS[level]
    for parent in rule.requires:
        code = codes.get(parent, _ANY)
        if parent not in rule.wildcard and (code == _ANY or "," in code):
            raise _RequestRefused(_UNKNOWN_GEOGRAPHY)
    if set(codes) - {level, *rule.requires}:
        raise _RequestRefused(_UNKNOWN_GEOGRAPHY)
    return level, codes


def _find_rows(dataset: ServedDataset, level: str, codes: dict[str, str]) -> pd.DataFrame:
    """Return the rows of a level with the requested codes."""
    rows = dataset.rows.get(level)
    if rows is None:
        raise _RequestRefused(_UNKNOWN_GEOGRAPHY)
    for name, code in codes.items():
        if code != _ANY:
            rows = rows[rows[name].isin(code.split(","))]
    return rows
