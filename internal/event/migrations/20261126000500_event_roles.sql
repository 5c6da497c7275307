-- +goose Up
CREATE TABLE event_team (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE, -- its name in addresses
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  name_ja    TEXT NOT NULL, name_en TEXT NOT NULL,
  gone       BOOLEAN NOT NULL -- taken away; its row stays for the grants of the past
);
CREATE INDEX event_team_meeting ON event_team (meeting_id);

CREATE TABLE event_team_role (
  id      INTEGER PRIMARY KEY,
  team_id BIGINT NOT NULL REFERENCES event_team (id) ON DELETE CASCADE,
  role    TEXT NOT NULL,
  UNIQUE (team_id, role)
);

CREATE TABLE event_invitation (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  token      TEXT NOT NULL UNIQUE, -- SHA-256 of the token in the link, which is stored nowhere
  meeting_id BIGINT REFERENCES event_meeting (id) ON DELETE CASCADE, -- NULL: a role of the group
  role       TEXT NOT NULL,        -- empty where it is the team that is joined
  team_id    BIGINT REFERENCES event_team (id),
  object     TEXT NOT NULL,
  ends_on    TEXT NOT NULL,        -- last day of what is granted, or empty
  note       TEXT NOT NULL,
  address    TEXT NOT NULL,        -- the only mail address that may accept, in lower case; empty: whoever has the link
  uses       BIGINT NOT NULL,
  used       BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,        -- public id of a person, or system:name
  maker_id   BIGINT NOT NULL,      -- row id of that person, who must still be allowed to give this when it is accepted; 0: the system
  revoked_at BIGINT NOT NULL       -- 0: it was not
);
CREATE INDEX event_invitation_meeting ON event_invitation (meeting_id);

CREATE TABLE event_grant (
  id            INTEGER PRIMARY KEY,
  ref           TEXT NOT NULL UNIQUE,
  meeting_id    BIGINT REFERENCES event_meeting (id) ON DELETE CASCADE, -- NULL: a role of the group
  person_id     BIGINT NOT NULL REFERENCES person_account (id),
  role          TEXT NOT NULL,     -- empty where the team says which
  team_id       BIGINT REFERENCES event_team (id),
  object        TEXT NOT NULL,     -- of a role on one object, such as a session; else empty
  ends_on       TEXT NOT NULL,     -- last day, YYYY-MM-DD in the meeting's zone, or empty
  granted_at    BIGINT NOT NULL,
  granted_by    TEXT NOT NULL,     -- public id of a person, or system:name
  invitation_id BIGINT REFERENCES event_invitation (id),
  ended_at      BIGINT NOT NULL,   -- 0: it was not ended before its last day
  ended_by      TEXT NOT NULL
);
CREATE UNIQUE INDEX event_grant_once ON event_grant (person_id, COALESCE(meeting_id, 0), role, COALESCE(team_id, 0), object) WHERE ended_at = 0;
CREATE INDEX event_grant_meeting ON event_grant (meeting_id);
