-- +goose Up

-- What was done at the desk, so that it can be undone. touched is a Touched as JSON; actor is the public id of who acted, never a name.
CREATE TABLE program_act (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  ref        TEXT NOT NULL UNIQUE,
  actor      TEXT NOT NULL,
  done_at    BIGINT NOT NULL,
  kind       TEXT NOT NULL,
  release    INTEGER NOT NULL,
  undone     INTEGER NOT NULL,
  touched    TEXT NOT NULL
);
CREATE INDEX program_act_meeting ON program_act (meeting_id, id);

-- Who changed a field of a session last, as the desk names fields: title.ja, kind, place.
CREATE TABLE program_field (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  guid       TEXT NOT NULL,
  field      TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  actor      TEXT NOT NULL,
  UNIQUE (meeting_id, guid, field)
);

-- The text that a translation was made of, as a hash, where it is known. field names the translation: title.en.
CREATE TABLE program_translation (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  guid       TEXT NOT NULL,
  field      TEXT NOT NULL,
  source     TEXT NOT NULL,
  UNIQUE (meeting_id, guid, field)
);
