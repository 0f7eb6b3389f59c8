"""Read a plain table of what was delivered, for platforms without a reader of their own."""

from outreach.delivery.reader import ReportReader

READER = ReportReader(needed=("day", "channel", "place", "impressions", "spend"))
