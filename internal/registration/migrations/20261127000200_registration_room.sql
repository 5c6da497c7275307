-- +goose Up

-- The waiting room of a meeting: when the next who comes is let in. Who waits carries a signed time and has no row.
CREATE TABLE registration_room (
  meeting_id BIGINT PRIMARY KEY REFERENCES event_meeting (id),
  next_at    BIGINT NOT NULL
);
