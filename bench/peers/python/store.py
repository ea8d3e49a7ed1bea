"""The database of both Python peers: sqlite3 as its users would plainly use it.

A transaction an add, WAL, synchronous=FULL. sqlite3 keeps the statements of a connection prepared. One connection writes,
behind a lock; every thread that reads has one of its own.
"""

import os
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
  name TEXT PRIMARY KEY, quantity INTEGER NOT NULL, price REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tasks (
  id TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT NOT NULL, status INTEGER NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
) WITHOUT ROWID;
"""
TODO = 1

Item = tuple[str, int, float]
TaskRow = tuple[str, str, str, int, str, str]


class Store:
    def __init__(self, directory: str) -> None:
        os.makedirs(directory, exist_ok=True)
        self._path = os.path.join(directory, "peer.db")
        self._writer = self._connect()
        self._writer.executescript(SCHEMA)
        self._write_lock = threading.Lock()
        self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        # Without an isolation level every statement is a transaction, as it is in SQLite itself.
        connection = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _reader(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = self._connect()
        return self._local.connection

    def add_item(self, name: str, quantity: int, price: float) -> bool:
        """False when there is one of that name."""
        with self._write_lock:
            try:
                self._writer.execute("INSERT INTO items (name, quantity, price) VALUES (?, ?, ?)", (name, quantity, price))
            except sqlite3.IntegrityError:
                return False
        return True

    def get_item(self, name: str) -> Item | None:
        return self._reader().execute("SELECT name, quantity, price FROM items WHERE name = ?", (name,)).fetchone()

    def items(self) -> Iterator[Item]:
        return iter(self._reader().execute("SELECT name, quantity, price FROM items ORDER BY name"))

    def create_task(self, title: str, description: str, then: Callable[[TaskRow], None]) -> TaskRow:
        """Calls `then` under the lock, so that whoever is told sees changes in the order of their commits."""
        now = _now()
        task = (str(uuid.uuid4()), title, description, TODO, now, now)
        with self._write_lock:
            self._writer.execute(
                "INSERT INTO tasks (id, title, description, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)", task
            )
            then(task)
        return task

    def update_task(
        self, id: str, title: str, description: str, status: int, then: Callable[[TaskRow], None]
    ) -> TaskRow | None:
        """As create_task; None when there is no such task."""
        with self._write_lock:
            rows = self._writer.execute(
                "UPDATE tasks SET title = coalesce(nullif(?, ''), title), "
                "description = coalesce(nullif(?, ''), description), "
                "status = coalesce(nullif(?, 0), status), updated_at = ? "
                "WHERE id = ? RETURNING id, title, description, status, created_at, updated_at",
                (title, description, status, _now(), id),
            ).fetchall()
            if not rows:
                return None
            then(rows[0])
        return rows[0]


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
