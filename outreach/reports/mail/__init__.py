"""Compose and send mails that carry a report."""
