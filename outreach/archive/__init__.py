"""The publication ledger: every published snapshot of the self-response rates, keyed by data date, for ever."""

from outreach.archive.importers import import_files
from outreach.archive.ledger import Archive
from outreach.archive.receipt import Receipt, Reply
from outreach.archive.status import StaleReply, Status, describe_archive

__all__ = [
    "Archive",
    "Receipt",
    "Reply",
    "StaleReply",
    "Status",
    "describe_archive",
    "import_files",
]
