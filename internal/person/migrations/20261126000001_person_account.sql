-- +goose Up
-- Names: ja is 漢字 as people write it, kana its reading in full-width kana, en the Latin spelling. photo and recording are '', 'ask' or 'no'.
CREATE TABLE person_account (
  id             INTEGER PRIMARY KEY,
  ref            TEXT NOT NULL UNIQUE,
  name_ja        TEXT NOT NULL, name_en        TEXT NOT NULL,
  kana           TEXT NOT NULL,
  affiliation_ja TEXT NOT NULL, affiliation_en TEXT NOT NULL,
  title_ja       TEXT NOT NULL, title_en       TEXT NOT NULL,
  bio_ja         TEXT NOT NULL, bio_en         TEXT NOT NULL,
  links          TEXT NOT NULL, -- JSON list of {title, url}
  portrait       TEXT NOT NULL, -- a picture's name, or empty
  lang           TEXT NOT NULL,
  photo          TEXT NOT NULL,
  recording      TEXT NOT NULL,
  made_at        BIGINT NOT NULL,
  left_at        BIGINT NOT NULL  -- when the person erased themselves; 0: still here
);

CREATE TABLE person_address (
  id          INTEGER PRIMARY KEY,
  account_id  BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  address     TEXT NOT NULL,
  folded      TEXT NOT NULL UNIQUE,
  verified_at BIGINT NOT NULL, -- 0: not yet
  main        INTEGER NOT NULL
);
CREATE INDEX person_address_account ON person_address (account_id);

CREATE TABLE person_session (
  id            INTEGER PRIMARY KEY,
  account_id    BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  token         TEXT NOT NULL UNIQUE, -- SHA-256 of the cookie's value
  method        TEXT NOT NULL,        -- code, link, passkey, oidc, first, demo
  agent         TEXT NOT NULL,
  origin        TEXT NOT NULL,        -- the address it was begun from
  begun_at      BIGINT NOT NULL,
  seen_at       BIGINT NOT NULL,
  stepped_up_at BIGINT NOT NULL
);
CREATE INDEX person_session_account ON person_session (account_id);

-- A code that was sent by mail. purpose: sign-in, address (to verify another one), step-up. account_id is 0 for sign-in, which may make one.
CREATE TABLE person_code (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  purpose    TEXT NOT NULL,
  account_id BIGINT NOT NULL,
  address    TEXT NOT NULL,
  folded     TEXT NOT NULL,
  lang       TEXT NOT NULL,
  code       TEXT NOT NULL, -- SHA-256 of ref and code
  link       TEXT NOT NULL UNIQUE, -- SHA-256 of the token in the link
  next       TEXT NOT NULL,
  made_at    BIGINT NOT NULL,
  ends_at    BIGINT NOT NULL,
  tries      BIGINT NOT NULL,
  used_at    BIGINT NOT NULL
);
CREATE INDEX person_code_ends ON person_code (ends_at);

-- The one-time link of an installation without an owner.
CREATE TABLE person_first (
  id      INTEGER PRIMARY KEY,
  token   TEXT NOT NULL UNIQUE,
  made_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
);

-- What other features may join: who somebody is, as others see them.
CREATE VIEW person_pub_account AS
  SELECT id, ref, name_ja, name_en, kana, affiliation_ja, affiliation_en, portrait, lang, photo, recording, left_at FROM person_account;
