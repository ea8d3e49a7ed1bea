/**
 * The steps from an empty database to the present one. They are never edited once released: a change is a new step.
 *
 * @module
 */
import { StoreOpenError } from "../errors.ts";
import type { Connection } from "./connection.ts";

/** Marks the file as Steward's: "Stwd" in ASCII. */
export const APPLICATION_ID = 0x53747764;

const FIRST = `
  -- The only row: the revision of the last commit and the one up to which the log was compacted away.
  CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    compacted INTEGER NOT NULL
  );
  INSERT INTO state VALUES (1, 0, 0);

  CREATE TABLE items (
    name TEXT PRIMARY KEY CHECK (instr(name, char(0)) = 0),
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 0 AND 2147483647),
    price_micros INTEGER NOT NULL,
    location TEXT NOT NULL,
    tags TEXT NOT NULL,
    reorder_level INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE movements (
    id INTEGER PRIMARY KEY,
    item TEXT NOT NULL,
    delta INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT NOT NULL,
    task_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
  );
  CREATE INDEX movements_item ON movements (item);

  -- status: 1 todo, 2 in_progress, 3 done. priority: 1 low, 2 normal, 3 high, 4 urgent.
  CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    status INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    tags TEXT NOT NULL,
    due_at INTEGER,
    assignee TEXT NOT NULL,
    materials TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
  );
  -- One for each order that a list may have; no due_at sorts last in either direction.
  CREATE INDEX tasks_created_at ON tasks (created_at, id);
  CREATE INDEX tasks_updated_at ON tasks (updated_at, id);
  CREATE INDEX tasks_due_at_up ON tasks (ifnull(due_at, 9007199254740991), id);
  CREATE INDEX tasks_due_at_down ON tasks (ifnull(due_at, -9007199254740991), id);
  CREATE INDEX tasks_priority ON tasks (priority, id);
  CREATE INDEX tasks_status ON tasks (status, id);
  CREATE INDEX tasks_title ON tasks (title, id);

  -- The log: a row a revision. kinds: 1 item, 2 task, 3 both. changes: a JSON array of {kind, type, key, before, after}.
  CREATE TABLE changes (
    revision INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    kinds INTEGER NOT NULL,
    changes TEXT NOT NULL
  );

  -- seq is the order of arrival, so that old ones are found without an index on the time.
  CREATE TABLE requests (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    result TEXT NOT NULL,
    created_at INTEGER NOT NULL
  );

  -- Empty but for the moment in which a failed storage is tried.
  CREATE TABLE probe (data BLOB NOT NULL);
`;

/** Each step of SQL; the version of a database is how many it has seen. */
export const MIGRATIONS: readonly string[] = [FIRST];

/**
 * Brings the database to the present version, each step in a transaction of its own.
 * Throws StoreOpenError for a newer database and for one that is not Steward's, before anything is written.
 */
export function migrate(db: Connection, migrations: readonly string[] = MIGRATIONS): void {
  const version = readVersion(db, migrations.length);
  for (let next = version; next < migrations.length; next++) {
    try {
      db.run("BEGIN IMMEDIATE");
      db.script(migrations[next]!);
      db.script(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${next + 1};`);
      db.run("COMMIT");
    } catch (error) {
      db.rollback();
      throw new StoreOpenError(
        "unavailable",
        `${db.path} could not be brought from version ${next} to ${next + 1}: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }
}

/** The version of the database, which is Steward's or empty and not newer than `known`. */
export function readVersion(db: Connection, known: number): number {
  const applicationId = number(db, "PRAGMA application_id");
  const version = number(db, "PRAGMA user_version");
  const empty = number(db, "SELECT count(*) FROM sqlite_master") === 0;
  if (applicationId !== APPLICATION_ID && !(empty && applicationId === 0 && version === 0)) {
    throw new StoreOpenError("foreign", `${db.path} is a database of another program, not Steward's`);
  }
  if (version > known) {
    throw new StoreOpenError(
      "newer",
      `${db.path} was written by a newer Steward: its version is ${version}, this server knows up to ${known}. ` +
        "Start a Steward that is at least as new as the one that wrote it",
    );
  }
  return version;
}

function number(db: Connection, sql: string): number {
  return Number(db.get(sql)?.[0]);
}
