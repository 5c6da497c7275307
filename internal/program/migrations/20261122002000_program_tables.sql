-- +goose Up
CREATE TABLE program_kind (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  key        TEXT NOT NULL,
  label_ja   TEXT NOT NULL,
  label_en   TEXT NOT NULL,
  counts     INTEGER NOT NULL,
  pause      INTEGER NOT NULL,
  tint       INTEGER NOT NULL,
  position   INTEGER NOT NULL,
  UNIQUE (meeting_id, key)
);

CREATE TABLE program_topic (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  key        TEXT NOT NULL,
  label_ja   TEXT NOT NULL,
  label_en   TEXT NOT NULL,
  position   INTEGER NOT NULL,
  UNIQUE (meeting_id, key)
);

CREATE TABLE program_policy (
  meeting_id BIGINT PRIMARY KEY REFERENCES event_meeting (id),
  policy     TEXT NOT NULL
);

-- links and photo are as in the meeting file, links as JSON.
CREATE TABLE program_speaker (
  id             INTEGER PRIMARY KEY,
  meeting_id     BIGINT NOT NULL REFERENCES event_meeting (id),
  key            TEXT NOT NULL,
  guid           TEXT NOT NULL,
  name_ja        TEXT NOT NULL,
  name_en        TEXT NOT NULL,
  reading        TEXT NOT NULL,
  affiliation_ja TEXT NOT NULL,
  affiliation_en TEXT NOT NULL,
  bio_ja         TEXT NOT NULL,
  bio_en         TEXT NOT NULL,
  photo          TEXT NOT NULL,
  links          TEXT NOT NULL,
  position       INTEGER NOT NULL,
  UNIQUE (meeting_id, key)
);

-- starts_at and ends_at are microseconds UTC, 0 where the time is not known. topics, speakers, parts, links and policy are JSON: they are
-- read and written with their session, never searched for.
CREATE TABLE program_session (
  id          INTEGER PRIMARY KEY,
  meeting_id  BIGINT NOT NULL REFERENCES event_meeting (id),
  guid        TEXT NOT NULL,
  ref         TEXT NOT NULL,
  number      BIGINT NOT NULL,
  code        TEXT NOT NULL,
  source      TEXT NOT NULL,
  kind        TEXT NOT NULL,
  status      TEXT NOT NULL,
  title_ja    TEXT NOT NULL,
  title_en    TEXT NOT NULL,
  subtitle_ja TEXT NOT NULL,
  subtitle_en TEXT NOT NULL,
  abstract_ja TEXT NOT NULL,
  abstract_en TEXT NOT NULL,
  topics      TEXT NOT NULL,
  language    TEXT NOT NULL,
  level       TEXT NOT NULL,
  date        TEXT NOT NULL,
  starts_at   BIGINT NOT NULL,
  ends_at     BIGINT NOT NULL,
  room        TEXT NOT NULL,
  all_rooms   INTEGER NOT NULL,
  slot        TEXT NOT NULL,
  origin      TEXT NOT NULL,
  speakers    TEXT NOT NULL,
  parts       TEXT NOT NULL,
  links       TEXT NOT NULL,
  policy      TEXT NOT NULL,
  position    INTEGER NOT NULL,
  UNIQUE (meeting_id, guid),
  UNIQUE (meeting_id, ref),
  UNIQUE (meeting_id, number)
);

-- frozen is a Frozen as JSON, compressed with zstd; changes is a list of Change as JSON.
CREATE TABLE program_release (
  id          INTEGER PRIMARY KEY,
  meeting_id  BIGINT NOT NULL REFERENCES event_meeting (id),
  number      INTEGER NOT NULL,
  name        TEXT NOT NULL,
  released_at BIGINT NOT NULL,
  source      TEXT NOT NULL,
  changes     TEXT NOT NULL,
  frozen      BLOB NOT NULL,
  UNIQUE (meeting_id, number)
);

CREATE VIEW program_pub_session AS
  SELECT id, meeting_id, guid, ref, code, kind, status, title_ja, title_en, date, starts_at, ends_at, room, slot FROM program_session;

CREATE VIEW program_pub_kind AS
  SELECT meeting_id, key, label_ja, label_en, counts FROM program_kind;
