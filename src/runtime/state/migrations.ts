/** One step of the schema. */
export interface Migration {
  readonly sql: string;
  /**
   * A crish that does not know the step goes on beside it without harm, so it is done while others
   * work. True only of steps that make new tables and indices: rows are inserted by position, so even
   * a new column breaks who does not know it. Any other step waits until nobody uses the database.
   */
  readonly additive: boolean;
}

/**
 * The schema, as steps: `PRAGMA user_version` counts those done. A step that has been released is
 * never changed; the next one is appended. Records are versioned JSON with bigint as decimal strings:
 * a new version of a record needs a step of its own, without SQL, that is not additive.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    additive: false,
    sql: `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE sandboxes (
    id TEXT PRIMARY KEY,
    name_key TEXT NOT NULL UNIQUE,
    created_at_ns INTEGER NOT NULL,
    config BLOB NOT NULL,
    record TEXT NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE containers (
    id TEXT PRIMARY KEY,
    sandbox_id TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    created_at_ns INTEGER NOT NULL,
    config BLOB NOT NULL,
    record TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX containers_by_sandbox ON containers (sandbox_id);

  CREATE TABLE images (
    id TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    created_at_ns INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE image_names (
    name TEXT PRIMARY KEY,
    image_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('tag', 'digest'))
  ) WITHOUT ROWID;
  CREATE INDEX image_names_by_image ON image_names (image_id);
  CREATE TABLE image_blobs (
    image_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (image_id, digest)
  ) WITHOUT ROWID;
  CREATE INDEX image_blobs_by_digest ON image_blobs (digest);
  CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    last_used INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE snapshots (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    parent_number INTEGER,
    kind TEXT NOT NULL CHECK (kind IN ('active', 'committed')),
    size_bytes INTEGER,
    inodes INTEGER
  );
  CREATE INDEX snapshots_by_parent ON snapshots (parent_number);

  CREATE TABLE locks (
    name TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    start_time INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    holder TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE intents (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT,
    pid INTEGER NOT NULL,
    start_time INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    created_at_ns INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
  ) WITHOUT ROWID;
  `,
  },
];
