"""Read the plain CSV of the targets back."""

from outreach.exporters.check.readback import FileReader, Readback


def read_csv(readback: Readback) -> None:
    """Read the list by unit."""
    for file in readback.files:
        first = file.content.decode("utf-8-sig").split("\r\n", 1)[0]
        header = first.replace('"', "").split(",")
        for row in readback.read_table(file, header, bom=True):
            readback.add_place(file, file.name, "unit", row["unit_id"])


READER = FileReader(read_csv, by_unit=True)
