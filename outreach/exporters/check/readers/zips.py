"""Read plain ZIP lists back."""

import re

from outreach.exporters.check.readback import FileReader, Readback
from outreach.units import UnitKind

_ZIP = re.compile(r"[0-9]{5}")
_COUNTRY_ZIP = re.compile(r"USA,[0-9]{5}")


def read_zips(readback: Readback) -> None:
    """Read the lists with the country, and check the plain list against them."""
    for file in readback.find_files("zips_country"):
        for line in readback.read_lines(file, _COUNTRY_ZIP):
            readback.add_place(file, file.name, UnitKind.ZIP, line[-5:])

    codes = sorted(place.code for place in readback.places)
    for file in readback.find_files("zips.txt"):
        same = sorted(readback.read_lines(file, _ZIP)) == codes
        readback.require(file, same, "its ZIPs are not the same as in zips_country")


READER = FileReader(read_zips)
