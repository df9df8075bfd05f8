/**
 * The metadata database: SQLite in WAL mode, one per root, used by many processes at once.
 * Nothing in a transaction waits: no await, no effect outside the database.
 */
import type { DatabaseSync } from "node:sqlite";

export interface Database {
  /** On a disk that may only be read: every write is refused with FailedPrecondition. */
  readonly isReadOnly: boolean;
  /** Reads a consistent view. */
  read<T>(query: (database: DatabaseSync) => T): T;
  /**
   * Runs one BEGIN IMMEDIATE transaction; what throws rolls back. Waits for other writers: in a
   * one-shot command up to 10 s inside SQLite, in a server a few ms at a time with jitter between.
   * Rejects with Unavailable when the wait is over, ResourceExhausted when the disk is full.
   */
  write<T>(change: (database: DatabaseSync) => T): Promise<T>;
  close(): void;
}
