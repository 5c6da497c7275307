-- +goose Up

-- Where something is watched. Without a session, it is of a day and a room; each of them empty: of all.
CREATE TABLE registration_stream (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  day        TEXT NOT NULL,
  room       TEXT NOT NULL,
  session    TEXT NOT NULL,    -- guid
  name_ja    TEXT NOT NULL,    -- empty: named after what it is of
  name_en    TEXT NOT NULL,
  url        TEXT NOT NULL,
  passcode   TEXT NOT NULL,
  notes_ja   TEXT NOT NULL,
  notes_en   TEXT NOT NULL,
  from_at    BIGINT NOT NULL,  -- 0: by the timetable
  until_at   BIGINT NOT NULL,
  onsite     INTEGER NOT NULL, -- 1: people on site may watch as well
  paid       INTEGER NOT NULL, -- 1: only who owes nothing
  kinds      TEXT NOT NULL,    -- keys with a space between; empty: every kind
  options    TEXT NOT NULL,    -- only who has a place in one of them; empty: everybody
  version    INTEGER NOT NULL,
  made_at    BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX registration_stream_meeting ON registration_stream (meeting_id, id);

-- What the organiser decided of taking part online. Without a row, what the program takes for granted holds.
CREATE TABLE registration_online (
  meeting_id BIGINT PRIMARY KEY REFERENCES event_meeting (id),
  letters    INTEGER NOT NULL, -- 1: the letter of the day is sent
  letter_at  TEXT NOT NULL,    -- HH:MM of the day
  words_ja   TEXT NOT NULL,    -- at the head of the letter
  words_en   TEXT NOT NULL,
  minimum    INTEGER NOT NULL, -- minutes from which somebody was there
  changed_at BIGINT NOT NULL
);

-- Who used their link, and from how many networks. A network is a keyed hash: it can be counted, and not read.
CREATE TABLE registration_join (
  entry_id  BIGINT NOT NULL REFERENCES registration_entry (id),
  stream_id BIGINT NOT NULL REFERENCES registration_stream (id),
  first_at  BIGINT NOT NULL,
  last_at   BIGINT NOT NULL,
  times     INTEGER NOT NULL,
  PRIMARY KEY (entry_id, stream_id)
);
CREATE INDEX registration_join_stream ON registration_join (stream_id);
CREATE TABLE registration_network (
  entry_id  BIGINT NOT NULL REFERENCES registration_entry (id),
  stream_id BIGINT NOT NULL REFERENCES registration_stream (id),
  network   TEXT NOT NULL,
  PRIMARY KEY (entry_id, stream_id, network)
);
CREATE INDEX registration_network_stream ON registration_network (stream_id);

-- Who was sent the letter of a day.
CREATE TABLE registration_day_letter (
  entry_id BIGINT NOT NULL REFERENCES registration_entry (id),
  day      TEXT NOT NULL,
  sent_at  BIGINT NOT NULL,
  PRIMARY KEY (entry_id, day)
);

-- Attendance reports that were taken in.
CREATE TABLE registration_report (
  id        INTEGER PRIMARY KEY,
  ref       TEXT NOT NULL UNIQUE,
  stream_id BIGINT NOT NULL REFERENCES registration_stream (id),
  digest    TEXT NOT NULL, -- of the file
  name      TEXT NOT NULL, -- of the file
  skipped   INTEGER NOT NULL,
  taken_at  BIGINT NOT NULL
);
CREATE INDEX registration_report_stream ON registration_report (stream_id);

-- The lines of these reports, as they are: one for every time that somebody joined.
CREATE TABLE registration_seen (
  id        INTEGER PRIMARY KEY,
  report_id BIGINT NOT NULL REFERENCES registration_report (id),
  day       TEXT NOT NULL,
  entry_id  BIGINT NOT NULL, -- 0: nobody knows whose it is
  key       TEXT NOT NULL,   -- who it says it is, folded: what a person decided of one is known of the others
  name      TEXT NOT NULL,
  address   TEXT NOT NULL,
  joined_at BIGINT NOT NULL, -- 0: the report has no times
  left_at   BIGINT NOT NULL,
  seconds   INTEGER NOT NULL
);
CREATE INDEX registration_seen_report ON registration_seen (report_id);
CREATE INDEX registration_seen_entry ON registration_seen (entry_id);

-- What a person decided: whose a line is. entry_id 0: of no participant, such as the host.
CREATE TABLE registration_known (
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  key        TEXT NOT NULL,
  entry_id   BIGINT NOT NULL,
  PRIMARY KEY (meeting_id, key)
);

-- What follows from the reports: who watched, for how long. session empty: all that the stream showed on the day.
CREATE TABLE registration_watch (
  entry_id  BIGINT NOT NULL REFERENCES registration_entry (id),
  stream_id BIGINT NOT NULL REFERENCES registration_stream (id),
  day       TEXT NOT NULL,
  session   TEXT NOT NULL, -- guid
  seconds   INTEGER NOT NULL,
  first_at  BIGINT NOT NULL, -- 0: the report has no times
  last_at   BIGINT NOT NULL,
  PRIMARY KEY (entry_id, stream_id, day, session)
);
CREATE INDEX registration_watch_stream ON registration_watch (stream_id);

-- For others: who was there online. One row for each entry, stream and day with session '', and one for each session that ran meanwhile.
-- present is 1 from so many minutes on as the organiser decided.
CREATE VIEW registration_pub_watch AS
  SELECT e.meeting_id, e.ref AS entry, e.person_id, s.ref AS stream, w.day, w.session, w.seconds / 60 AS minutes, w.first_at, w.last_at,
    CASE WHEN w.seconds >= 60 * COALESCE(o.minimum, 10) THEN 1 ELSE 0 END AS present
  FROM registration_watch w
  JOIN registration_entry e ON e.id = w.entry_id
  JOIN registration_stream s ON s.id = w.stream_id
  LEFT JOIN registration_online o ON o.meeting_id = e.meeting_id
  WHERE e.state <> 'cancelled';
