"""Write the ZIPs to add to and remove from plain lists."""

from dataclasses import replace

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.changes.changer import Changer, Difference
from outreach.exporters.changes.lists import write_list_changes

#: Other forms of the same ZIPs, of which no changes are needed.
_REPEATED = ("zips_comma", "zips_small")


def write_changes(difference: Difference) -> list[ExportFile]:
    """Write one ZIP on each line, and with the country."""
    old, new = (
        [file for file in files if not file.name.startswith(_REPEATED)]
        for files in (difference.old, difference.new)
    )
    return write_list_changes(replace(difference, old=old, new=new))


CHANGER = Changer(write_changes)
