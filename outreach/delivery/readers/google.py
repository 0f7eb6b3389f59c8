"""Read reports of Google Ads, by day and location."""

from outreach.delivery.reader import ReportReader

READER = ReportReader()
