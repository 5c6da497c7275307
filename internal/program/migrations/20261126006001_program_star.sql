-- +goose Up

-- The stars of people who signed in. One that was taken away stays as a row, so that the last change wins when devices meet again.
CREATE TABLE program_star (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  person_id  BIGINT NOT NULL,
  guid       TEXT NOT NULL,
  starred    INTEGER NOT NULL,
  changed_at BIGINT NOT NULL,
  UNIQUE (person_id, meeting_id, guid)
);
CREATE INDEX program_star_session ON program_star (meeting_id, guid);

-- The stars of everybody else. The id is made of a random number that only the browser knows, one for each session, so that the same star
-- counts once and only who gave it can take it back; nothing here says when it was given, from where, or with which others.
CREATE TABLE program_star_anonymous (
  id         BIGINT PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  guid       TEXT NOT NULL
);
CREATE INDEX program_star_anonymous_session ON program_star_anonymous (meeting_id, guid);
