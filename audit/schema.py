"""The tables, and what tells a store of ours from anything else."""

from __future__ import annotations

FILE = "audit.sqlite"
"""In the folder that settings and commands name."""
LOCK = "audit.lock"
"""Beside it: held by the process that writes."""
APPLICATION_ID = 0x4861726D  # Harm
VERSION = 1
"""Of the tables; a store of another is neither read nor written."""
PAGE_BYTES = 8192
AUTO_VACUUM = 2
"""Incremental: what is dropped leaves the file as it is told to, some at a time."""
WAL_PAGES = 1000
"""So many changed pages wait in the log before they are written to their places."""

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
CREATE TABLE groups (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  recipe INTEGER NOT NULL REFERENCES recipes (id),
  run TEXT NOT NULL,
  day INTEGER NOT NULL,
  step INTEGER,
  split TEXT NOT NULL,
  scored_at_s REAL NOT NULL,
  group_id TEXT NOT NULL,
  task TEXT,
  size INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  interaction INTEGER NOT NULL,
  texts TEXT NOT NULL,
  weights BLOB NOT NULL,
  numbers BLOB NOT NULL,
  reasons TEXT NOT NULL,
  digests BLOB NOT NULL
);
CREATE INDEX groups_of_run ON groups (run, number, day, split, step, task, recipe);
CREATE INDEX groups_by_id ON groups (group_id);
CREATE TABLE texts (
  number INTEGER PRIMARY KEY,
  shared TEXT NOT NULL,
  content BLOB NOT NULL
);
CREATE TABLE contents (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  uses INTEGER NOT NULL
);
CREATE TABLE blobs (
  id INTEGER PRIMARY KEY,
  content BLOB NOT NULL
);
CREATE TABLE spans (
  run TEXT NOT NULL,
  day INTEGER NOT NULL,
  split TEXT NOT NULL,
  recipe INTEGER NOT NULL REFERENCES recipes (id),
  groups INTEGER NOT NULL,
  completions INTEGER NOT NULL,
  scored INTEGER NOT NULL,
  zero_variance INTEGER NOT NULL,
  comparable INTEGER NOT NULL,
  first_step INTEGER,
  last_step INTEGER,
  last_scored INTEGER NOT NULL,
  last_sum REAL NOT NULL,
  began_s REAL NOT NULL,
  last_s REAL NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (run, day, split, recipe)
) WITHOUT ROWID;
"""
"""`numbers` has a row per sample, `weights` what multiplied its columns, `reasons` who abstained
and why, `digests` the first bytes of each completion's; `texts` what was written, with `shared`
naming the `contents` it has in common with others, which count their `uses`. `spans` sums up a
run's groups by split and recipe, and those without a run by UTC day."""
