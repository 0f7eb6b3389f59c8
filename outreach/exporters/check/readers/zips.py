"""Read plain ZIP lists back."""

import re

from outreach.exporters.check.plain_lists import read_campaigns
from outreach.exporters.check.readback import FileReader, Readback
from outreach.units import UnitKind

_ZIP = re.compile(r"[0-9]{5}")
_COUNTRY_ZIP = re.compile(r"USA,[0-9]{5}")
_COMMA_ZIPS = re.compile(r"[0-9]{5}(,[0-9]{5})*")


def read_zips(readback: Readback) -> None:
    """Read the lists with the country, and check the plain lists against them."""
    for file in readback.find_files("zips_country"):
        for line in readback.read_lines(file, _COUNTRY_ZIP):
            readback.add_place(file, file.name, UnitKind.ZIP, line[-5:])

    # The other forms have every ZIP as often as the lists with the country have it.
    codes = sorted(place.code for place in readback.places)
    plain = [file for file in readback.files if re.match(r"zips[.-].*txt", file.name)]
    lines = [line for file in plain for line in readback.read_lines(file, _ZIP)]
    commas = readback.find_files("zips_comma")
    joined = [
        code
        for file in commas
        for line in readback.read_lines(file, _COMMA_ZIPS)
        for code in line.split(",")
    ]
    for files, found in ((plain, lines), (commas, joined)):
        if files:
            same = sorted(found) == codes
            readback.require(files[0], same, "its ZIPs are not the same as in zips_country")
    for file in readback.find_files("zips_small"):
        same = set(readback.read_lines(file, _ZIP)) <= set(codes)
        readback.require(file, same, "it has ZIPs that are not in zips_country")
    read_campaigns(readback)


READER = FileReader(read_zips)
