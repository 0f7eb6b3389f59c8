"""Write the rows to add to and remove from the plain table of targets."""

from outreach.exporters.changes.changer import Changer
from outreach.exporters.changes.lists import write_list_changes

CHANGER = Changer(write_list_changes)
