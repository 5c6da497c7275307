-- +goose Up

-- Who registers colleagues together, and pays for them.
CREATE TABLE registration_group (
  id            INTEGER PRIMARY KEY,
  ref           TEXT NOT NULL UNIQUE,
  meeting_id    BIGINT NOT NULL REFERENCES event_meeting (id),
  person_id     BIGINT NOT NULL, -- the account of its owner; 0: none is known
  name_ja       TEXT NOT NULL,
  name_en       TEXT NOT NULL,
  org_ja        TEXT NOT NULL,
  org_en        TEXT NOT NULL,
  department    TEXT NOT NULL,
  address       TEXT NOT NULL,
  folded        TEXT NOT NULL,
  lang          TEXT NOT NULL,
  confirm_until BIGINT NOT NULL, -- until when its members have to confirm
  made_at       BIGINT NOT NULL,
  proved_at     BIGINT NOT NULL, -- 0: nobody came by the letter yet
  version       INTEGER NOT NULL,
  link_no       INTEGER NOT NULL
);
CREATE INDEX registration_group_meeting ON registration_group (meeting_id, folded);
CREATE INDEX registration_entry_group ON registration_entry (group_ref) WHERE group_ref <> '';

-- Colleagues who were asked to confirm.
CREATE TABLE registration_invite (
  entry_id BIGINT PRIMARY KEY REFERENCES registration_entry (id),
  twin_id  BIGINT NOT NULL,  -- the entry that somebody of the address had already; 0: none
  sent_at  BIGINT NOT NULL,  -- of the last letter
  reminded INTEGER NOT NULL  -- how often, by the clock
);

-- Whose an entry was before it was handed over or swapped: what the log keeps of them goes with their account.
CREATE TABLE registration_former (
  entry_id  BIGINT NOT NULL REFERENCES registration_entry (id),
  person_id BIGINT NOT NULL,
  until     BIGINT NOT NULL
);
CREATE INDEX registration_former_person ON registration_former (person_id);
