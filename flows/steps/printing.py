"""Print a page as a PDF with the Chromium of this machine."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from outreach.errors import SettingsError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: The pages need no network, and nothing in the background may use it.
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
)
#: How long a page may take on a busy machine.
_PATIENCE_SECONDS = 180


def print_pages(pages: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return every page as a PDF on letter paper, by file name.

    Parameters
    ----------
    pages
        HTML by file name; each needs no other file.

    Raises
    ------
    SettingsError
        There is no Chromium, or it prints nothing.
    """
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        raise SettingsError(
            "There is no Chromium on this machine to print the PDF with.",
            "Install chromium or google-chrome, or leave out --pdf and print the page yourself.",
        )
    return {
        f"{Path(name).stem}.pdf": _print_page(program, content) for name, content in pages.items()
    }


def _print_page(program: str, content: bytes) -> bytes:
    """Return one page as a PDF."""
    # Chromium refuses its sandbox for root, as in a container; the page is our own.
    flags = [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with tempfile.TemporaryDirectory() as folder:
        page, printed = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_bytes(content)
        command = [program, *flags, f"--user-data-dir={folder}/profile"]
        try:
            subprocess.run(  # noqa: S603  a program of this machine, on a page of ours
                [*command, f"--print-to-pdf={printed}", page.as_uri()],
                check=True,
                capture_output=True,
                timeout=_PATIENCE_SECONDS,
            )
            return printed.read_bytes()
        except (OSError, subprocess.SubprocessError):
            raise SettingsError(
                f"{program} could not print the page.",
                "Leave out --pdf, open the page in a browser, and print it there.",
            ) from None
