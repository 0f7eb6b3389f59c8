"""Read exports of TikTok Ads Manager, by day."""

from outreach.delivery.reader import ReportReader

READER = ReportReader(names=("ad_group", "campaign"))
