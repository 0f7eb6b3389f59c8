"""The drills find planted losses, a few of them run here, and the table is theirs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from outreach.storage import open_bucket
from tests.drills.bucket import check_bucket
from tests.drills.children import Finished
from tests.drills.faults import FAULTS
from tests.drills.homes import COMMANDS
from tests.drills.judge import Score, check_end, check_run, count_leftovers, find_losses, take_stock
from tests.drills.served import TARGETS
from tests.drills.service import check_approvals
from tests.drills.table import (
    DOCUMENT,
    NOT_TRIED,
    add_figures,
    read_service_table,
    read_table,
    write_table,
)
from tests.object_store import KEYS, serve_object_store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a working folder with three archived rows and a run."""
    home = tmp_path / "outreach-data"
    rates = home / "archive" / "rates" / "2020" / "state=99"
    run = home / "runs" / "2020-a-run"
    for path in (rates, run):
        path.mkdir(parents=True)
    pq.write_table(pa.table({"share": [0.1, 0.2, 0.3]}), rates / "segment.parquet")
    (run / "map.html").write_text("map")
    digest = "8d7bb0d8c3d0ea08a2ed8b7cf2d8da5a0f0f2a1a1b1e8e6d5a1a2d8d3c1d0b0a"
    (run / "manifest.json").write_text(
        json.dumps({"outputs": [{"path": "map.html", "sha256": digest}]})
    )
    (home / "runs" / "latest").symlink_to(run.name)
    return tmp_path


def test_what_is_untouched_is_no_loss(folder: Path) -> None:
    score = Score()
    before = take_stock(folder)
    assert len(before) == 3
    assert find_losses(before, folder, score) == []
    assert (score.rows_lost, count_leftovers(folder, score)) == (0, [])


def test_a_lost_segment_counts_its_rows(folder: Path) -> None:
    score, before = Score(), take_stock(folder)
    shutil.rmtree(folder / "outreach-data" / "archive")
    assert len(find_losses(before, folder, score)) == 1
    assert score.rows_lost == 3


def test_a_changed_run_and_a_missing_one_are_found(folder: Path) -> None:
    score, before = Score(), take_stock(folder)
    assert check_run(folder) == ["latest has another map.html than its manifest says"]
    (folder / "outreach-data" / "runs" / "2020-a-run" / "manifest.json").write_text("{")
    assert "manifest.json is gone or changed" in find_losses(before, folder, score)[0]
    assert check_run(folder) == ["latest is no whole run: JSONDecodeError"]


def test_a_leftover_is_found(folder: Path) -> None:
    score = Score()
    (folder / "outreach-data" / "runs" / ".building-x-abcdefgh").mkdir()
    assert "left behind" in count_leftovers(folder, score)[0]
    assert score.leftovers == 1


@pytest.mark.parametrize(
    ("code", "err", "words"),
    [
        (1, "Traceback (most recent call last):\n", "a stack trace"),
        (1, "Error: one.\nError: two.\n", "not one sentence"),
        (1, "", "not one sentence"),
        (-9, "", "exit code -9"),
    ],
)
def test_a_wrong_end_is_found(code: int, err: str, words: str) -> None:
    score = Score()
    faults = check_end(Finished(code, "", err, 1.0), {0, 1}, score)
    assert any(words in fault for fault in faults)
    assert score.tracebacks == ("Traceback" in err)
    assert check_end(Finished(1, "", "Error: one.\n", 1.0), {0, 1}, score) == []


@pytest.mark.slow
def test_a_short_round_is_survived(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    chosen = ["--command", "approve", "--command", "pull", "--fault", "SIGTERM"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.drills.rounds", "--json", str(figures)),
            *("--moments", "3", "--fault", "kill -9", "--fault", "two at once", *chosen),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    cells = json.loads(figures.read_text())
    assert set(cells) == {"kill -9", "SIGTERM", "two at once"}
    for fault, row in cells.items():
        assert set(row) == {"approve", "pull"}
        for score in row.values():
            assert score["tried"] == score["survived"] == (1 if fault == "two at once" else 3)
            assert score["rows_lost"] == score["leftovers"] == score["tracebacks"] == 0


def test_the_table_has_every_command_and_fault_and_the_drills_wrote_it() -> None:
    heading, *rows = read_table()
    names = [command.name for command in COMMANDS]
    assert heading == ["fault", *names, "rows lost", "leftovers", "tracebacks"]
    assert [row[0] for row in rows] == list(FAULTS)
    for row in rows:
        for cell in row[1 : 1 + len(names)]:
            if cell != NOT_TRIED:
                survived, tried = re.fullmatch(r"(\d+) of (\d+)", cell).groups()  # type: ignore[union-attr]
                assert survived == tried, row
        assert row[-3] == row[-1] == "0", row
        # A signal can come between the making of a hidden file and the note of its name.
        assert int(row[-2]) <= (1 if row[0] == "SIGTERM" else 0), row
    text = DOCUMENT.read_text(encoding="utf-8")
    note = re.search(
        r"Rounds of `make drills` added up on \S+: first seed \d+, ([\d,]+) tries", text
    )
    assert note is not None
    cells = [cell for row in rows for cell in row[1 : 1 + len(names)] if cell != NOT_TRIED]
    total = sum(int(cell.split(" of ")[1]) for cell in cells)
    assert int(note.group(1).replace(",", "")) == total > 0
    for fault in FAULTS:
        assert fault in text.split("## How each fault is made")[1]


def test_the_table_of_the_service_has_every_process_and_nothing_was_lost() -> None:
    heading, *rows = read_service_table()
    assert heading == ["killed", "survived", "rows lost", "leftovers"]
    assert [row[0] for row in rows] == list(TARGETS)
    for row in rows:
        survived, tried = row[1].split(" of ")
        assert int(survived) == int(tried) > 0, row
        assert row[2:] == ["0", "0"], row


def test_half_a_run_in_the_bucket_is_found() -> None:
    manifest = json.dumps({"outputs": [{"path": "map.html"}]}).encode()
    objects = {"runs/a/manifest.json": manifest, "runs/a/map.html": b"map", "latest-run": b"a"}
    assert check_bucket(objects, objects.__getitem__) == []
    del objects["runs/a/map.html"]
    assert check_bucket(objects, objects.__getitem__) == [
        "the bucket has half a run: runs/a/map.html is not there"
    ]
    objects["latest-run"] = b"b"
    assert "latest run is b, which is not there" in check_bucket(objects, objects.__getitem__)[1]


def test_a_killed_object_store_has_what_it_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with serve_object_store() as store:
        bucket = open_bucket(store.make_bucket(), store.endpoint)
        assert bucket.create("a/b", b"\x00\xff")
        assert bucket.swap("latest-run", "one", "")
        version = bucket.read_pointer("latest-run")[1]
        store.kill()
        store.start()
        assert bucket.read("a/b") == b"\x00\xff"
        assert not bucket.create("a/b", b"2")
        assert bucket.swap("latest-run", "two", version)
        assert not bucket.swap("latest-run", "three", version)


def test_a_lost_approval_is_found(folder: Path) -> None:
    """The portal's answers are planted; the files are real."""
    answers = {"/runs": [{"id": "a", "approved_by": "Ana"}, {"id": "b", "approved_by": None}]}
    acts = "at,who,role,act,what\n1,Ana,planner,approves,a\n1,Ana,planner,approves,b\n"
    approvals = folder / "outreach-data" / "runs" / "approvals"
    approvals.mkdir()
    (approvals / "a.json").write_text("{}")
    approved = {"a": "Ana", "b": "Ana"}
    faults = check_approvals(answers["/runs"], acts, approvals, approved)
    assert [fault.split()[3] for fault in faults] == ["b"]
    (approvals / "a.json").unlink()
    assert len(check_approvals(answers["/runs"], acts, approvals, approved)) == 2
    (approvals / "a.json").write_text("{}")
    assert len(check_approvals(answers["/runs"], "", approvals, {"a": "Ana"})) == 1
    assert len(check_approvals(answers["/runs"], acts * 2, approvals, {"a": "Ana"})) == 1


def test_figures_of_several_rounds_add_up(tmp_path: Path) -> None:
    one, other = (Score(tried=3, survived=tries, faults=["why"]) for tries in (3, 2))
    file = tmp_path / "figures.json"
    add_figures({"kill -9": {"run": one}}, file)
    sums = add_figures({"kill -9": {"run": other}, "SIGTERM": {"run": Score(tried=1)}}, file)
    assert sums["kill -9"]["run"] == Score(tried=6, survived=5, faults=["why", "why"])
    assert sums["SIGTERM"]["run"].tried == 1


def test_a_cell_that_was_not_drilled_says_so() -> None:
    score = Score(tried=30, survived=29, rows_lost=2, leftovers=1, tracebacks=1)
    table = write_table({"kill -9": {"run": score}}, seed=7)
    row = next(line for line in table.splitlines() if line.startswith("| kill -9"))
    assert row.startswith("| kill -9 | not tried | 29 of 30 | not tried |")
    assert row.endswith("| 2 | 1 | 1 |")
    assert "seed 7, 30 tries" in table
