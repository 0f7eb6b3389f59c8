"""Copy users, audit log, and notices from the folder into the database."""

from pathlib import Path
from typing import Any

from outreach.errors import SettingsError
from outreach.portal.access.audit import open_audit_log
from outreach.portal.access.user_records import UserFile
from outreach.store import Database, NoticeBook


def move_into_database(home: Path, database: Database) -> tuple[int, int]:
    """Copy what the service's folder keeps of people into a database, all of it or nothing.

    Parameters
    ----------
    home
        The service's folder; it is not changed.
    database
        One that has no users.

    Returns
    -------
    tuple of int
        Number of users, and of lines of the journals.

    Raises
    ------
    SettingsError
        The database has users, or does not do its work; or the folder's users cannot be read.
    """
    people = UserFile(home / "service" / "users.json").read()
    book = NoticeBook(home)
    journals: dict[str, list[Any]] = {
        "audit log": open_audit_log(home).read()[::-1],
        "list of notices": book.read()[::-1],
        "list of deliveries": [
            delivery for tries in book.read_deliveries().values() for delivery in tries
        ],
    }
    rows = [
        (name, record.model_dump_json()) for name, records in journals.items() for record in records
    ]
    with database.transact() as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLE outreach.users IN SHARE ROW EXCLUSIVE MODE")
        if cursor.execute("SELECT 1 FROM outreach.users LIMIT 1").fetchone():
            raise SettingsError(
                f"The database {database.place} has users already. Nothing was copied.",
                "Go on with those, or set OUTREACH_DATABASE to an empty database.",
            )
        cursor.executemany(
            "INSERT INTO outreach.users VALUES (%s, %s)",
            [(user.name.casefold(), user.model_dump_json()) for user in people],
        )
        cursor.executemany("INSERT INTO outreach.journal (name, record) VALUES (%s, %s)", rows)
    return len(people), len(rows)
