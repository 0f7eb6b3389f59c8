"""Read reports of Display & Video 360, by day and ZIP."""

from outreach.delivery.reader import ReportReader

READER = ReportReader(needed=("day", "impressions", "spend"), names=("ad_group", "campaign"))
