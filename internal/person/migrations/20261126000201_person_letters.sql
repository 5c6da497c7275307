-- +goose Up
-- What somebody said about a kind of letters; who said nothing gets them.
CREATE TABLE person_preference (
  account_id BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL,
  wanted     INTEGER NOT NULL,
  said_at    BIGINT NOT NULL,
  PRIMARY KEY (account_id, kind)
);

-- Secrets of this installation, made when first needed: 'unsubscribe' signs the links in letters.
CREATE TABLE person_key (
  name    TEXT NOT NULL PRIMARY KEY,
  secret  TEXT NOT NULL,
  made_at BIGINT NOT NULL
);

-- An account that was united with another one: 0 where it was not. Whoever looks for it is led to the other.
ALTER TABLE person_account ADD COLUMN merged_into BIGINT NOT NULL DEFAULT 0;
CREATE INDEX person_account_merged ON person_account (merged_into) WHERE merged_into > 0;
