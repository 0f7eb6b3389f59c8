"""Keep the user's files in a run, and read them from there ever after."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flows.steps.notes import Notes
from geo.download import fetch_file
from outreach.campaign import Campaign, Districts, UnitRequest, resolve_files
from outreach.errors import InputError, OutreachError, StoreError
from outreach.settings import Settings
from outreach.store import Run, RunFolder, Store
from outreach.transport import Transport

#: Folder of a run that holds the files of the user.
FOLDER = "inputs"
#: Maps that lie in several files with one name and different endings.
_SEVERAL_FILES = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg", ".tab", ".mif"})
#: A kept file above this size gets a note.
_LARGE_BYTES = 100_000_000


@dataclass(frozen=True)
class KeptInputs:
    """The user's files as a run keeps them.

    Parameters
    ----------
    campaign
        The request, its files being the copies in the run's folder.
    paths
        The path of each copy within the run's folder, by the path or address in the campaign.
    """

    campaign: Campaign
    paths: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def keep_inputs(
    run: RunFolder, campaign: Campaign, transport: Transport, settings: Settings, notes: Notes
) -> Iterator[KeptInputs]:
    """Copy every file that the campaign names into the run, and let the block read the copies.

    Files at a web address are downloaded. A failure in the block names the user's file, not the
    copy.

    Raises
    ------
    InputError
        A file is not there or cannot be read.
    ServiceError
        A file at a web address cannot be downloaded, and there is no cached copy.
    """
    copies: dict[str, Path] = {}

    def keep(file: str) -> str:
        if file not in copies:
            source = _find_source(file, transport, settings, notes)
            copies[file] = _copy_source(run, file, source, f"{FOLDER}/{len(copies) + 1}", notes)
        return str(copies[file])

    request = resolve_files(campaign, keep)
    paths = {
        file: f"{FOLDER}/{number}/{copy.name}"
        for number, (file, copy) in enumerate(copies.items(), start=1)
    }
    try:
        yield KeptInputs(request, paths)
    except OutreachError as error:
        for file, copy in copies.items():
            error.what = error.what.replace(str(copy), file)
            error.todo = error.todo.replace(str(copy), file)
        raise


def restore_inputs(store: Store, run: Run) -> tuple[Districts, ...]:
    """Return the campaign's districts with the files that the run kept.

    Raises
    ------
    StoreError
        The run kept none, because an older version made it, or a kept file is gone or changed.
    """
    folder = store.find(run.id)[1]

    def restore(file: str) -> str:
        path = run.kept_inputs.get(file)
        if path is None:
            raise StoreError(
                f"{run.id} was made by a version that kept no copy of {file}, which may have"
                " changed since.",
                "Run the campaign again, or name the file with 'outreach report --districts'.",
            )
        # A map may lie in several files; reading each compares it with the manifest.
        for output in run.outputs:
            if output.path.startswith(f"{Path(path).parent.as_posix()}/"):
                store.read_output(run.id, output.path)
        return str(folder / path)

    without_units = run.campaign.model_copy(update={"units": UnitRequest()})
    return resolve_files(without_units, restore).districts


def has_districts(store: Store, run: Run, requested: Districts) -> bool:
    """Return whether a kind of district is one of a run's own, from the copies or as it was."""
    folder = store.find(run.id)[1]
    without_units = run.campaign.model_copy(update={"units": UnitRequest()})
    copies = resolve_files(
        without_units, lambda file: str(folder / run.kept_inputs.get(file, file))
    )
    return requested in (*run.campaign.districts, *copies.districts)


def _find_source(file: str, transport: Transport, settings: Settings, notes: Notes) -> Path:
    """Return the local path of a file, downloaded if it is at a web address."""
    if file.startswith(("http://", "https://")):
        download = fetch_file(transport, file, settings.files_cache)
        notes.add(download.note)
        return download.path
    return Path(file)


def _copy_source(run: RunFolder, file: str, source: Path, folder: str, notes: Notes) -> Path:
    """Copy a file, its siblings, or a folder into the run; return the path of the copy."""
    name = Path(file).name
    size = 0
    for path, part in _list_parts(source, name).items():
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise InputError(f"There is no file {file}.", "Correct its path.") from None
        except PermissionError:
            raise InputError(f"You may not read {file}.", "Change its permissions.") from None
        run.write_file(f"{folder}/{part}", content)
        size += len(content)
    if size > _LARGE_BYTES:
        notes.add(f"The run keeps a copy of {file} ({size / 1e6:,.0f} MB).")
    return run.locate(f"{folder}/{name}")


def _list_parts(source: Path, name: str) -> dict[Path, str]:
    """List the files to copy, with their names below the folder of the copy."""
    if source.is_dir():
        files = sorted(path for path in source.rglob("*") if path.is_file())
        return {path: f"{name}/{path.relative_to(source).as_posix()}" for path in files}
    if source.suffix.lower() in _SEVERAL_FILES and source.exists():
        siblings = sorted(source.parent.glob("*"))
        return {path: path.name for path in siblings if path.stem == source.stem}
    return {source: name}
