"""Send HTTP requests with limits, retries, and a key that stays out of every message."""

from outreach.transport.patience import announce_waits
from outreach.transport.session import Transport, is_passing_fault
from outreach.transport.wire import API_URL, FILES_URL

__all__ = ["API_URL", "FILES_URL", "Transport", "announce_waits", "is_passing_fault"]
