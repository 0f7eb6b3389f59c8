"""Read TikTok ZIP lists back."""

import re

from outreach.exporters.check.readback import FileReader, Readback
from outreach.units import UnitKind

_ZIP = re.compile(r"[0-9]{5}")


def read_tiktok(readback: Readback) -> None:
    """Read lists of ZIPs; each file is one ad group."""
    for file in readback.find_files("tiktok-zips"):
        for line in readback.read_lines(file, _ZIP):
            readback.add_place(file, file.name, UnitKind.ZIP, line[-5:])


READER = FileReader(read_tiktok)
