"""Make every fault of the drills around a real command."""

import functools
import json
import random
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.drills.children import (
    Child,
    Finished,
    can_enter_pid_namespace,
    change_disk,
    close_pipe,
    enter_pid_namespace,
    has_refused_locks,
    limit_files,
    mount_disk,
    refuse_locks,
    start_command,
)
from tests.drills.homes import Command, copy_template, turn_clock_back
from tests.drills.judge import Score, check_end, check_run, count_leftovers, find_losses, take_stock

_FAILED, _STOPPED = 1, 128 + signal.SIGTERM
_PAGE_KILOBYTES = 4


@dataclass
class Ground:
    """Where the drills of one command take place.

    Parameters
    ----------
    command
        What is drilled.
    template
        The folder that every try begins with.
    lived_in
        The same folder after one of each command.
    place
        Where the copies go.
    env
        Environment of every command.
    seconds
        How long the command takes without a fault.
    """

    command: Command
    template: Path
    lived_in: Path
    place: Path
    env: dict[str, str]
    seconds: float = 0.0
    score: Score = field(default_factory=Score)

    def begin_score(self) -> Score:
        """Begin the figures of one more cell of the table."""
        self.score = Score()
        return self.score

    def start(self, folder: Path, prepare: Callable[[], object] = lambda: None) -> Child:
        """Start the command in a folder."""
        return start_command(self.command.arguments, folder, self.env, prepare)

    def copy(self) -> Path:
        """Give a fresh copy of the template."""
        return copy_template(self.template, self.place / "try")

    def judge(
        self, folder: Path, before: dict[str, bytes], ends: Sequence[Finished], codes: set[int]
    ) -> None:
        """Judge one try, after one more ordinary command in the same folder."""
        faults = [fault for end in ends for fault in check_end(end, codes, self.score)]
        faults += [*find_losses(before, folder, self.score), *check_run(folder)]
        done = self.start(folder).wait()
        allowed = {0} if self.command.repeatable else {0, _FAILED}
        faults += [f"afterward: {fault}" for fault in check_end(done, allowed, self.score)]
        if done.code and "was approved by" not in done.err:
            faults.append(f"afterward: {done.err.strip()[-300:]}")
        faults += [*check_run(folder), *count_leftovers(folder, self.score)]
        self.score.add(faults)


#: A fault takes the ground, the number of tries, and a random generator.
Fault = Callable[[Ground, int, random.Random], None]


def kill(ground: Ground, count: int, rng: random.Random, *, number: int) -> None:
    """Send a signal at random moments."""
    ends = {0, -number} if number == signal.SIGKILL else {0, -number, _STOPPED}
    for _ in range(count):
        folder = ground.copy()
        before = take_stock(folder)
        child = ground.start(folder)
        time.sleep(rng.uniform(0.02, ground.seconds))
        child.signal(number)
        end = child.wait()
        # What was asked to stop in order leaves nothing, not even for the next command.
        if number != signal.SIGKILL:
            count_leftovers(folder, ground.score)
        ground.judge(folder, before, [end], ends)


def fill_disk(ground: Ground, count: int, _rng: random.Random) -> None:
    """Let the disk become full at each stage, from the first byte that is written to the last."""
    with mount_disk(ground.place / "disk") as mounted:
        if not mounted:
            return
        disk = ground.place / "disk"
        folder = copy_template(ground.template, disk / "try")
        start = _measure_disk(disk)
        if ground.start(folder).wait().code:
            return
        growth = max(_measure_disk(disk) - start, 16)
        for step in range(count):
            change_disk(disk, 2_000_000)
            folder = copy_template(ground.template, disk / "try")
            before = take_stock(folder)
            room = growth * step // count // _PAGE_KILOBYTES * _PAGE_KILOBYTES
            change_disk(disk, _measure_disk(disk) + room)
            end = ground.start(folder).wait()
            change_disk(disk, 2_000_000)
            ground.judge(folder, before, [end], {0, _FAILED})


def forbid_writing(ground: Ground, count: int, _rng: random.Random) -> None:
    """Make the whole disk read-only."""
    with mount_disk(ground.place / "disk") as mounted:
        for _ in range(count if mounted else 0):
            folder = copy_template(ground.template, ground.place / "disk" / "try")
            before = take_stock(folder)
            change_disk(ground.place / "disk", 2_000_000, read_only=True)
            end = ground.start(folder).wait()
            change_disk(ground.place / "disk", 2_000_000)
            ground.judge(folder, before, [end], {0, _FAILED})


def _measure_disk(disk: Path) -> int:
    """Return the kilobytes that a disk holds."""
    usage = shutil.disk_usage(disk)
    return usage.used // 1024


def race(ground: Ground, count: int, rng: random.Random, *, children: int) -> None:
    """Start several at once: what makes something new succeeds each time, else at least one."""
    for _ in range(count):
        folder = ground.copy()
        before = take_stock(folder)
        started = []
        for _ in range(children):
            started.append(ground.start(folder))
            time.sleep(rng.uniform(0, 0.05))
        ends = [child.wait() for child in started]
        codes = {0} if ground.command.makes_new else {0, _FAILED}
        ground.judge(folder, before, ends, codes)
        if all(end.code for end in ends):
            ground.score.faults.append("none of several at once succeeded")
            ground.score.survived -= 1


def damage_files(ground: Ground, count: int, rng: random.Random) -> None:
    """Damage one file of each sort, in a folder where every command has been."""
    files = sorted(
        path.relative_to(ground.lived_in)
        for path in ground.lived_in.rglob("*")
        if path.is_file() and not path.is_symlink() and "latest" not in path.parts
    )
    cases = [(file, damage) for file in _choose_sorts(files, rng) for damage in _DAMAGES]
    for file, damage in rng.sample(cases, min(count, len(cases))):
        folder = copy_template(ground.lived_in, ground.place / "try")
        before = take_stock(folder)
        content = (folder / file).read_bytes()
        (folder / file).write_bytes(_DAMAGES[damage](content))
        end = ground.start(folder).wait()
        faults = check_end(end, {0, _FAILED}, ground.score)
        (folder / file).write_bytes(content)
        faults += [*find_losses(before, folder, ground.score), *check_run(folder)]
        faults += count_leftovers(folder, ground.score)
        ground.score.add(f"{damage} {file}: {fault}" for fault in faults)


def _choose_sorts(files: Sequence[Path], rng: random.Random) -> list[Path]:
    """Choose one file of each sort: by folder and ending, with runs and hashes left out."""
    sorts: dict[tuple[str, ...], list[Path]] = {}
    for file in files:
        known = file.name if not any(digit in file.name for digit in "0123456789") else file.suffix
        sorts.setdefault((*file.parts[:2], known), []).append(file)
    return [rng.choice(group) for _, group in sorted(sorts.items())]


_DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _content: b"",
    "cut off": lambda content: content[: len(content) // 2],
    "overwritten": lambda content: b"\0\xff\xfe{" * (len(content) // 4 + 1),
    "replaced by another": lambda _content: json.dumps([{"a": 1}]).encode(),
}


def refuse_all_locks(ground: Ground, count: int, _rng: random.Random) -> None:
    """Let the kernel refuse every lock, as a network disk without locks does."""
    if not has_refused_locks(ground.place):
        return
    for _ in range(count):
        folder = ground.copy()
        before = take_stock(folder)
        end = ground.start(folder, refuse_locks).wait()
        ground.judge(folder, before, [end], {0, _FAILED})


def pause_beside(ground: Ground, count: int, rng: random.Random) -> None:
    """Pause one command at a random moment while another one runs in another PID namespace."""
    if not can_enter_pid_namespace():
        return
    for _ in range(count):
        folder = ground.copy()
        before = take_stock(folder)
        first = ground.start(folder)
        time.sleep(rng.uniform(0.02, ground.seconds))
        first.signal(signal.SIGSTOP)
        second = ground.start(folder, enter_pid_namespace).wait()
        first.signal(signal.SIGCONT)
        codes = {0} if ground.command.makes_new else {0, _FAILED}
        ground.judge(folder, before, [first.wait(), second], codes)


def set_clock_back(ground: Ground, count: int, _rng: random.Random) -> None:
    """Let everything that is kept be a year ahead of the clock."""
    for _ in range(count):
        folder = ground.copy()
        turn_clock_back(folder)
        before = take_stock(folder)
        ground.judge(folder, before, [ground.start(folder).wait()], {0, _FAILED})


def limit_open_files(ground: Ground, count: int, rng: random.Random) -> None:
    """Allow few open files."""
    for _ in range(count):
        folder = ground.copy()
        before = take_stock(folder)
        prepare = functools.partial(limit_files, rng.choice((8, 16, 32, 63, 64, 80)))
        ground.judge(folder, before, [ground.start(folder, prepare).wait()], {0, _FAILED})


def close_output(ground: Ground, count: int, _rng: random.Random) -> None:
    """Close the pipe that the command prints to."""
    for _ in range(count):
        folder = ground.copy()
        before = take_stock(folder)
        end = ground.start(folder, close_pipe).wait()
        faults = [f"it says {end.err.strip()[-300:]}"] if end.err.strip() else []
        plain = Finished(end.code if end.code != _FAILED else 0, end.out, end.err, end.seconds)
        ground.judge(folder, before, [plain], {0})
        ground.score.faults += faults
        ground.score.survived -= bool(faults)


#: Every fault, by its heading, with the share of the moments that it is tried at.
FAULTS: dict[str, tuple[Fault, float]] = {
    "kill -9": (functools.partial(kill, number=signal.SIGKILL), 1.0),
    "SIGTERM": (functools.partial(kill, number=signal.SIGTERM), 1.0),
    "disk full": (fill_disk, 1.0),
    "two at once": (functools.partial(race, children=2), 0.2),
    "five at once": (functools.partial(race, children=5), 0.1),
    "damaged file": (damage_files, 1.0),
    "no locks": (refuse_all_locks, 0.1),
    "paused, other PID namespace": (pause_beside, 0.2),
    "clock back": (set_clock_back, 0.1),
    "read-only": (forbid_writing, 0.1),
    "few open files": (limit_open_files, 0.2),
    "closed pipe": (close_output, 0.1),
}


def open_ground(
    command: Command, template: Path, lived_in: Path, place: Path, env: dict[str, str]
) -> Ground:
    """Prepare the drills of a command: measure how long it takes, which must succeed."""
    ground = Ground(command, template, lived_in, place, env)
    done = ground.start(ground.copy()).wait()
    assert done.code == 0, done.out + done.err
    ground.seconds = done.seconds
    return ground


def live_in(commands: Sequence[Command], template: Path, folder: Path, env: dict[str, str]) -> None:
    """Copy a folder, and run every command in it."""
    copy_template(template, folder)
    for command in sorted(commands, key=lambda command: command.makes_new):
        done = start_command(command.arguments, folder, env).wait()
        assert done.code == 0, f"{command.name}: {done.out}{done.err}"
