-- +goose Up

-- How much of the price is kept of a choice that was given up, in percent.
ALTER TABLE registration_choice ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;

-- The lottery of an option: its secret is promised (commitment) as soon as the option is one, and published with the draw.
CREATE TABLE registration_draw (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  option     TEXT NOT NULL,
  secret     TEXT NOT NULL,
  commitment TEXT NOT NULL,
  outside    TEXT NOT NULL,    -- the name of the outside value; empty: none
  value      TEXT NOT NULL,    -- the outside value, once it is known
  asked      INTEGER NOT NULL, -- raised by everybody who asks, so that the list freezes before or after them
  made_at    BIGINT NOT NULL,
  frozen_at  BIGINT NOT NULL,
  draw_at    BIGINT NOT NULL,  -- as it was when the list was frozen
  drawn_at   BIGINT NOT NULL,
  UNIQUE (meeting_id, option)
);

-- The frozen list of a slot.
CREATE TABLE registration_draw_list (
  draw_id  BIGINT NOT NULL REFERENCES registration_draw (id),
  slot     TEXT NOT NULL,
  capacity INTEGER NOT NULL,
  hash     TEXT NOT NULL,
  PRIMARY KEY (draw_id, slot)
);

-- Who is in a frozen list, without a name; and what the draw gave.
CREATE TABLE registration_ticket (
  draw_id   BIGINT NOT NULL REFERENCES registration_draw (id),
  slot      TEXT NOT NULL,
  ticket    TEXT NOT NULL,
  choice_id BIGINT NOT NULL REFERENCES registration_choice (id),
  weight    INTEGER NOT NULL,
  size      INTEGER NOT NULL,
  place     INTEGER NOT NULL, -- 0: not drawn yet
  number    TEXT NOT NULL,
  won       INTEGER NOT NULL,
  PRIMARY KEY (draw_id, slot, ticket)
);

CREATE INDEX registration_choice_offered ON registration_choice (offered_until) WHERE state = 'offered';
