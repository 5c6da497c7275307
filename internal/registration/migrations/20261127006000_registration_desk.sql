-- +goose Up

-- What the committee notes about an entry. Its person does not see it, but gets it with everything that is kept about them.
CREATE TABLE registration_note (
  entry_id   BIGINT PRIMARY KEY REFERENCES registration_entry (id),
  body       TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- Entries that were one person's second, and the entry that was kept. They owe nothing.
CREATE TABLE registration_merge (
  entry_id  BIGINT PRIMARY KEY REFERENCES registration_entry (id),
  into_id   BIGINT NOT NULL REFERENCES registration_entry (id),
  merged_at BIGINT NOT NULL
);
CREATE INDEX registration_merge_into ON registration_merge (into_id);

-- Something done to many entries at once, in batches.
CREATE TABLE registration_bulk (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  act        TEXT NOT NULL,
  args       TEXT NOT NULL,   -- JSON: what it is done with
  chosen     TEXT NOT NULL,   -- the filter by which the entries were chosen, as parameters of an address
  made_by    TEXT NOT NULL,   -- public id of an account
  made_at    BIGINT NOT NULL,
  done_at    BIGINT NOT NULL  -- 0: not yet
);
CREATE INDEX registration_bulk_meeting ON registration_bulk (meeting_id, id);
CREATE TABLE registration_bulk_item (
  bulk_id  BIGINT NOT NULL REFERENCES registration_bulk (id),
  entry_id BIGINT NOT NULL REFERENCES registration_entry (id),
  state    TEXT NOT NULL,     -- waiting, done, failed
  why      TEXT NOT NULL,     -- key of the words that say why it failed
  PRIMARY KEY (bulk_id, entry_id)
);

-- Letters to those who registered.
CREATE TABLE registration_post (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  version    BIGINT NOT NULL,
  state      TEXT NOT NULL,   -- draft, leaving, sent
  chosen     TEXT NOT NULL,   -- the filter, as parameters of an address
  subject_ja TEXT NOT NULL,
  subject_en TEXT NOT NULL,
  body_ja    TEXT NOT NULL,
  body_en    TEXT NOT NULL,
  necessary  INTEGER NOT NULL, -- 1: nobody can decline it
  made_at    BIGINT NOT NULL,
  sent_at    BIGINT NOT NULL,  -- when somebody pressed the button
  left_at    BIGINT NOT NULL,  -- when the first letter went into the outbox
  recipients INTEGER NOT NULL
);
CREATE INDEX registration_post_meeting ON registration_post (meeting_id, id);
CREATE TABLE registration_post_to (
  post_id  BIGINT NOT NULL REFERENCES registration_post (id),
  entry_id BIGINT NOT NULL REFERENCES registration_entry (id),
  state    TEXT NOT NULL,     -- waiting, queued, skipped
  PRIMARY KEY (post_id, entry_id)
);
CREATE INDEX registration_post_to_entry ON registration_post_to (entry_id);

-- Addresses without an account whose owners want no news.
CREATE TABLE registration_refusal (
  folded  TEXT PRIMARY KEY,
  said_at BIGINT NOT NULL
);

-- Who takes part: for what is sent to the attendees of a meeting as a whole. Whether that may be is for AttendeeList to say.
CREATE VIEW registration_pub_entry AS
  SELECT meeting_id, person_id, address, folded, lang FROM registration_entry
  WHERE state = 'confirmed' AND folded <> '' AND (proved_at <> 0 OR person_id <> 0);
