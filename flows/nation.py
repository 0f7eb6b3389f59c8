"""List every county of the archive, state by state, on one machine or on a Dask cluster.

Rates go to the workers and lists come back over their own connection, so workers share no folder.
A state that was listed before from the same rates is not listed again; so a job that was stopped
goes on where it was. Layout::

    nation.json  nation.csv  states.csv  counties.csv  columns.csv  lists/17031.csv ...
    tracts/17.parquet ...
"""

import datetime as dt
import hashlib
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from prefect import flow, task
from prefect.futures import PrefectFuture
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from flows.engine.progress import Steps
from flows.engine.tasks import FRESH
from flows.steps.folders import build_folder
from flows.steps.kept.fingerprint import hash_content
from flows.steps.kept.results import KeptResults, Kind
from flows.steps.nation.lists import StateLists, list_state
from flows.steps.nation.parts import (
    pack_lists,
    pack_rates,
    unpack_lists,
    unpack_rates,
)
from flows.steps.nation.tables import write_roll_ups, write_state
from flows.steps.sources.season_choice import choose_season
from models.curves.season_model import SeasonModel
from outreach import __version__
from outreach.archive import Archive
from outreach.errors import NothingThere, SettingsError, StoreError
from outreach.settings import read_settings
from outreach.tables import ResponseRates, as_table

#: The record of a job. A folder with one may be replaced.
RECORD = "nation.json"
#: What earlier jobs listed: at most five days of a whole nation.
_LISTS = Kind("lists of a state", most=260)
#: States that a cluster holds at once; about 2 MB each.
_CLUSTER_WINDOW = 64
_OURS = re.compile(r"(nation|states|counties|columns)\.csv|lists/\d{5}\.csv|tracts/\d\d\.parquet")


@dataclass(frozen=True)
class NationSummary:
    """What was listed: folder, counts, days, and how many states earlier jobs had listed."""

    folder: Path
    first_date: dt.date
    last_date: dt.date
    states: int
    counties: int
    tracts: int
    listed: int
    reused: int
    notes: tuple[str, ...]


@task(name="list a state", task_run_name="lists of state {state}", **FRESH)
def list_one(
    state: str,  # noqa: ARG001  names the task run
    rates: bytes,
    season_model: SeasonModel,
    list_share: float,
    deadline: dt.date | None,
) -> bytes:
    """List one state on any worker: packed rates in, packed lists out."""
    table = as_table(unpack_rates(rates), ResponseRates)
    lists = list_state(table, season_model, list_share=list_share, deadline=deadline)
    return pack_lists(lists)


def list_nation(
    folder: Path,
    *,
    census_year: int = 2020,
    states: Sequence[str] = (),
    through: dt.date | None = None,
    list_share: float = 0.2,
    deadline: dt.date | None = None,
    workers: int = 1,
    cluster: str = "",
) -> NationSummary:
    """List the tracts of every archived county, and sum them up by county, state, and nation.

    Parameters
    ----------
    folder
        Where to write; replaced as a whole, but only if it is empty or of an earlier job.
    census_year
        The season's year.
    states
        Two-digit codes; by default all in the archive.
    through
        The day to list for; each state's last data date up to it counts. By default the last one
        of the season of self-response.
    list_share
        Share of each county's tracts that its list has (0-1).
    deadline
        The day the forecast is for; by default the end of the archived season.
    workers
        Processes of this machine that list states side by side.
    cluster
        Address of a Dask scheduler, such as ``tcp://10.0.0.4:8786``, whose workers list the states.

    Returns
    -------
    NationSummary
        The same files come from any number of workers and from a cluster.

    Raises
    ------
    NothingThere
        The archive has no rates of the season, or none of a requested state.
    StoreError
        The folder has other content, or cannot be written.
    SettingsError
        No scheduler answers at the address, or Dask is not installed.
    """
    job = _list_states.with_options(task_runner=_choose_runner(workers, cluster))
    window = _CLUSTER_WINDOW if cluster else 2 * workers
    return job(folder, census_year, tuple(states), through, list_share, deadline, window)


@flow(name="nation", flow_run_name="nation {census_year}", validate_parameters=False)
def _list_states(
    folder: Path,
    census_year: int,
    states: tuple[str, ...],
    through: dt.date | None,
    list_share: float,
    deadline: dt.date | None,
    window: int,
) -> NationSummary:
    """Read, list, and write one state after the other; see :func:`list_nation`."""
    settings, steps = read_settings(), Steps()
    _check_folder(folder)
    archive = Archive(settings.archive_folder, census_year)
    season_model, season_notes = choose_season(settings.home, census_year)
    through = through or season_model.move(census_year).final
    chosen = _choose_states(archive, states, through)
    request = hash_content(season_model, list_share, deadline)

    listed: list[StateLists] = []
    with build_folder(folder.absolute(), _is_ours) as building:
        with steps.step("List the counties of every state"):
            submitted = _Submitted(KeptResults(settings.home), request, window)
            packed = (
                (state, pack_rates(archive.read([state], through=through))) for state in chosen
            )
            for content in submitted.run(packed, season_model, list_share, deadline):
                lists = unpack_lists(content)
                if lists is None:
                    raise StoreError(
                        "The lists of a state came back damaged from a worker.",
                        "Run again; the states listed so far are kept.",
                    )
                write_state(building, lists)
                listed.append(lists)
        with steps.step("Sum up"):
            table = write_roll_ups(building, listed)
            notes = tuple(dict.fromkeys(season_notes))
            record = _describe(listed, list_share, through)
            (building / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    dates = [each.data_date for each in listed]
    return NationSummary(
        folder,
        min(dates),
        max(dates),
        states=len(listed),
        counties=int(table["counties_count"].sum()),
        tracts=int(table["tracts_count"].sum()),
        listed=int(table["listed_count"].sum()),
        reused=submitted.reused,
        notes=notes,
    )


@dataclass
class _Submitted:
    """Hands states to workers, so many at a time, and gives their lists back in order."""

    kept: KeptResults
    request: str
    window: int
    reused: int = 0

    def run(
        self,
        packed: Iterator[tuple[str, bytes]],
        season_model: SeasonModel,
        list_share: float,
        deadline: dt.date | None,
    ) -> Iterator[bytes]:
        """Yield the packed lists of each state, kept or computed."""
        waiting: deque[tuple[str, bytes | PrefectFuture[Any]]] = deque()
        for state, rates in packed:
            basis = f"{self.request} {hashlib.sha256(rates).hexdigest()}"
            kept: bytes | None = self.kept.find(_LISTS, basis)
            if kept is not None:
                self.reused += 1
                waiting.append((basis, kept))
            else:
                future = list_one.submit(state, rates, season_model, list_share, deadline)
                waiting.append((basis, future))
            while len(waiting) >= self.window:
                yield self._take(waiting)
        while waiting:
            yield self._take(waiting)

    def _take(self, waiting: "deque[tuple[str, bytes | PrefectFuture[Any]]]") -> bytes:
        basis, content = waiting.popleft()
        if isinstance(content, bytes):
            return content
        listed: bytes = content.result()
        self.kept.keep(_LISTS, basis, listed)
        return listed


def _choose_runner(workers: int, cluster: str) -> "TaskRunner[PrefectFuture[Any]]":
    """Return what runs the tasks: threads for one worker, processes for more, or a cluster."""
    if cluster:
        return _connect(cluster)
    if workers > 1:
        return cast("TaskRunner[PrefectFuture[Any]]", ProcessPoolTaskRunner(max_workers=workers))
    return cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=1))


def _connect(address: str) -> "TaskRunner[PrefectFuture[Any]]":
    """Return a runner on a Dask cluster that answers.

    Raises
    ------
    SettingsError
        No scheduler answers there, or Dask is not installed.
    """
    try:
        from distributed import Client  # noqa: PLC0415  an extra
        from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415  an extra
    except ImportError as error:
        raise SettingsError(
            "A cluster needs Dask, which is not installed.",
            "Install this package with its extra 'cluster'.",
        ) from error
    try:
        with Client(address, timeout="5s") as client:  # type: ignore[no-untyped-call] # Dask's
            count = len(client.scheduler_info()["workers"])
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"No Dask scheduler answers at {address}.",
            "Start one with 'dask scheduler' and 'dask worker', or leave out --cluster.",
        ) from error
    if not count:
        raise SettingsError(
            f"The Dask scheduler at {address} has no workers.", "Start some with 'dask worker'."
        )
    return cast("TaskRunner[PrefectFuture[Any]]", DaskTaskRunner(address=address))


def _choose_states(archive: Archive, requested: Sequence[str], through: dt.date) -> list[str]:
    """Return the states to list, in the order of their codes."""
    archived = sorted({segment.state for segment in archive.find_segments(through=through)})
    if not archived:
        raise NothingThere(
            f"The archive has no rates up to {through}.",
            "Import some with 'outreach archive import' or 'outreach run'.",
        )
    for state in requested:
        if state not in archived:
            raise NothingThere(
                f"The archive has no rates of state {state} up to {through}.",
                f"It has rates of: {', '.join(archived)}.",
            )
    return sorted(set(requested)) or archived


def _check_folder(folder: Path) -> None:
    """Refuse to replace a folder that is not of an earlier job."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / RECORD).is_file():
        raise StoreError(
            f"{folder} has other content, and the lists replace their folder as a whole.",
            "Name an empty or new folder with --into.",
        )


def _is_ours(name: str) -> bool:
    """Return whether a file of the folder is one that a job writes."""
    return name == RECORD or bool(_OURS.fullmatch(name))


def _describe(listed: Sequence[StateLists], list_share: float, through: dt.date) -> dict[str, Any]:
    """Return the record of a job: what, from which days, how, and what to know about it."""
    notes: dict[str, list[str]] = {}
    for lists in listed:
        for note in lists.notes:
            notes.setdefault(note, []).append(lists.state)
    return {
        "made_by": f"census-outreach {__version__}",
        "through": through.isoformat(),
        "list_share": list_share,
        "order": "the lowest expected rate of a county first, without a forecast the lowest rate;"
        " so a run of a place without predictors orders its list",
        "data_dates": {lists.state: lists.data_date.isoformat() for lists in listed},
        "notes": notes,
    }
