-- +goose Up
CREATE TABLE event_task (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE, -- its name in addresses
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  title      TEXT NOT NULL,
  role       TEXT NOT NULL,        -- key of the role that sees to it, or empty
  anchor     TEXT NOT NULL,        -- first or last: the day of the meeting that it is counted from
  days       BIGINT NOT NULL,      -- after that day; before it where negative
  notes      TEXT NOT NULL,        -- Markdown
  origin     TEXT NOT NULL,        -- slug of the meeting it was carried over from, or empty
  made_at    BIGINT NOT NULL,
  done_at    BIGINT NOT NULL,      -- 0: not yet
  done_by    TEXT NOT NULL
);
CREATE INDEX event_task_meeting ON event_task (meeting_id);
