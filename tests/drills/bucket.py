"""Judge what a killed service and a killed object store left in the team's bucket."""

import json
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from tests.drills.judge import take_stock
from tests.drills.served import DrilledService

_LATEST = "latest-run"


def check_bucket(names: Collection[str], read: Callable[[str], bytes]) -> list[str]:
    """Return which runs of a bucket are seen but not whole, and whether ``latest`` is one.

    Parameters
    ----------
    names
        Of all objects.
    read
        Returns an object's content.
    """
    faults = []
    for name in names:
        folder, _, last = name.rpartition("/")
        if last == "manifest.json":
            outputs = {f"{folder}/{each['path']}" for each in json.loads(read(name))["outputs"]}
            lost = sorted(outputs - set(names))
            faults += [f"the bucket has half a run: {lost[0]} is not there"] if lost else []
    if _LATEST in names:
        latest = read(_LATEST).decode()
        if f"runs/{latest}/manifest.json" not in names:
            faults.append(f"the bucket's latest run is {latest}, which is not there")
    return faults


def check_other_machine(service: DrilledService) -> list[str]:
    """Pull all of the bucket into a new folder, and return what it lacks of the service's."""
    with tempfile.TemporaryDirectory(prefix="other-machine-") as name:
        folder = Path(name)
        code, text = service.run_command(folder, "storage", "pull")
        here, there = take_stock(service.folder), take_stock(folder)
    faults = [] if code == 0 else [f"another machine cannot pull: {text.strip()}"]
    return faults + [
        f"another machine has no such {path}"
        for path, content in here.items()
        if there.get(path) != content
    ]
