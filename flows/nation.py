"""List every county of the archive, state by state, on one machine or on a Dask cluster.

Rates go to the workers and lists come back over their own connection, so workers share no folder.
A state that was listed before from the same rates is not listed again; so a job that was stopped
goes on where it was. Layout::

    nation.json  nation.csv  states.csv  counties.csv  columns.csv  lists/17031.csv ...
    tracts/17.parquet ...
"""

import datetime as dt
import json
import pickle
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

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
from flows.steps.nation.lists import list_state
from flows.steps.nation.parts import ListedState, pack_listed, unpack_listed
from flows.steps.nation.record import NationSummary, describe_held, describe_job
from flows.steps.nation.tables import finish_state, write_roll_ups, write_state
from flows.steps.service.request import parse_day
from flows.steps.sources.season_choice import choose_season
from models.curves.season_model import SeasonModel
from outreach.archive import Archive, CarriedState
from outreach.errors import NothingThere, StoreError
from outreach.settings import read_settings
from outreach.store import Store

#: The record of a job. A folder with one may be replaced.
RECORD = "nation.json"
#: What earlier jobs listed: at most five days of a whole nation.
_LISTS = Kind("lists of a state", most=260)
#: Tasks that a cluster holds at once.
_CLUSTER_WINDOW = 64
#: Small states are listed together until they weigh as much, a second's work. A task of its own
#: takes Prefect and Dask a sixth of a second.
_TASK_BYTES = 4_000_000
#: What a state takes beside its tracts, as much as rates of so many bytes: a fifth of a second.
_STATE_BYTES = 800_000
_PERCENT = 100
_OURS = re.compile(r"(nation|states|counties|columns)\.csv|lists/\d{5}\.csv|tracts/\d\d\.parquet")


@dataclass(frozen=True)
class _Request:
    """What the lists of all states depend on beside what is held of each."""

    season_model: SeasonModel
    list_share: float
    deadline: dt.date | None


@task(name="list states", task_run_name="lists of {states}", **FRESH)
def list_some(
    states: str,  # noqa: ARG001  names the task run
    rates: Sequence[CarriedState],
    held: Sequence[bytes],
    packed_request: bytes,
) -> list[bytes]:
    """List states on any worker: their segments and predictors in, finished files out."""
    request: _Request = pickle.loads(packed_request)  # noqa: S301  as Dask loads this very call
    return [
        pack_listed(
            finish_state(
                list_state(
                    carried.read(),
                    request.season_model,
                    list_share=request.list_share,
                    deadline=request.deadline,
                    held=unpack_held(own),
                )
            )
        )
        for carried, own in zip(rates, held, strict=True)
    ]


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
    """Hand out, list, and write the states; see :func:`list_nation`."""
    settings, steps = read_settings(), Steps()
    _check_folder(folder)
    archive = Archive(settings.archive_folder, census_year)
    season_model, season_notes = choose_season(settings.home, census_year)
    through = through or season_model.move(census_year).final
    chosen = _choose_states(archive, states, through)
    request = _Request(season_model, list_share, deadline)

    listed, held = list[ListedState](), dict[str, HeldCounty]()
    with build_folder(folder.absolute(), _is_ours) as building:
        with steps.step("List the counties of every state"):
            submitted = _Submitted(KeptResults(settings.home), request, window)
            own = HeldPredictors(Store(settings.runs_folder), census_year)
            gathered = _gather_states(archive, chosen, through, own, held)
            for content in submitted.run(gathered):
                state = unpack_listed(content)
                if state is None:
                    raise StoreError(
                        "The lists of a state came back damaged from a worker.",
                        "Run again; the states listed so far are kept.",
                    )
                write_state(building, state)
                listed.append(state)
            listed.sort(key=lambda each: each.state)
            held = dict(sorted(held.items()))
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


def _gather_states(
    archive: Archive,
    states: Sequence[str],
    through: dt.date,
    predictors: HeldPredictors,
    held: dict[str, HeldCounty],
) -> Iterator[tuple[str, CarriedState, bytes]]:
    """Yield each state with its rates and packed predictors; ``held`` gets what is held."""
    for state in states:
        carried = archive.carry(state, through)
        found: dict[str, HeldCounty] = {}
        if predictors.covers(state):
            rates = carried.read()
            found = predictors.find(rates.index[rates["data_date"] == rates["data_date"].max()])
            held |= found
        yield state, carried, pack_held(found)


class _Batch(NamedTuple):
    """States that one task lists: what their lists are kept by, and the future of them all."""

    keys: Sequence[Sequence[object]]
    future: PrefectFuture[list[bytes]]


@dataclass
class _Submitted:
    """Hands states to workers, so many tasks at a time, and gives their lists back."""

    kept: KeptResults
    request: _Request
    window: int
    reused: int = 0

    def run(self, gathered: Iterator[tuple[str, CarriedState, bytes]]) -> Iterator[bytes]:
        """Yield the packed lists of each state, kept or computed; kept ones may come first."""
        # As bytes, because Prefect and Dask look at every figure of an open one for each task.
        packed = pickle.dumps(self.request)
        request = hash_content(self.request)
        waiting, small = deque[_Batch](), list[tuple[str, CarriedState, bytes]]()
        for state, rates, held in gathered:
            kept: bytes | None = self.kept.find(_LISTS, [request, rates.basis, held])
            if kept is not None:
                self.reused += 1
                yield kept
                continue
            small.append((state, rates, held))
            if sum(_STATE_BYTES + each.size for _, each, _ in small) >= _TASK_BYTES:
                waiting.append(self._submit(small, request, packed))
                small = []
            while len(waiting) >= self.window:
                yield from self._take(waiting)
        if small:
            waiting.append(self._submit(small, request, packed))
        while waiting:
            yield from self._take(waiting)

    def _submit(
        self, states: Sequence[tuple[str, CarriedState, bytes]], request: str, packed: bytes
    ) -> _Batch:
        names, rates, held = zip(*states, strict=True)
        keys = [[request, carried.basis, own] for _, carried, own in states]
        return _Batch(keys, list_some.submit(", ".join(names), rates, held, packed))

    def _take(self, waiting: deque[_Batch]) -> Iterator[bytes]:
        batch = waiting.popleft()
        for key, listed in zip(batch.keys, batch.future.result(), strict=True):
            self.kept.keep(_LISTS, key, listed)
            yield listed


def _choose_states(archive: Archive, requested: Sequence[str], through: dt.date) -> list[str]:
    """Return the states to list, the heaviest first, so that the last workers end together."""
    sizes = archive.weigh_states(through)
    archived = sorted(sizes)
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
    chosen = sorted(set(requested)) or archived
    return sorted(chosen, key=lambda state: -sizes[state])


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
