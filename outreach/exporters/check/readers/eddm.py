"""Read lists of carrier routes back."""

import re

from outreach.exporters.check.readback import FileReader, Readback
from outreach.units import UnitKind

_CODE = re.compile(r"[0-9]{5}[A-Z][0-9]{3}")


def read_eddm(readback: Readback) -> None:
    """Record each ZIP that has routes, and check the plain list against the table."""
    rules, zips = readback.rules, []
    for file in readback.find_files("eddm-routes.csv"):
        rows = readback.read_table(file, rules.header("list"), bom=rules.bom.value)
        zips = [row["route_code"] for row in rows]
        for code in dict.fromkeys(code[:5] for code in zips):
            readback.add_place(file, file.name, UnitKind.ZIP, code)
    for file in readback.find_files("eddm-routes.txt"):
        same = readback.read_lines(file, _CODE) == zips
        readback.require(file, same, "its routes are not the same as in the table")


READER = FileReader(read_eddm, by_language=False)
