"""Census outreach targeting: from daily self-response rates to maps, target lists and reports."""

__version__ = "0.2.0"
