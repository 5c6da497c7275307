-- +goose Up
-- session is the permanent reference of a session in the meeting's programme. opens is now, end or held. Times are microseconds UTC;
-- withdrawn_at is 0 as long as the material is handed in.
CREATE TABLE material_file (
  id           INTEGER PRIMARY KEY,
  public_id    TEXT NOT NULL UNIQUE,
  meeting_id   BIGINT NOT NULL REFERENCES event_meeting (id),
  session      TEXT NOT NULL,
  kind         TEXT NOT NULL,
  label_ja     TEXT NOT NULL,
  label_en     TEXT NOT NULL,
  opens        TEXT NOT NULL,
  made_at      BIGINT NOT NULL,
  withdrawn_at BIGINT NOT NULL
);
CREATE INDEX material_file_session ON material_file (meeting_id, session);

-- digest is the SHA-256 of the content, by which the file is kept. made_by is an account, 0 where it is erased.
CREATE TABLE material_version (
  id      INTEGER PRIMARY KEY,
  file_id BIGINT NOT NULL REFERENCES material_file (id),
  number  INTEGER NOT NULL,
  name    TEXT NOT NULL,
  format  TEXT NOT NULL,
  size    BIGINT NOT NULL,
  pages   INTEGER NOT NULL,
  digest  TEXT NOT NULL,
  note    TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  made_by BIGINT NOT NULL,
  UNIQUE (file_id, number)
);
CREATE INDEX material_version_digest ON material_version (digest);
CREATE INDEX material_version_maker ON material_version (made_by);

-- public_id is also the name of the unfinished file. version_of is the public id of the material it replaces the file of, or empty; became
-- that of the material it has become, empty while it is unfinished.
CREATE TABLE material_upload (
  id         INTEGER PRIMARY KEY,
  public_id  TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  session    TEXT NOT NULL,
  version_of TEXT NOT NULL,
  kind       TEXT NOT NULL,
  label_ja   TEXT NOT NULL,
  label_en   TEXT NOT NULL,
  opens      TEXT NOT NULL,
  note       TEXT NOT NULL,
  name       TEXT NOT NULL,
  size       BIGINT NOT NULL,
  made_by    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  became     TEXT NOT NULL
);
CREATE INDEX material_upload_maker ON material_upload (made_by);
