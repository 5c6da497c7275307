-- +goose Up

-- A briefing: what is told, to whom, and since when. duties, roles, teams and sessions say to whom, as words with a space between.
CREATE TABLE briefing_item (
  id           INTEGER PRIMARY KEY,
  ref          TEXT NOT NULL UNIQUE,
  meeting_id   BIGINT NOT NULL REFERENCES event_meeting (id),
  kind         TEXT NOT NULL,
  from_release INTEGER NOT NULL, -- of a change: the release people know, and the one they are told of
  to_release   INTEGER NOT NULL,
  state        TEXT NOT NULL,
  decided      INTEGER NOT NULL, -- 0: under consideration
  edited       INTEGER NOT NULL, -- somebody wrote the text
  subject_ja   TEXT NOT NULL,
  subject_en   TEXT NOT NULL,
  text_ja      TEXT NOT NULL,
  text_en      TEXT NOT NULL,
  duties       TEXT NOT NULL,
  roles        TEXT NOT NULL,
  teams        TEXT NOT NULL,
  sessions     TEXT NOT NULL,
  told         INTEGER NOT NULL, -- how many letters it has, once it is sent
  made_at      BIGINT NOT NULL,
  made_by      TEXT NOT NULL,
  sent_at      BIGINT NOT NULL,  -- when somebody pressed "send"; 0: nobody did
  sent_by      TEXT NOT NULL,
  leaves_at    BIGINT NOT NULL,  -- until when it may be taken back
  left_at      BIGINT NOT NULL
);
CREATE INDEX briefing_item_meeting ON briefing_item (meeting_id, id);
CREATE UNIQUE INDEX briefing_item_open ON briefing_item (meeting_id) WHERE kind = 'change' AND state = 'open';

-- Who gets it. person_id or contact_id is set. Of those who are not asked to acknowledge, the row goes when the letter is in the outbox.
CREATE TABLE briefing_recipient (
  id              INTEGER PRIMARY KEY,
  ref             TEXT NOT NULL UNIQUE,
  item_id         BIGINT NOT NULL REFERENCES briefing_item (id),
  person_id       BIGINT NOT NULL, -- 0: a contact
  contact_id      BIGINT NOT NULL, -- 0: an account
  name_ja         TEXT NOT NULL,
  name_en         TEXT NOT NULL,
  address         TEXT NOT NULL,   -- of a contact; an account's is looked up when the letter leaves
  phone           TEXT NOT NULL,
  lang            TEXT NOT NULL,
  duties          TEXT NOT NULL,
  sessions        TEXT NOT NULL,
  asks            INTEGER NOT NULL,
  state           TEXT NOT NULL,
  acknowledged_at BIGINT NOT NULL,
  how             TEXT NOT NULL,   -- link, account, or noted
  noted_by        TEXT NOT NULL,
  call            INTEGER NOT NULL,
  call_note       TEXT NOT NULL,
  superseded_by   BIGINT NOT NULL, -- a later briefing that says everything anew; 0: none
  reminders       INTEGER NOT NULL,
  reminded_at     BIGINT NOT NULL
);
CREATE INDEX briefing_recipient_item ON briefing_recipient (item_id);
CREATE INDEX briefing_recipient_person ON briefing_recipient (person_id);

-- How to reach speakers without an account, as the committee typed it.
CREATE TABLE briefing_contact (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  speaker    TEXT NOT NULL, -- key in the programme
  name       TEXT NOT NULL,
  address    TEXT NOT NULL,
  phone      TEXT NOT NULL,
  lang       TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  UNIQUE (meeting_id, speaker)
);

-- Who works where: a duty in a room (empty: in all) on a day (empty: on all), or at one session, held by a person, a team or a role.
CREATE TABLE briefing_post (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  duty       TEXT NOT NULL,
  room       TEXT NOT NULL,
  day        TEXT NOT NULL,
  session    TEXT NOT NULL, -- guid
  person_id  BIGINT NOT NULL, -- 0: a team or a role
  team       TEXT NOT NULL, -- ref
  role       TEXT NOT NULL
);
CREATE INDEX briefing_post_meeting ON briefing_post (meeting_id, id);

-- The secret that signs the links in letters: one row, made when the first is signed.
CREATE TABLE briefing_key (
  id      INTEGER PRIMARY KEY,
  secret  TEXT NOT NULL,
  made_at BIGINT NOT NULL
);
