"""Print a page of the browser as a PDF, and look at its pixels and words."""

import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageColor

#: Pixels an inch that a printed page is looked at with.
RESOLUTION = 100


def print_picture(page: Any, folder: Path, *, landscape: bool = False) -> Image.Image:
    """Print the first page on Letter paper and return its pixels."""
    page.pdf(path=folder / "paper.pdf", print_background=True, format="Letter", landscape=landscape)
    _run(folder, "pdftoppm", "-r", str(RESOLUTION), "-singlefile", "-png", "paper.pdf", "paper")
    with Image.open(folder / "paper.png") as paper:
        return paper.convert("RGB")


def count_pages(folder: Path) -> int:
    """Count the pages of what was printed last."""
    pages = re.search(r"Pages:\s+(\d+)", _run(folder, "pdfinfo", "paper.pdf"))
    assert pages is not None
    return int(pages[1])


def read_paper(folder: Path) -> str:
    """Return the words of what was printed last."""
    return _run(folder, "pdftotext", "-layout", "paper.pdf", "-")


def find_box(paper: Image.Image, colors: list[str], slack: int = 0) -> tuple[int, int, int, int]:
    """Return left, top, right, and bottom of the pixels in some colors.

    Tracts let 6% of the ground through, so their channels are up to 15 off the legend's.
    """
    pixels = np.asarray(paper).astype(int)
    shown = [np.abs(pixels - ImageColor.getrgb(color)).max(axis=2) <= slack for color in colors]
    rows, columns = np.nonzero(np.any(shown, axis=0))
    assert rows.size, f"no pixel is {colors}"
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def _run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
