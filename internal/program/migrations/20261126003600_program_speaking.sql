-- +goose Up
-- When a speaker cannot be there: times are microseconds UTC. It is for those who make the programme, and for nobody else.
CREATE TABLE program_absence (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  speaker    TEXT NOT NULL,
  from_at    BIGINT NOT NULL,
  to_at      BIGINT NOT NULL,
  note       TEXT NOT NULL
);
CREATE INDEX program_absence_speaker ON program_absence (meeting_id, speaker);

-- What a speaker would like to be otherwise about a session, by its guid. changes is a list of fields with what they were and what they are to
-- be, as JSON; state is open, accepted, declined or withdrawn; made_by is an account, 0 where it is erased; answered_by is a public id.
CREATE TABLE program_suggestion (
  id          INTEGER PRIMARY KEY,
  meeting_id  BIGINT NOT NULL REFERENCES event_meeting (id),
  ref         TEXT NOT NULL UNIQUE,
  session     TEXT NOT NULL,
  changes     TEXT NOT NULL,
  reason      TEXT NOT NULL,
  state       TEXT NOT NULL,
  made_at     BIGINT NOT NULL,
  made_by     BIGINT NOT NULL,
  answer      TEXT NOT NULL,
  answered_at BIGINT NOT NULL,
  answered_by TEXT NOT NULL
);
CREATE INDEX program_suggestion_meeting ON program_suggestion (meeting_id, state);
CREATE INDEX program_suggestion_maker ON program_suggestion (made_by);
