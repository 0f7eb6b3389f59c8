"""Keep every published snapshot of self-response rates, forever, by data date."""

from outreach.archive.carried import CarriedState, collect_state
from outreach.archive.importers import import_files
from outreach.archive.ledger import Archive
from outreach.archive.receipt import Receipt, Reply
from outreach.archive.status import ArchiveStatus, StaleReply, describe_archive

__all__ = [
    "Archive",
    "ArchiveStatus",
    "CarriedState",
    "Receipt",
    "Reply",
    "StaleReply",
    "collect_state",
    "describe_archive",
    "import_files",
]
