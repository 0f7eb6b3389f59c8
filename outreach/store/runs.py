"""Begin, find, read, and approve runs.

A run is a folder of tables, map, exports, and reports, with a manifest that says where every number
came from. It is built under a hidden name and renamed when it is complete, and only then does
``latest`` point to it. A crash at any moment leaves the last good run as it was. Layout::

    runs/2020-10-16T14-05-09-chicago-2020-3f9a/   manifest.json  tables/  map.html  exports/
    runs/latest -> 2020-10-16T14-05-09-chicago-2020-3f9a
    runs/.building-.../                           a run in progress: locked; or left when killed
    runs/approvals/<run>.json                     who approved the run's list, and when
    runs/withdrawals/<run>.json                   who withdrew it again, and why
"""

import contextlib
import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd

from outreach.errors import StoreError
from outreach.files import open_workspace, sweep_workspaces
from outreach.store.approvals import Approvals
from outreach.store.folder import RunFolder, explain_failure, explain_reading
from outreach.store.manifest import Approval, Run, Withdrawal, read_manifest

_TARGETS = "tables/targets.parquet"
#: The folder of a demo's archive and runs, inside the home of the real ones.
DEMO = "demo"


class Store:
    """The folder of all runs.

    Parameters
    ----------
    folder
        The first run creates it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.approvals = Approvals(folder)

    @contextlib.contextmanager
    def begin(self, slug: str) -> Iterator[RunFolder]:
        """Open a new run. If it is not finished when the block ends, it is removed.

        Parameters
        ----------
        slug
            The campaign's name as a folder name.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        stamp = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H-%M-%S")
        with contextlib.ExitStack() as stack:
            with explain_failure(self.folder):
                sweep_workspaces(self.folder)
                self.approvals.sweep()
                opened = open_workspace(self.folder, f"{stamp}-{slug}")
                workspace = stack.enter_context(opened)
            yield RunFolder(workspace, self.folder / workspace.name)

    def survey(self) -> tuple[list[Run], dict[str, StoreError]]:
        """Read every complete run, also where another one is damaged.

        Returns
        -------
        runs : list of Run
            Newest first.
        damaged : dict
            The folder's name of each damaged run, and what is wrong with it.
        """
        runs, damaged = [], {}
        for path in sorted(self.folder.glob("[!.]*/manifest.json"), reverse=True):
            if path.parent.is_symlink():
                continue
            try:
                runs.append(read_manifest(path))
            except StoreError as error:
                damaged[path.parent.name] = error
        return runs, damaged

    def runs(self, slug: str = "") -> list[Run]:
        """Read every complete run, newest first.

        Parameters
        ----------
        slug
            Read the runs of one campaign only; damage to a run of another one is then no matter.

        Raises
        ------
        StoreError
            A run, or one that may be of that campaign, is damaged.
        """
        runs, damaged = self.survey()
        for name, error in damaged.items():
            if slug in name:
                raise error
        return [run for run in runs if slug in ("", run.campaign.slug)]

    def find(self, name: str = "latest") -> tuple[Run, Path]:
        """Return a run and its folder.

        Parameters
        ----------
        name
            The run's ID, an unambiguous beginning or end of it, ``latest`` for the run made last,
            or ``latest:<campaign>`` for a campaign's run with the newest data, made last.

        Raises
        ------
        StoreError
            There is no such run, or more than one.
        """
        folders = self._match_folders(name)
        if len(folders) == 1:
            return read_manifest(folders[0] / "manifest.json"), folders[0].resolve()
        if folders:
            raise StoreError(
                f"'{name}' names {len(folders)} runs.",
                "Give more of the name; 'outreach runs' lists them.",
            )
        raise StoreError(
            f"There is no run '{name}' in {self.folder}.",
            self.point_to_demo(name)
            or "'outreach runs' lists the runs; 'outreach run' starts one.",
        )

    def has(self, name: str) -> bool:
        """Return whether a run, or more than one, has a name as :meth:`find` takes it."""
        return bool(self._match_folders(name))

    def point_to_demo(self, name: str = "latest") -> str:
        """Say where a run is that a demo made; empty if no demo made one of this name."""
        home = self.folder.parent / DEMO
        if not Store(home / self.folder.name).has(name):
            return ""
        return f"The demo's runs stay apart from real ones: to use them, set OUTREACH_HOME={home}."

    def read_table(self, name: str, table: str) -> pd.DataFrame:
        """Read a table of a run, as a GeoDataFrame if the file has geometry.

        Raises
        ------
        StoreError
            The run or the table does not exist.
        """
        path = f"tables/{table}.parquet"
        if not self.has_output(name, path):
            raise StoreError(
                f"The run {self.find(name)[0].id} has no table '{table}'.",
                "Run the campaign again with this version.",
            )
        content = self.read_output(name, path)
        try:
            frame: pd.DataFrame = gpd.read_parquet(io.BytesIO(content))
        except ValueError:  # no geometry in it
            frame = pd.read_parquet(io.BytesIO(content))
        return frame

    def has_output(self, name: str, path: str) -> bool:
        """Return whether a run wrote a file, by its path in the run's folder."""
        return any(output.path == path for output in self.find(name)[0].outputs)

    def read_output(self, name: str, path: str) -> bytes:
        """Read a file of a run, and check it against the manifest.

        Parameters
        ----------
        name
            As :meth:`find` takes it.
        path
            The file's path in the run's folder, such as ``plan.json``.

        Raises
        ------
        StoreError
            The run wrote no such file, or it is gone, damaged, or was changed since.
        """
        run, folder = self.find(name)
        output = next((output for output in run.outputs if output.path == path), None)
        if output is None:
            raise StoreError(
                f"The run {run.id} has no file {path}.",
                "Run the campaign again with this version.",
            )
        with explain_reading(folder / path):
            content = (folder / path).read_bytes()
        if hashlib.sha256(content).hexdigest() != output.sha256:
            raise StoreError(
                f"{folder / path} is not the file that the run wrote: it was changed or damaged.",
                "Restore it from a backup, or run the campaign again.",
            )
        return content

    def approve(
        self, name: str, by: str, accepted_obstacle: str = "", reason: str = ""
    ) -> Approval:
        """Approve the list of a run for good: record who approved it and when.

        Parameters
        ----------
        name
            As :meth:`find` takes it.
        by
            Who approves it.
        accepted_obstacle
            Why the run's test cannot be read out, which the person accepts.
        reason
            Why, in the person's words.

        Raises
        ------
        StoreError
            The run is already approved or withdrawn, or its list was changed after it was written.
        """
        run, _ = self.find(name)
        digest = hashlib.sha256(self.read_output(run.id, _TARGETS)).hexdigest()
        return self.approvals.give(run.id, by, digest, accepted_obstacle, reason)

    def approval(self, name: str, *, or_withdrawn: bool = False) -> Approval | None:
        """Return the approval of a run; ``None`` for a draft and for a withdrawn list.

        Parameters
        ----------
        name
            As :meth:`find` takes it.
        or_withdrawn
            Whether an approval counts although it was withdrawn: its ads may have run until then.

        Raises
        ------
        StoreError
            The list is no longer the one that was approved.
        """
        run, _ = self.find(name)
        approval = self.approvals.read(run.id)
        if approval is None:
            return None
        if not or_withdrawn and self.approvals.read_withdrawal(run.id) is not None:
            return None
        listed = self.folder / run.id / _TARGETS
        with explain_reading(listed):
            digest = hashlib.sha256(listed.read_bytes()).hexdigest()
        if (approval.run_id, approval.targets_sha256) != (run.id, digest):
            raise StoreError(
                f"The list of {run.id} is not the one that {approval.by} approved.",
                "It was changed by hand. Run the campaign again and have the new list approved.",
            )
        return approval

    def withdrawal(self, name: str) -> Withdrawal | None:
        """Return who withdrew the list of a run, and why; ``None`` if nobody did."""
        return self.approvals.read_withdrawal(self.find(name)[0].id)

    def remove(self, run_id: str) -> None:
        """Remove a draft for good: it is there whole or not at all, also if we are stopped.

        Parameters
        ----------
        run_id
            The whole ID.

        Raises
        ------
        StoreError
            The run was ever approved, ``latest`` points to it, or it cannot be removed.
        """
        run, folder = self.find(run_id)
        is_latest = (self.folder / "latest").resolve() == folder
        if is_latest or self.approvals.read(run.id) is not None:
            why = "the latest run" if is_latest else "a list that was approved"
            raise StoreError(
                f"{run.id} is {why}, so it is not removed.", "Name another run, or leave it."
            )
        # What a killed process leaves of the workspace, the next run sweeps.
        with explain_failure(folder), open_workspace(self.folder, run.id) as workspace:
            folder.rename(workspace.content / "run")

    def _match_folders(self, name: str) -> list[Path]:
        """Return the folder with this name, or those whose names begin or end with it."""
        if name == "latest":
            latest = self.folder / "latest"
            return [latest] if latest.exists() else []
        if name.startswith("latest:"):
            runs = self.runs(name.removeprefix("latest:"))
            newest = max(runs, key=lambda run: (run.data_date, run.created_at), default=None)
            return [self.folder / newest.id] if newest else []
        folders = [
            path.parent
            for path in self.folder.glob("[!.]*/manifest.json")
            if not path.parent.is_symlink()
        ]
        return [path for path in folders if path.name == name] or [
            path for path in folders if path.name.startswith(name) or path.name.endswith(name)
        ]
