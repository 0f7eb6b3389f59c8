"""Read reports of Microsoft Advertising, by day and user location."""

from outreach.delivery.reader import ReportReader

READER = ReportReader()
