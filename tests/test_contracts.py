"""Plant forbidden imports in a copy of the tree and see lint-imports refuse each one."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("outreach", "geo", "models", "flows", "maps")
DOORS = {"outreach.cli", "outreach.portal"}
CRAFTS = {
    "geo",
    "models",
    "maps",
    "outreach.archive",
    "outreach.census",
    "outreach.delivery",
    "outreach.exporters",
    "outreach.reports",
    "outreach.sandbox",
    "outreach.storage",
    "outreach.store",
}

#: The one place from which each library may be imported; anywhere else it is refused.
LIBRARIES = {
    "argon2": {"outreach.portal"},
    "authlib": {"outreach.portal.access.open_id"},
    "branca": {"maps"},
    "census": {"outreach.census.client"},
    "click": {"outreach.cli"},
    "dask": set[str](),
    "distributed": set[str](),
    "fastapi": {"outreach.portal"},
    "folium": {"maps"},
    "highspy": {"geo"},
    "httpx": set[str](),
    "httpx2": {"outreach.portal.access.open_id"},
    "itsdangerous": set[str](),
    "jinja2": {"maps", "outreach.portal", "outreach.reports"},
    "joserfc": {"outreach.portal.access.open_id"},
    "keyring": {"outreach.settings"},
    "matplotlib": {"maps"},
    "obstore": {"outreach.storage.bucket"},
    "pandera": {"outreach.tables"},
    "prefect": {"flows.engine"},
    "prefect_dask": set[str](),
    "prometheus_client": {"outreach.portal"},
    "psycopg": {"outreach.store.database"},
    "requests": {"outreach.transport"},
    "rich": {"outreach.cli"},
    "sklearn": {"models"},
    "starlette": {"outreach.portal"},
    "smtplib": {"outreach.reports.mail.smtp"},
    "topojson": {"maps"},
    "uvicorn": {"flows.engine.serving.server", "outreach.portal"},
    "urllib3": {"outreach.transport"},
    "werkzeug": {"outreach.sandbox.server"},
}


def list_rooms(tree: Path) -> list[str]:
    """Name every part that has a ring: the parts of ``outreach``, and the other packages."""
    parts = [
        f"outreach.{path.stem}"
        for path in (tree / "outreach").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    ]
    rooms = [*sorted(parts), "geo", "models", "maps", "flows.steps", "flows.engine"]
    return [room for room in rooms if room != "outreach.__init__"]


def find_ring(room: str) -> int:
    if room in DOORS:
        return 3
    if room.startswith("flows"):
        return 2
    return 1 if room in CRAFTS else 0


def list_forbidden(room: str, rooms: list[str]) -> set[str]:
    """Name all that a room may not import: the rings above, its siblings, the others' libraries."""
    ring = find_ring(room)
    above = {
        other.split(".")[0] if other.startswith("flows") else other
        for other in rooms
        if find_ring(other) > ring or (ring == find_ring(other) == 1 and other != room)
    }
    return above | {name for name, allowed in LIBRARIES.items() if room not in allowed}


def plant(tree: Path, room: str, names: set[str]) -> None:
    """Add a module of forbidden imports to a room; a room of one file becomes a folder first."""
    folder = tree.joinpath(*room.split("."))
    if not folder.is_dir():
        folder.mkdir()
        folder.with_suffix(".py").rename(folder / "__init__.py")
    lines = [f"import {name}\n" for name in sorted(names)]
    (folder / "planted.py").write_text("".join(lines), encoding="utf-8")


def lint(tree: Path) -> str:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the packages and their contracts."""
    folder = tmp_path_factory.mktemp("contracts")
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_forbidden_import_is_refused_in_every_room(tree: Path) -> None:
    rooms = list_rooms(tree)
    forbidden = {room: list_forbidden(room, rooms) for room in rooms}
    for room, names in forbidden.items():
        plant(tree, room, names)
    report = lint(tree)
    found = set(re.findall(r"([\w.]+)\.planted -> ([\w.]+)", report))
    planted = {(room, name) for room, names in forbidden.items() for name in names}
    assert len(planted) > 400
    assert planted - found == set(), report[:2000]
