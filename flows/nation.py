"""List every county of the archive, state by state, on one machine or on a Dask cluster.

Workers share no folder: rates and lists travel over their connection, or through a bucket.
A state that was listed before from the same rates is not listed again; so a job that was stopped
goes on where it was. Layout::

    nation.json  nation.csv  states.csv  counties.csv  columns.csv  lists/17031.csv ...
    tracts/17.parquet ...
"""

import datetime as dt
import json
import pickle
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import State

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
from flows.engine.runners import Crew, open_workers
from flows.steps.folders import build_folder
from flows.steps.kept.fingerprint import hash_content
from flows.steps.kept.results import KeptResults, Kind, hash_code, name_result
from flows.steps.nation.held import HeldCounty, HeldPredictors, pack_held
from flows.steps.nation.parcels import BucketPost, DirectPost, Post
from flows.steps.nation.parts import ListedState, unpack_listed
from flows.steps.nation.record import (
    NationSummary,
    describe_held,
    describe_hindsight,
    describe_job,
)
from flows.steps.nation.tables import write_roll_ups, write_state
from flows.steps.nation.work import ListRequest, list_parcel
from flows.steps.service.request import parse_day
from flows.steps.sources.season_choice import choose_season
from outreach.archive import Archive, CarriedState
from outreach.errors import NothingThere, SettingsError, StoreError
from outreach.settings import Settings, read_settings
from outreach.store import Store

#: The record of a job. A folder with one may be replaced.
RECORD = "nation.json"
#: What earlier jobs listed: at most five days of a whole nation.
_LISTS = Kind("lists of a state", most=260)
_PERCENT = 100
_ALONE = Crew()
_OURS = re.compile(r"(nation|states|counties|columns)\.csv|lists/\d{5}\.csv|tracts/\d\d\.parquet")


def list_nation(
    folder: Path,
    *,
    census_year: int = 2020,
    states: Sequence[str] = (),
    through: dt.date | None = None,
    list_share: float = 0.2,
    deadline: dt.date | None = None,
    crew: Crew = _ALONE,
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
    crew
        Who lists the states; by default this process.

    Returns
    -------
    NationSummary
        The same files come from any number of workers and from a cluster, either way.

    Raises
    ------
    NothingThere
        The archive has no rates of the season, or none of a requested state.
    StoreError
        The folder has other content, or cannot be written.
    SettingsError
        No scheduler answers at the address, its workers cannot work or are lost, Dask is not
        installed, or there is no shared bucket.
    StorageError
        The bucket cannot be used, here or by a worker.
    """
    return _list_states(folder, census_year, tuple(states), through, list_share, deadline, crew)


@flow(name="list-nation", flow_run_name="lists of every county")
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
            crew=Crew(workers),
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
    crew: Crew,
) -> NationSummary:
    """Hand out, list, and write the states; see :func:`list_nation`."""
    settings, steps = read_settings(), Steps()
    _check_folder(folder)
    archive = Archive(settings.archive_folder, census_year)
    season_model, season_notes = choose_season(settings.home, census_year)
    through = through or season_model.move(census_year).final
    chosen = _choose_states(archive, states, through)
    request = ListRequest(season_model, list_share, deadline)
    post = _open_post(settings) if crew.by_bucket else DirectPost()

    listed, held = list[ListedState](), dict[str, HeldCounty]()
    with build_folder(folder.absolute(), _is_ours) as building:
        with (
            steps.step("List the counties of every state"),
            open_workers(crew) as (executor, most),
        ):
            submitted = _Submitted(KeptResults(settings.home), post, request, executor, most)
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
            hindsight = describe_hindsight(season_model, census_year)
            notes = (*season_notes, *hindsight, *describe_held(held, len(table)))
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


@dataclass
class _Submitted:
    """Hands states to workers, so many at a time, and gives their lists back as they come.

    Parameters
    ----------
    kept
        Finds the lists of earlier jobs of this machine.
    post
        The way to the workers, where lists of other machines may lie.
    request
        What is made.
    executor, most
        The workers, and how many states they hold at once.
    """

    kept: KeptResults
    post: Post
    request: ListRequest
    executor: Executor
    most: int
    reused: int = 0
    _waiting: "dict[Future[bytes], tuple[list[object], str]]" = field(default_factory=dict)

    def run(self, gathered: Iterator[tuple[str, CarriedState, bytes]]) -> Iterator[bytes]:
        """Yield the packed lists of each state, kept or computed, in no order."""
        # As bytes, because what carries it would look at every figure of an open one.
        packed, request, code = pickle.dumps(self.request), hash_content(self.request), hash_code()
        for _, rates, held in gathered:
            basis: list[object] = [request, rates.basis, held]
            name = name_result(basis)
            listed: bytes | None = self.kept.find(_LISTS, basis) or self.post.find(name)
            if listed is not None:
                self.reused += 1
                yield listed
                continue
            parcel = self.post.send(name, rates, held)
            self._waiting[self.executor.submit(list_parcel, parcel, packed, code)] = basis, name
            while len(self._waiting) >= self.most:
                yield from self._take()
        while self._waiting:
            yield from self._take()

    def _take(self) -> Iterator[bytes]:
        """Wait for the next states, and yield their lists."""
        for future in wait(self._waiting, return_when=FIRST_COMPLETED).done:
            basis, name = self._waiting.pop(future)
            listed = self.post.receive(name, future.result())
            self.kept.keep(_LISTS, basis, listed)
            yield listed


def _open_post(settings: Settings) -> BucketPost:
    """Open the bucket that the team shares as the way to the workers.

    Raises
    ------
    SettingsError
        There is none.
    StorageError
        It cannot be used.
    """
    address, endpoint = settings.find_storage()
    if not address:
        raise SettingsError(
            "There is no shared storage for the workers.",
            "Set OUTREACH_STORAGE, such as s3://bucket/folder, or leave out --bucket.",
        )
    return BucketPost(address, endpoint)


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
