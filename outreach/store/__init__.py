"""Store runs: each is a folder that is complete or not there."""

from outreach.store.folder import RunFolder
from outreach.store.manifest import Approval, Input, Output, Run, list_versions
from outreach.store.runs import Store

__all__ = ["Approval", "Input", "Output", "Run", "RunFolder", "Store", "list_versions"]
