-- +goose Up
CREATE TABLE event_group (
  id        INTEGER PRIMARY KEY,
  name_ja   TEXT NOT NULL, name_en  TEXT NOT NULL,
  about_ja  TEXT NOT NULL, about_en TEXT NOT NULL,
  languages TEXT NOT NULL, -- tags with a space between, the default first
  timezone  TEXT NOT NULL,
  accent    TEXT NOT NULL,
  logo      TEXT NOT NULL,
  url       TEXT NOT NULL
);

CREATE TABLE event_series (
  id       INTEGER PRIMARY KEY,
  key      TEXT NOT NULL UNIQUE,
  position BIGINT NOT NULL,
  title_ja TEXT NOT NULL, title_en TEXT NOT NULL,
  about_ja TEXT NOT NULL, about_en TEXT NOT NULL
);

CREATE TABLE event_meeting (
  id           INTEGER PRIMARY KEY,
  slug         TEXT NOT NULL UNIQUE,
  series       TEXT REFERENCES event_series (key),
  title_ja     TEXT NOT NULL, title_en   TEXT NOT NULL,
  short        TEXT NOT NULL,
  theme_ja     TEXT NOT NULL, theme_en   TEXT NOT NULL,
  summary_ja   TEXT NOT NULL, summary_en TEXT NOT NULL,
  languages    TEXT NOT NULL,
  timezone     TEXT NOT NULL,
  first_day    TEXT NOT NULL, -- YYYY-MM-DD or empty
  last_day     TEXT NOT NULL,
  month        TEXT NOT NULL, -- YYYY-MM where the days are not known
  day_boundary TEXT NOT NULL, -- HH:MM or empty
  place_ja     TEXT NOT NULL, place_en   TEXT NOT NULL,
  hashtag      TEXT NOT NULL,
  phase        TEXT NOT NULL,
  accent       TEXT NOT NULL,
  logo         TEXT NOT NULL,
  key_visual   TEXT NOT NULL,
  url          TEXT NOT NULL,
  derived_from TEXT NOT NULL -- a slug; that meeting may be imported later, so no reference
);
CREATE INDEX event_meeting_series ON event_meeting (series);

CREATE TABLE event_part (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  key        TEXT NOT NULL,
  title_ja   TEXT NOT NULL, title_en TEXT NOT NULL,
  place_ja   TEXT NOT NULL, place_en TEXT NOT NULL,
  online     BOOLEAN NOT NULL,
  onsite     BOOLEAN NOT NULL,
  UNIQUE (meeting_id, key)
);

CREATE TABLE event_day (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  part       TEXT NOT NULL,
  day        TEXT NOT NULL, -- YYYY-MM-DD
  UNIQUE (meeting_id, part, day),
  FOREIGN KEY (meeting_id, part) REFERENCES event_part (meeting_id, key)
);

CREATE TABLE event_venue (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  key        TEXT NOT NULL,
  name_ja    TEXT NOT NULL, name_en    TEXT NOT NULL,
  address_ja TEXT NOT NULL, address_en TEXT NOT NULL,
  url        TEXT NOT NULL,
  UNIQUE (meeting_id, key)
);

CREATE TABLE event_room (
  id          INTEGER PRIMARY KEY,
  meeting_id  BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position    BIGINT NOT NULL,
  key         TEXT NOT NULL,
  name_ja     TEXT NOT NULL, name_en     TEXT NOT NULL,
  venue       TEXT,
  location_ja TEXT NOT NULL, location_en TEXT NOT NULL,
  capacity    BIGINT NOT NULL, -- people; 0 is not known
  online      BOOLEAN NOT NULL,
  UNIQUE (meeting_id, key),
  FOREIGN KEY (meeting_id, venue) REFERENCES event_venue (meeting_id, key)
);

CREATE TABLE event_organisation (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  role       TEXT NOT NULL,
  class_ja   TEXT NOT NULL, class_en TEXT NOT NULL,
  name_ja    TEXT NOT NULL, name_en  TEXT NOT NULL,
  url        TEXT NOT NULL,
  logo       TEXT NOT NULL
);
CREATE INDEX event_organisation_meeting ON event_organisation (meeting_id, position);

CREATE TABLE event_page (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  slug       TEXT NOT NULL,
  title_ja   TEXT NOT NULL, title_en TEXT NOT NULL,
  body_ja    TEXT NOT NULL, body_en  TEXT NOT NULL,
  hidden     BOOLEAN NOT NULL,
  UNIQUE (meeting_id, slug)
);

CREATE TABLE event_link (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  title_ja   TEXT NOT NULL, title_en TEXT NOT NULL,
  url        TEXT NOT NULL
);
CREATE INDEX event_link_meeting ON event_link (meeting_id, position);

CREATE TABLE event_figure (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  key        TEXT NOT NULL,
  label_ja   TEXT NOT NULL, label_en  TEXT NOT NULL,
  value      DOUBLE PRECISION NOT NULL,
  unit_ja    TEXT NOT NULL, unit_en   TEXT NOT NULL,
  approx     BOOLEAN NOT NULL,
  scope_ja   TEXT NOT NULL, scope_en  TEXT NOT NULL,
  wording    TEXT NOT NULL,
  source_ja  TEXT NOT NULL, source_en TEXT NOT NULL,
  n          BIGINT NOT NULL, -- how many answered; 0 is not known
  of_key     TEXT NOT NULL,
  UNIQUE (meeting_id, key)
);

-- What other features may join: one row per meeting, one row per room.
CREATE VIEW event_pub_meeting AS
  SELECT id, slug, series, title_ja, title_en, short, languages, timezone, first_day, last_day, month, day_boundary, phase FROM event_meeting;
CREATE VIEW event_pub_room AS
  SELECT id, meeting_id, position, key, name_ja, name_en, venue, location_ja, location_en, capacity, online FROM event_room;
