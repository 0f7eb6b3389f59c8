"""Look into a workbook for formulas and links."""

import io
import zipfile

from outreach.exporters.check.readback import FileReader, Readback


def read_excel(readback: Readback) -> None:
    """Check every worksheet; a formula or a link is a fault."""
    for file in readback.files:
        with zipfile.ZipFile(io.BytesIO(file.content)) as book:
            for name in book.namelist():
                if not name.startswith("xl/worksheets/"):
                    continue
                content = book.read(name)
                plain = b"<f>" not in content and b"<hyperlink" not in content
                readback.require(file, plain, f"{name} contains a formula or a link")


READER = FileReader(read_excel, lists_places=False)
