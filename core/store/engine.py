"""Opening a project file: what it is, which version, and that nobody else has it open."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from core.errors import ProjectError

APPLICATION_ID = 0x4D53_4B57
"""Marks the file type, "MSKW"."""
SCHEMA_VERSION = 5
"""As in the newest migration; kept in SQLite's user_version."""


def create_file(path: Path) -> Engine:
    """A new project file with all its tables."""
    if path.exists():
        raise ProjectError(f"{path.name} exists already. Open it, or choose another name.")
    if not path.parent.is_dir():
        raise ProjectError(f"The folder {path.parent} does not exist. Create it, or choose another place.")
    engine = _connect(path)
    try:
        with engine.connect() as connection:
            _migrate(connection)
    except DatabaseError as error:
        engine.dispose()
        raise sentence_for(error, path) from error
    return engine


def open_file(path: Path) -> Engine:
    """An existing project file, brought up to date.

    Raises:
        ProjectError: missing, not a project, newer than this program, read-only, damaged, or open elsewhere.
    """
    if not path.is_file():
        raise ProjectError(f"There is no project at {path}. Check the name, or create one.")
    engine = _connect(path)
    try:
        with engine.connect() as connection:
            _check(connection, path)
            _take(connection)
            _migrate(connection)
    except DatabaseError as error:
        engine.dispose()
        raise sentence_for(error, path) from error
    except ProjectError:
        engine.dispose()
        raise
    return engine


def sentence_for(error: DatabaseError, path: Path) -> ProjectError:
    """A database error as a sentence for a person."""
    reason = str(error.orig).lower()
    for mark, sentence in _SENTENCES:
        if mark in reason:
            return ProjectError(sentence.format(name=path.name))
    return ProjectError(f"{path.name} cannot be used: {error.orig}. Nothing that was saved before is lost.")


_SENTENCES = (
    ("locked", "{name} is open in another window or program. Close it there first."),
    ("not a database", "{name} is not a Maskwright project."),
    ("malformed", "{name} is damaged. Copy the file somewhere safe, then restore a backup."),
    ("disk is full", "The disk is full: the last change of {name} is not saved yet. Free some space, then try again."),
    ("readonly", "{name} is read-only. Change its permission, or copy it to a folder of your own."),
    ("unable to open", "{name} cannot be opened. Check that its folder can be written to."),
    ("i/o error", "The disk failed while {name} was read or written. Check the drive, then try again."),
)


def _connect(path: Path) -> Engine:
    # One connection for the whole process: Project lets its callers take turns.
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(path, check_same_thread=False, timeout=0.5),
        poolclass=StaticPool,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _: object) -> None:
        # The exclusive lock keeps other processes out, and ends with this one however it ends.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -16000")

    return engine


def _check(connection: Connection, path: Path) -> None:
    mark = connection.execute(text("PRAGMA application_id")).scalar_one()
    version = connection.execute(text("PRAGMA user_version")).scalar_one()
    if mark != APPLICATION_ID:
        raise ProjectError(f"{path.name} is not a Maskwright project.")
    if version > SCHEMA_VERSION:
        raise ProjectError(f"{path.name} was made by a newer Maskwright. Update the program to open it.")


def _take(connection: Connection) -> None:
    """Write-ahead log with full syncs: a commit is on disk when it returns. Takes the lock, or fails."""
    connection.execute(text("PRAGMA journal_mode = WAL"))
    connection.execute(text("PRAGMA synchronous = FULL"))
    connection.execute(text("PRAGMA journal_size_limit = 16000000"))
    connection.commit()
    connection.execute(text("BEGIN IMMEDIATE"))
    connection.commit()


def _migrate(connection: Connection) -> None:
    if connection.execute(text("PRAGMA user_version")).scalar_one() == SCHEMA_VERSION:
        return
    from core.store.migrations import upgrade  # Alembic takes a while to import, and is seldom needed

    _take(connection)
    connection.execute(text("BEGIN IMMEDIATE"))  # SQLite changes tables inside a transaction: all or nothing
    upgrade(connection)
    connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
    connection.execute(text(f"PRAGMA user_version = {SCHEMA_VERSION}"))
    connection.commit()
