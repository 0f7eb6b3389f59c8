"""Compare what two versions of the service make of the same input.

Run it once with each version's Python, then compare the two files::

    python tests/benchmarks/same_output.py take before.json --data ../shared/data
    python tests/benchmarks/same_output.py compare before.json after.json --renamed old=new

``take`` runs the invented county and, with ``--data``, Cook County of May 28, 2020 as ZIPs with a
holdout. Every table, list, CSV and JSON of the two runs is kept as one digest per column. Columns
of sentences are compared by the figures in them, because wording may change. Run names and the
day of the run are masked.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

PLATFORMS = '["csv", "excel", "geojson", "google", "meta", "microsoft", "dv360", "tiktok", "zips"]'
RUN_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[a-z0-9_-]+")
MOMENT = re.compile(r"20[23]\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(\+00:00|Z)?")
#: A plan's digest, whole or its beginning: it follows the moment at which the plan was made.
DIGEST = re.compile(r"\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,64}\b")
#: Keys whose values change from run to run, or hold the software's own versions.
VOLATILE = {"id", "made_at", "created_at", "digest", "versions", "timings_seconds", "sha256"}

Digests = dict[str, dict[str, dict[str, str]]]


def main() -> int:
    """Take or compare, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    take = commands.add_parser("take", help="run both campaigns and keep their digests")
    take.add_argument("into", type=Path)
    take.add_argument("--data", type=Path, help="folder of the real 2020 data")
    compare = commands.add_parser("compare", help="print what differs")
    compare.add_argument("before", type=Path)
    compare.add_argument("after", type=Path)
    compare.add_argument("--renamed", nargs="*", default=[], metavar="OLD=NEW")
    request = parser.parse_args()

    if request.command == "take":
        request.into.write_text(json.dumps(take_digests(request.data), indent=1))
        return 0

    before, after = (json.loads(path.read_text()) for path in (request.before, request.after))
    renamed = dict(pair.split("=", 1) for pair in request.renamed)
    differences = list(list_differences(before, after, renamed))
    columns = sum(len(file) for run in before.values() for file in run.values())
    print(*differences, f"{columns} columns before, {len(differences)} differences", sep="\n")
    return 1 if differences else 0


def take_digests(data: Path | None) -> Digests:
    """Run the campaigns and digest every file of their runs.

    Parameters
    ----------
    data
        Folder of the real 2020 data; without it only the invented county is run.

    Returns
    -------
    dict
        Campaign to file to column to digest.
    """
    with tempfile.TemporaryDirectory() as folder:
        digests = {"invented": digest_run(run_demo(Path(folder) / "invented", []))}
        if data is not None:
            campaign = write_cook_campaign(Path(folder), data.resolve())
            options = ["--data", str(data), "--today", "2020-05-28", "--campaign", str(campaign)]
            digests["cook"] = digest_run(run_demo(Path(folder) / "cook", options))
    return digests


def write_cook_campaign(folder: Path, data: Path) -> Path:
    """Write Cook County's example with ZIPs, a holdout, channels and every platform."""
    path = folder / "cook.toml"
    outreach("init", str(path), "--example", "cook_2020")
    zips = data / "boundaries" / "chicago_zips.parquet"
    text = path.read_text().replace('platforms = ["csv"]', f"platforms = {PLATFORMS}")
    text += f'\n[units]\nkind = "zips"\nzips = "{zips}"\n'
    text += "\n[holdout]\npercent = 20.0\n\n[flight]\nstart = 2020-06-08\nend = 2020-07-19\n"
    path.write_text(text)
    return path


def run_demo(home: Path, options: list[str]) -> Path:
    """Run ``outreach demo`` in a home of its own and return the run's folder."""
    outreach("demo", *options, home=home)
    return (home / "demo" / "runs" / "latest").resolve()


def outreach(*arguments: str, home: Path | None = None) -> None:
    """Run the ``outreach`` that lies beside this Python, and stop where it fails."""
    command = [str(Path(sys.executable).with_name("outreach")), *arguments]
    env = {**os.environ, "OUTREACH_HOME": str(home)} if home else dict(os.environ)
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(
            f"{' '.join(command)} ended with {result.returncode}:\n{result.stdout}{result.stderr}"
        )


def digest_run(run: Path) -> dict[str, dict[str, str]]:
    """Digest every table, CSV, JSON and plain list below a run's folder."""
    digests = {}
    for path in sorted(run.rglob("*")):
        name = RUN_NAME.sub("RUN", str(path.relative_to(run)))
        if path.suffix == ".parquet":
            digests[name] = digest_columns(read_parquet(path))
        elif path.suffix == ".csv":
            digests[name] = digest_columns(read_csv(path))
        elif path.suffix in {".json", ".geojson"} and path.name != "manifest.json":
            digests[name] = digest_columns(flatten_json(json.loads(path.read_text("utf-8-sig"))))
        elif path.suffix == ".txt" and "README" not in name and "checklist" not in name:
            digests[name] = digest_columns(pd.DataFrame({"lines": path.read_text().splitlines()}))
    return digests


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a table with its index as a column and geometry as WKB."""
    try:
        table = pd.DataFrame(gpd.read_parquet(path).to_wkb())
    except ValueError:
        table = pd.read_parquet(path)
    return table.reset_index()


def read_csv(path: Path) -> pd.DataFrame:
    """Read a CSV as text, whatever its encoding and separator."""
    content = path.read_bytes()
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    text = content.decode(encoding)
    separator = "\t" if text.partition("\n")[0].count("\t") else ","
    rows = [line.split(separator) for line in text.splitlines()] if '"' not in text else None
    if rows and len({len(row) for row in rows}) > 1:
        return pd.DataFrame({"lines": text.splitlines()})
    return pd.read_csv(path, dtype=str, encoding=encoding, sep=separator, keep_default_na=False)


def flatten_json(content: Any) -> pd.DataFrame:
    """Lay a JSON document out as one column for each key, list positions left out."""
    columns: dict[str, list[str]] = {}

    def walk(value: Any, key: str) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name not in VOLATILE:
                    walk(inner, name)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, key)
        else:
            columns.setdefault(key, []).append(str(value))

    walk(content, "document")
    return pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})


def digest_columns(table: pd.DataFrame) -> dict[str, str]:
    """Digest each column; a column of sentences by the figures in it, in any order."""
    digests = {}
    for name in table.columns:
        cells = [mask(str(value)) for value in table[name]]
        if any(len(cell.split()) > 3 for cell in cells):
            cells = [str(sorted(Counter(list_figures(cell)).items())) for cell in cells]
        digests[str(name)] = hashlib.sha256("\n".join(cells).encode()).hexdigest()[:16]
    return digests


def list_figures(sentence: str) -> list[str]:
    """List the numbers in a sentence, without those of ordinals and of spelled-out months."""
    return re.findall(r"\d+(?:[.,]\d+)*", sentence)


def mask(cell: str) -> str:
    """Replace what differs from run to run."""
    return DIGEST.sub("DIGEST", MOMENT.sub("MOMENT", RUN_NAME.sub("RUN", cell)))


def list_differences(before: Digests, after: Digests, renamed: dict[str, str]) -> Iterator[str]:
    """Say which files and columns differ, came or went."""
    for campaign, files in before.items():
        for name, columns in files.items():
            file = renamed.get(name, name)
            others = after.get(campaign, {}).get(file)
            if others is None:
                yield f"{campaign}: {file} is gone"
                continue
            expected = {
                renamed.get(f"{name}/{column}", renamed.get(column, column)): digest
                for column, digest in columns.items()
            }
            for column in sorted({*expected, *others}):
                if expected.get(column) != others.get(column):
                    both = column in expected and column in others
                    yield f"{campaign}: {file}: {column} {'differs' if both else 'came or went'}"
        known = {renamed.get(name, name) for name in files}
        for file in sorted({*after.get(campaign, {})} - known):
            yield f"{campaign}: {file} is new"


if __name__ == "__main__":
    sys.exit(main())
