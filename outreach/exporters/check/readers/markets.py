"""Read tables of media markets back."""

from outreach.exporters.check.readback import FileReader, Readback


def read_markets(readback: Readback) -> None:
    """Check the header and the cells of the table."""
    rules = readback.rules
    for file in readback.find_files("media-markets"):
        readback.read_table(file, rules.header("list"), bom=rules.bom.value)


READER = FileReader(read_markets, lists_places=False)
