-- +goose Up

-- Places that somebody hands over to somebody else.
CREATE TABLE registration_handover (
  id              INTEGER PRIMARY KEY,
  ref             TEXT NOT NULL UNIQUE,
  meeting_id      BIGINT NOT NULL REFERENCES event_meeting (id),
  entry_id        BIGINT NOT NULL REFERENCES registration_entry (id),
  from_person     BIGINT NOT NULL, -- who had the place; 0: no account is known
  from_name_ja    TEXT NOT NULL,
  from_name_en    TEXT NOT NULL,
  from_org_ja     TEXT NOT NULL,
  from_org_en     TEXT NOT NULL,
  from_department TEXT NOT NULL,
  from_address    TEXT NOT NULL,
  from_folded     TEXT NOT NULL,
  from_lang       TEXT NOT NULL,
  to_name         TEXT NOT NULL,
  to_address      TEXT NOT NULL,
  to_folded       TEXT NOT NULL,
  state           TEXT NOT NULL, -- open, accepted, declined, withdrawn, lapsed
  made_at         BIGINT NOT NULL,
  until           BIGINT NOT NULL
);
CREATE UNIQUE INDEX registration_handover_open ON registration_handover (entry_id) WHERE state = 'open';
CREATE INDEX registration_handover_entry ON registration_handover (entry_id, id);
