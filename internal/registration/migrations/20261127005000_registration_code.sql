-- +goose Up

-- Codes that open a kind or lower a price. How often one may be used, and was, is its quota: registration_quota "code:REF".
CREATE TABLE registration_code (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  word       TEXT NOT NULL,    -- what people type, without hyphens
  sort       TEXT NOT NULL,    -- quota, discount, invitation
  name       TEXT NOT NULL,    -- for whom
  kind       TEXT NOT NULL,    -- that it opens, or is good for; empty: any
  ends_at    BIGINT NOT NULL,  -- 0: never
  yen        BIGINT NOT NULL,
  percent    INTEGER NOT NULL,
  on_kind    INTEGER NOT NULL, -- 1: the price of the kind is lowered
  options    TEXT NOT NULL,    -- keys of the options whose price is lowered, parted by spaces
  address    TEXT NOT NULL,    -- of the contact, or of who is invited
  lang       TEXT NOT NULL,
  off        INTEGER NOT NULL, -- 1: switched off
  made_at    BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version    INTEGER NOT NULL,
  link_no    INTEGER NOT NULL, -- raised to make earlier addresses of its page invalid
  UNIQUE (meeting_id, word)
);
CREATE INDEX registration_entry_code ON registration_entry (code) WHERE code <> '';
