"""Show the progress of flows in the terminal."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from flows.engine.progress import Listener
    from outreach.settings import Settings


@contextlib.contextmanager
def open_prefect(settings: "Settings", *, is_quiet: bool = False) -> "Iterator[Console]":
    """Start Prefect while the flows load, and show the steps of every flow in the block.

    Parameters
    ----------
    settings
        Of this machine.
    is_quiet
        Whether nothing is shown.
    """
    from rich.console import Console

    from flows.engine.serving.server import serve_prefect

    console = Console(highlight=False, soft_wrap=True, quiet=is_quiet)
    with _show_steps(console) as show, serve_prefect(settings.home) as server:
        show("Start Prefect", True)
        from flows import campaign  # noqa: F401  loads while the server starts
        from flows.engine.heartbeats import skip_heartbeats
        from flows.engine.progress import listen
        from outreach.transport import announce_waits

        server.wait()
        show("Start Prefect", False)
        with skip_heartbeats(), listen(show), announce_waits(partial(console.print, markup=False)):
            yield console


@contextlib.contextmanager
def show_counts() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each kind of work.

    Yields
    ------
    callable
        Takes a title, how much is done, and how much there is.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from outreach.transport import announce_waits

    columns = (
        TextColumn("{task.description:<36}"),
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = Console(highlight=False, soft_wrap=True)
    speak = partial(console.print, markup=False)
    with Progress(*columns, console=console) as bars, announce_waits(speak):
        tasks: dict[str, Any] = {}

        def show(title: str, done: int, total: int) -> None:
            if title not in tasks:
                tasks[title] = bars.add_task(title, total=total)
            bars.update(tasks[title], completed=done, total=total)

        yield show


@contextlib.contextmanager
def _show_steps(console: "Console") -> "Iterator[Listener]":
    """Show a bar for each step; yield the function that starts and ends them."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<36}"), BarColumn(20), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def show(title: str, begins: bool) -> None:  # noqa: FBT001  a listener's signature
            if begins:
                tasks[title] = bars.add_task(title, total=None)
            else:
                bars.update(tasks.pop(title), total=1, completed=1)

        yield show
