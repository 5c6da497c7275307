-- +goose Up

-- What the organiser of a meeting decided of its registration: one document.
CREATE TABLE registration_setup (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL UNIQUE REFERENCES event_meeting (id),
  version    BIGINT NOT NULL, -- raised by every change
  document   TEXT NOT NULL,   -- JSON
  changed_at BIGINT NOT NULL
);

-- How many places something has, and how many are taken. Every kind, day and slot has a row, also those without a bound.
CREATE TABLE registration_quota (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  key        TEXT NOT NULL,
  capacity   INTEGER NOT NULL, -- -1: no bound
  taken      INTEGER NOT NULL,
  UNIQUE (meeting_id, key)
);

-- One person's registration.
CREATE TABLE registration_entry (
  id            INTEGER PRIMARY KEY,
  ref           TEXT NOT NULL UNIQUE,
  meeting_id    BIGINT NOT NULL REFERENCES event_meeting (id),
  person_id     BIGINT NOT NULL, -- 0: no account is known
  kind          TEXT NOT NULL,
  state         TEXT NOT NULL,
  name_ja       TEXT NOT NULL,
  name_en       TEXT NOT NULL,
  kana          TEXT NOT NULL,
  org_ja        TEXT NOT NULL,
  org_en        TEXT NOT NULL,
  department    TEXT NOT NULL,
  badge         TEXT NOT NULL,
  address       TEXT NOT NULL,
  folded        TEXT NOT NULL, -- the address as compared
  lang          TEXT NOT NULL,
  find          TEXT NOT NULL, -- what it is searched by, folded
  code          TEXT NOT NULL, -- ref of the code that was used
  group_ref     TEXT NOT NULL, -- ref of the group it belongs to
  made_at       BIGINT NOT NULL,
  proved_at     BIGINT NOT NULL,
  priced_at     BIGINT NOT NULL,
  changed_at    BIGINT NOT NULL,
  offered_until BIGINT NOT NULL,
  cancelled_at  BIGINT NOT NULL,
  why           TEXT NOT NULL,
  version       INTEGER NOT NULL,
  link_no       INTEGER NOT NULL
);
CREATE INDEX registration_entry_meeting ON registration_entry (meeting_id, id);
CREATE INDEX registration_entry_person ON registration_entry (person_id) WHERE person_id <> 0;
CREATE INDEX registration_entry_waiting ON registration_entry (meeting_id, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX registration_entry_once ON registration_entry (meeting_id, folded) WHERE state <> 'cancelled' AND folded <> '';
CREATE UNIQUE INDEX registration_entry_one ON registration_entry (meeting_id, person_id) WHERE state <> 'cancelled' AND person_id <> 0;

-- The days on which somebody takes part.
CREATE TABLE registration_day (
  entry_id BIGINT NOT NULL REFERENCES registration_entry (id),
  day      TEXT NOT NULL,
  mode     TEXT NOT NULL, -- onsite or online
  PRIMARY KEY (entry_id, day)
);

-- What somebody answered. Several choices of one question are several rows.
CREATE TABLE registration_answer (
  entry_id BIGINT NOT NULL REFERENCES registration_entry (id),
  question TEXT NOT NULL,
  value    TEXT NOT NULL,
  PRIMARY KEY (entry_id, question, value)
);

-- What somebody chose besides.
CREATE TABLE registration_choice (
  id            INTEGER PRIMARY KEY,
  ref           TEXT NOT NULL UNIQUE,
  meeting_id    BIGINT NOT NULL REFERENCES event_meeting (id),
  entry_id      BIGINT NOT NULL REFERENCES registration_entry (id),
  option        TEXT NOT NULL,
  slot          TEXT NOT NULL,
  state         TEXT NOT NULL,    -- asked, waiting, offered, taken, lost, cancelled
  companions    INTEGER NOT NULL,
  place         BIGINT NOT NULL,  -- the order of the waiting list
  asked_at      BIGINT NOT NULL,
  priced_at     BIGINT NOT NULL,
  offered_until BIGINT NOT NULL,
  changed_at    BIGINT NOT NULL
);
CREATE INDEX registration_choice_entry ON registration_choice (entry_id);
CREATE INDEX registration_choice_slot ON registration_choice (meeting_id, option, slot, state, place);

-- Forms that were sent, so that one that is sent twice makes one entry.
CREATE TABLE registration_request (
  key     TEXT PRIMARY KEY, -- hash of what the form carried
  entry   TEXT NOT NULL,    -- ref of what it made
  made_at BIGINT NOT NULL
);

-- The secret that signs the links in letters: one row, made when the first is signed.
CREATE TABLE registration_key (
  id      INTEGER PRIMARY KEY,
  secret  TEXT NOT NULL,
  made_at BIGINT NOT NULL
);
