"""Keep users and journals in PostgreSQL, for services of more than one machine.

psycopg 3 talks to the database, because pages and commands are plain functions in threads, and its
pool opens a connection again that a restart of the database closed. Prefect brings asyncpg for its
own tables. Ours are in the schema ``outreach``, so that both fit into one database.
"""

import contextlib
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from outreach.errors import SettingsError

if TYPE_CHECKING:
    from psycopg import Connection

#: Of the tables; a newer one than this version knows is refused.
_FORMAT = 1
#: Connections at once, and seconds to wait for one.
_MOST_CONNECTIONS, _WAIT_SECONDS = 8, 4.0
#: The lock under which the tables are made, a number of our own.
_MAKING = 2_030_0401
#: A line of a journal is never changed or removed, whoever asks through this service.
_TABLES = """
CREATE SCHEMA IF NOT EXISTS outreach;
CREATE TABLE outreach.format (number integer NOT NULL);
CREATE TABLE outreach.users (folded text PRIMARY KEY, record text NOT NULL);
CREATE TABLE outreach.journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, record text NOT NULL
);
CREATE INDEX journal_by_name ON outreach.journal (name, id);
CREATE FUNCTION outreach.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a journal is only added to'; END $$;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON outreach.journal
    FOR EACH STATEMENT EXECUTE FUNCTION outreach.refuse_change();
"""


class Database:
    """A PostgreSQL database with the tables of the service.

    Parameters
    ----------
    address
        ``postgresql://user:password@host:port/name``.

    Raises
    ------
    SettingsError
        The driver is not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            import psycopg  # noqa: PLC0415  an extra of the installation
            import psycopg_pool  # noqa: PLC0415  the same
        except ImportError:
            raise SettingsError(
                "OUTREACH_DATABASE is set, but the driver for PostgreSQL is not installed.",
                "Run: pip install 'census-outreach[database]'.",
            ) from None
        parts = urlsplit(address)
        #: Where it is, without the password.
        self.place = f"{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
        self._failure = psycopg.Error
        self._pool: Any = psycopg_pool.ConnectionPool(
            address,
            min_size=0,
            max_size=_MOST_CONNECTIONS,
            timeout=_WAIT_SECONDS,
            # The pool tries again at once when the database is back, and gives up on its own.
            reconnect_timeout=_WAIT_SECONDS / 2,
            check=psycopg_pool.ConnectionPool.check_connection,
            kwargs={"connect_timeout": 5, "application_name": "outreach"},
            open=True,
        )
        self._is_made = False

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    @contextlib.contextmanager
    def transact(self) -> Iterator["Connection[Any]"]:
        """Give a connection whose work is done wholly at the end of the block, or not at all.

        Raises
        ------
        SettingsError
            The database does not answer, refuses the work, or is of a newer version.
        """
        try:
            with self._pool.connection() as connection:
                if not self._is_made:
                    self._make_tables(connection)
                yield connection
        except self._failure:
            is_done = False
        else:
            is_done = True
        if not is_done:
            raise SettingsError(
                f"The database {self.place} of OUTREACH_DATABASE does not answer, or refuses us.",
                "See that it runs, and that user and password are right. Nothing is done that"
                " cannot be written down.",
            )

    def _make_tables(self, connection: "Connection[Any]") -> None:
        """Make the tables if they are not there; one process at a time."""
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
        known = connection.execute("SELECT to_regclass('outreach.format')").fetchone()
        row = None
        if known is not None and known[0] is not None:
            row = connection.execute("SELECT number FROM outreach.format").fetchone()
        if row is None:
            connection.execute(_TABLES)
            connection.execute("INSERT INTO outreach.format VALUES (%s)", (_FORMAT,))
        elif row[0] > _FORMAT:
            raise SettingsError(
                f"A newer version of the service made the tables of the database {self.place}.",
                "Install that version, or set OUTREACH_DATABASE to another database.",
            )
        connection.commit()
        self._is_made = True


@cache
def open_database(address: str) -> Database | None:
    """Return the database of an address, one for each process; ``None`` without an address."""
    return Database(address) if address else None
