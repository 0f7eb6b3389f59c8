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
from typing import Any

from prefect import flow, task
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture

from flows.engine.outcome import report_outcome
from flows.engine.parameters import (
    ListPercent,
    Reason,
    Requester,
    StateCodes,
    ThroughDay,
    Workers,
)
from flows.engine.progress import Steps
from flows.engine.runners import choose_runner
from flows.engine.tasks import FRESH
from flows.steps.folders import build_folder
from flows.steps.kept.fingerprint import hash_content
from flows.steps.kept.results import KeptResults, Kind
from flows.steps.nation.held import (
    HeldCounty,
    HeldPredictors,
    pack_held,
    unpack_held,
)
from flows.steps.nation.lists import StateLists, list_state
from flows.steps.nation.parts import (
    pack_lists,
    pack_rates,
    unpack_lists,
    unpack_rates,
)
from flows.steps.nation.record import NationSummary, describe_held, describe_job
from flows.steps.nation.tables import write_roll_ups, write_state
from flows.steps.service.request import parse_day
from flows.steps.sources.season_choice import choose_season
from models.curves.season_model import SeasonModel
from outreach.archive import Archive
from outreach.errors import NothingThere, StoreError
from outreach.settings import read_settings
from outreach.store import Store
from outreach.tables import ResponseRates, as_table

#: The record of a job. A folder with one may be replaced.
RECORD = "nation.json"
#: What earlier jobs listed: at most five days of a whole nation.
_LISTS = Kind("lists of a state", most=260)
#: States that a cluster holds at once; about 2 MB each.
_CLUSTER_WINDOW = 64
_PERCENT = 100
_OURS = re.compile(r"(nation|states|counties|columns)\.csv|lists/\d{5}\.csv|tracts/\d\d\.parquet")


@dataclass(frozen=True)
class _Request:
    """What the lists of all states depend on beside what is held of each."""

    season_model: SeasonModel
    list_share: float
    deadline: dt.date | None


@task(name="list a state", task_run_name="lists of state {state}", **FRESH)
def list_one(
    state: str,  # noqa: ARG001  names the task run
    rates: bytes,
    held: bytes,
    request: "_Request",
) -> bytes:
    """List one state on any worker: packed rates and predictors in, packed lists out."""
    table = as_table(unpack_rates(rates), ResponseRates)
    lists = list_state(
        table,
        request.season_model,
        list_share=request.list_share,
        deadline=request.deadline,
        held=unpack_held(held),
    )
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
    job = _list_states.with_options(task_runner=choose_runner(workers, cluster))
    window = _CLUSTER_WINDOW if cluster else 2 * workers
    return job(folder, census_year, tuple(states), through, list_share, deadline, window)


@flow(name="list-nation", flow_run_name="lists of every county", task_runner=choose_runner(1, ""))
def list_kept_nation(
    states: StateCodes = "",
    through_day: ThroughDay = "",
    list_percent: ListPercent = 20.0,
    workers: Workers = 1,
    reason: Reason = "",
    requested_by: Requester = "",
) -> State[str]:
    """List every county of the service's archive, and sum up counties, states, and the nation.

    Returns
    -------
    State
        Says what was listed, from which days, and where the lists are.
    """
    del reason, requested_by  # Prefect keeps them with the flow run

    def work() -> str:
        summary = list_nation(
            read_settings().home / "nation",
            states=re.findall(r"\d{2}", states),
            through=parse_day(through_day),
            list_share=list_percent / _PERCENT,
            workers=workers,
        )
        return f"{summary.sentence}. {' '.join(summary.remarks)}"

    return report_outcome(work)


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
    request = _Request(season_model, list_share, deadline)

    listed, held = list[StateLists](), dict[str, HeldCounty]()
    with build_folder(folder.absolute(), _is_ours) as building:
        with steps.step("List the counties of every state"):
            submitted = _Submitted(KeptResults(settings.home), request, window)
            own = HeldPredictors(Store(settings.runs_folder), census_year)
            packed = _pack_states(archive, chosen, through, own, held)
            for content in submitted.run(packed):
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
            notes = (*dict.fromkeys(season_notes), *describe_held(held, len(table)))
            record = describe_job(listed, held, list_share, through)
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


def _pack_states(
    archive: Archive,
    states: Sequence[str],
    through: dt.date,
    predictors: HeldPredictors,
    held: dict[str, HeldCounty],
) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield each state with its packed rates and predictors; ``held`` gets what is held."""
    for state in states:
        rates = archive.read([state], through=through)
        now = rates.index[rates["data_date"] == rates["data_date"].max()]
        found = predictors.find(now)
        held |= found
        yield state, pack_rates(rates), pack_held(found)


@dataclass
class _Submitted:
    """Hands states to workers, so many at a time, and gives their lists back in order."""

    kept: KeptResults
    request: _Request
    window: int
    reused: int = 0

    def run(self, packed: Iterator[tuple[str, bytes, bytes]]) -> Iterator[bytes]:
        """Yield the packed lists of each state, kept or computed."""
        waiting: deque[tuple[list[str], bytes | PrefectFuture[Any]]] = deque()
        request = hash_content(self.request)
        for state, rates, held in packed:
            basis = [request, *(hashlib.sha256(part).hexdigest() for part in (rates, held))]
            kept: bytes | None = self.kept.find(_LISTS, basis)
            if kept is not None:
                self.reused += 1
                waiting.append((basis, kept))
            else:
                future = list_one.submit(state, rates, held, self.request)
                waiting.append((basis, future))
            while len(waiting) >= self.window:
                yield self._take(waiting)
        while waiting:
            yield self._take(waiting)

    def _take(self, waiting: "deque[tuple[list[str], bytes | PrefectFuture[Any]]]") -> bytes:
        basis, content = waiting.popleft()
        if isinstance(content, bytes):
            return content
        listed: bytes = content.result()
        self.kept.keep(_LISTS, basis, listed)
        return listed


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
