"""Write the table of the drills into docs/reliability.md."""

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path

from tests.drills.faults import FAULTS
from tests.drills.homes import COMMANDS
from tests.drills.judge import Score

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
#: What a cell says that no round has drilled.
NOT_TRIED = "not tried"
_BEGIN, _END = "<!-- drills -->", "<!-- /drills -->"
_SERVICE_BEGIN, _SERVICE_END = "<!-- service drills -->", "<!-- /service drills -->"

#: Figures by fault and command.
Figures = dict[str, dict[str, Score]]


def add_figures(figures: Figures, file: Path) -> Figures:
    """Add figures to those of a file, write the sums to it, and return them."""
    stored = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    sums: Figures = {
        fault: {name: Score(**score) for name, score in row.items()}
        for fault, row in stored.items()
    }
    for fault, row in figures.items():
        for name, score in row.items():
            sums.setdefault(fault, {}).setdefault(name, Score()).extend(score)
    plain = {
        fault: {name: asdict(score) for name, score in row.items()} for fault, row in sums.items()
    }
    file.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    return sums


def write_document(figures: Figures, seed: int) -> None:
    """Put the table in the place of the earlier one."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.split(_BEGIN)[0], text.split(_END)[1]
    table = write_table(figures, seed)
    DOCUMENT.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{after}", encoding="utf-8")


def write_service_table(scores: dict[str, Score], seed: int) -> None:
    """Put the table of the killed processes of a service in the place of the earlier one."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.split(_SERVICE_BEGIN)[0], text.split(_SERVICE_END)[1]
    rows = [_write_row(["killed", "survived", "rows lost", "leftovers"]), "|---" * 4 + "|"]
    for name, score in scores.items():
        tries = f"{score.survived} of {score.tried}" if score.tried else NOT_TRIED
        rows.append(_write_row([name, tries, str(score.rows_lost), str(score.leftovers)]))
    day = dt.datetime.now(dt.UTC).date()
    points = sum(score.tried for score in scores.values())
    note = f"{points} points on {day}, seed {seed}."
    table = "\n".join([*rows, "", note])
    DOCUMENT.write_text(
        f"{before}{_SERVICE_BEGIN}\n{table}\n{_SERVICE_END}{after}", encoding="utf-8"
    )


def read_service_table() -> list[list[str]]:
    """Return the cells of the service's table, row by row, the heading first."""
    text = DOCUMENT.read_text(encoding="utf-8").split(_SERVICE_BEGIN)[1].split(_SERVICE_END)[0]
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def read_table() -> list[list[str]]:
    """Return the cells of the document's table, row by row, the heading first."""
    text = DOCUMENT.read_text(encoding="utf-8").split(_BEGIN)[1].split(_END)[0]
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def write_table(figures: Figures, seed: int) -> str:
    """Return a row for each fault and a column for each command."""
    names = [command.name for command in COMMANDS]
    heading = ["fault", *names, "rows lost", "leftovers", "tracebacks"]
    lines = [_write_row(heading), "|---" * len(heading) + "|"]
    for fault in FAULTS:
        scores = [figures.get(fault, {}).get(name, Score()) for name in names]
        cells = [
            f"{score.survived} of {score.tried}" if score.tried else NOT_TRIED for score in scores
        ]
        sums = (
            sum(score.rows_lost for score in scores),
            sum(score.leftovers for score in scores),
            sum(score.tracebacks for score in scores),
        )
        lines.append(_write_row([fault, *cells, *map(str, sums)]))
    tried = sum(score.tried for scores in figures.values() for score in scores.values())
    day = dt.datetime.now(dt.UTC).date()
    note = f"Rounds of `make drills` added up on {day}: first seed {seed}, {tried:,} tries."
    return "\n".join([*lines, "", note])


def _write_row(cells: list[str]) -> str:
    """Return one row."""
    return f"| {' | '.join(cells)} |"
