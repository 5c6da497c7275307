-- +goose Up
CREATE TABLE signage_setting (
  meeting_id   BIGINT PRIMARY KEY REFERENCES event_meeting (id) ON DELETE CASCADE,
  sponsors     BOOLEAN NOT NULL,
  survey_url   TEXT NOT NULL,
  survey_ja    TEXT NOT NULL, survey_en TEXT NOT NULL
);

-- token is the hash of the secret that the screen holds, or null once the desk has unpaired it; alive is what the screen last said of itself,
-- as JSON, written at most once a minute.
CREATE TABLE signage_screen (
  id             INTEGER PRIMARY KEY,
  meeting_id     BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  ref            TEXT NOT NULL UNIQUE,
  token          TEXT UNIQUE,
  name           TEXT NOT NULL,
  area           TEXT NOT NULL,
  mode           TEXT NOT NULL,
  room           TEXT NOT NULL,
  languages      TEXT NOT NULL,
  theme          TEXT NOT NULL,
  turn           TEXT NOT NULL,
  paired_at      BIGINT NOT NULL,
  blank          BOOLEAN NOT NULL,
  identify_until BIGINT NOT NULL,
  reload         BIGINT NOT NULL,
  hold           TEXT NOT NULL, -- ref of a notice, or empty
  hold_until     BIGINT NOT NULL,
  alive_at       BIGINT NOT NULL,
  alive          TEXT NOT NULL
);
CREATE INDEX signage_screen_meeting ON signage_screen (meeting_id);

-- A screen that waits to be paired: its code is typed at a desk, its token becomes that of the screen.
CREATE TABLE signage_pairing (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  token      TEXT NOT NULL UNIQUE,
  expires_at BIGINT NOT NULL
);

-- days are dates, hours pairs such as 10:00-12:00, targets as in Notice.Targets, a line each.
CREATE TABLE signage_notice (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  ref        TEXT NOT NULL UNIQUE,
  key        TEXT, -- its name in the file it was read from
  title_ja   TEXT NOT NULL, title_en   TEXT NOT NULL,
  body_ja    TEXT NOT NULL, body_en    TEXT NOT NULL,
  picture_ja TEXT NOT NULL, picture_en TEXT NOT NULL,
  link       TEXT NOT NULL,
  standing   TEXT NOT NULL,
  published  BOOLEAN NOT NULL,
  urgent     BOOLEAN NOT NULL,
  seconds    BIGINT NOT NULL,
  from_at    BIGINT NOT NULL,
  until_at   BIGINT NOT NULL,
  days       TEXT NOT NULL,
  hours      TEXT NOT NULL,
  targets    TEXT NOT NULL,
  position   BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  UNIQUE (meeting_id, key)
);

-- ended_at is 0 while it covers the screens.
CREATE TABLE signage_override (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  ref        TEXT NOT NULL UNIQUE,
  severity   TEXT NOT NULL,
  text_ja    TEXT NOT NULL, text_en TEXT NOT NULL,
  since      BIGINT NOT NULL,
  ended_at   BIGINT NOT NULL
);
CREATE INDEX signage_override_meeting ON signage_override (meeting_id, ended_at);
