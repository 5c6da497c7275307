-- +goose Up
CREATE TABLE audit_entry (
  id     INTEGER PRIMARY KEY, -- secret ones have random ids below 0, so that they keep no order
  at     BIGINT  NOT NULL,    -- microseconds; of secret ones the day
  actor  TEXT    NOT NULL,    -- the opaque public id of who did it; empty: nobody signed in
  action TEXT    NOT NULL,
  scope  TEXT    NOT NULL,    -- slug of the meeting; empty: the group
  object TEXT    NOT NULL,
  about  TEXT    NOT NULL,    -- the opaque public id of the person whose values these are, or empty
  secret BOOLEAN NOT NULL,
  marks  TEXT    NOT NULL,    -- JSON: the name of each value with its salted hash
  digest TEXT    NOT NULL,    -- hex, over all of the above but id
  seal   BIGINT,              -- place in the chain from 1 on; NULL until it is sealed
  chain  TEXT                 -- hex, over the chain before, seal, id and digest
);
CREATE UNIQUE INDEX audit_entry_seal ON audit_entry (seal);
CREATE INDEX audit_entry_open ON audit_entry (id) WHERE seal IS NULL;
CREATE INDEX audit_entry_object ON audit_entry (scope, object, at, id);
CREATE INDEX audit_entry_scope ON audit_entry (scope, at, id);
CREATE INDEX audit_entry_at ON audit_entry (at, id);
CREATE INDEX audit_entry_actor ON audit_entry (actor, at, id);
CREATE INDEX audit_entry_about ON audit_entry (about) WHERE about <> '';

-- What may be erased. What is missing here was erased; what is here must fit its mark.
CREATE TABLE audit_value (
  entry   BIGINT PRIMARY KEY REFERENCES audit_entry (id),
  address TEXT NOT NULL, -- JSON: salt and the address the actor came from; empty: erased or unknown
  content TEXT NOT NULL  -- JSON: a list of name, salt, before and after; empty: erased, or there was none
);

-- One row: the end of the chain. Sealing updates it first, so that two processes take turns.
CREATE TABLE audit_head (
  id   BIGINT PRIMARY KEY,
  seal BIGINT NOT NULL,
  hash TEXT   NOT NULL
);
INSERT INTO audit_head (id, seal, hash) VALUES (1, 0, '');
