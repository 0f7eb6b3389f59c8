"""Read TikTok lists back."""

from outreach.exporters.check.plain_lists import read_plain_lists
from outreach.exporters.check.readback import FileReader, Readback


def read_tiktok(readback: Readback) -> None:
    """Read ZIPs, points, and the table of campaigns."""
    read_plain_lists(readback)


READER = FileReader(read_tiktok)
