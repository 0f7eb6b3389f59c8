"""Store runs: each is a folder that is complete or not there."""

from outreach.store.campaigns import read_kept_campaign, read_requested_campaign, survey_campaigns
from outreach.store.database import Database, open_database
from outreach.store.folder import RunFolder
from outreach.store.handout import hand_out
from outreach.store.journal import FileJournal, Journal, TableJournal, open_journal
from outreach.store.manifest import Approval, Input, Output, Run, Withdrawal, list_versions
from outreach.store.notices import Delivery, Notice, NoticeBook, NoticeKind
from outreach.store.runs import DEMO, Store
from outreach.store.state import RunState, read_state
from outreach.store.trial_register import TrialEntry, TrialRegister

__all__ = [
    "DEMO",
    "Approval",
    "Database",
    "Delivery",
    "FileJournal",
    "Input",
    "Journal",
    "Notice",
    "NoticeBook",
    "NoticeKind",
    "Output",
    "Run",
    "RunFolder",
    "RunState",
    "Store",
    "TableJournal",
    "TrialEntry",
    "TrialRegister",
    "Withdrawal",
    "hand_out",
    "list_versions",
    "open_database",
    "open_journal",
    "read_kept_campaign",
    "read_requested_campaign",
    "read_state",
    "survey_campaigns",
]
