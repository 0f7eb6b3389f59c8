"""The store: a run is a folder, whole or not there."""

from outreach.store.folder import RunFolder
from outreach.store.manifest import Approval, Input, Output, Run, installed_versions
from outreach.store.runs import Store

__all__ = ["Approval", "Input", "Output", "Run", "RunFolder", "Store", "installed_versions"]
