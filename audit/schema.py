"""The tables, and what tells a store of ours from anything else."""

from __future__ import annotations

FILE = "audit.sqlite"
"""In the folder that settings and commands name."""
APPLICATION_ID = 0x4861726D  # Harm
VERSION = 1
"""Of the tables; a store of another is neither read nor written."""

TABLES = """
CREATE TABLE recipes (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  scorer_version TEXT NOT NULL,
  columns TEXT NOT NULL,
  recipe TEXT NOT NULL,
  UNIQUE (name, version, scorer_version)
);
CREATE TABLE contents (
  digest BLOB PRIMARY KEY,
  content BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE groups (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  recipe INTEGER NOT NULL REFERENCES recipes (id),
  run TEXT NOT NULL,
  step INTEGER,
  split TEXT NOT NULL,
  scored_at_s REAL NOT NULL,
  group_id TEXT NOT NULL,
  task TEXT,
  size INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  scored INTEGER NOT NULL,
  mean REAL,
  spread REAL,
  numbers BLOB NOT NULL,
  reasons TEXT NOT NULL,
  bytes INTEGER NOT NULL
);
CREATE INDEX groups_of_run ON groups (run, split, step);
CREATE TABLE texts (
  number INTEGER PRIMARY KEY REFERENCES groups (number) ON DELETE CASCADE,
  prompt BLOB REFERENCES contents (digest),
  pictures TEXT NOT NULL,
  content BLOB NOT NULL
);
"""
