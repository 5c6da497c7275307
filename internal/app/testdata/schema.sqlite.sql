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
CREATE INDEX audit_entry_about ON audit_entry (about) WHERE about <> '';
CREATE INDEX audit_entry_actor ON audit_entry (actor, at, id);
CREATE INDEX audit_entry_at ON audit_entry (at, id);
CREATE INDEX audit_entry_object ON audit_entry (scope, object, at, id);
CREATE INDEX audit_entry_open ON audit_entry (id) WHERE seal IS NULL;
CREATE INDEX audit_entry_scope ON audit_entry (scope, at, id);
CREATE UNIQUE INDEX audit_entry_seal ON audit_entry (seal);
CREATE TABLE audit_head (
  id   BIGINT PRIMARY KEY,
  seal BIGINT NOT NULL,
  hash TEXT   NOT NULL
);
CREATE TABLE audit_value (
  entry   BIGINT PRIMARY KEY REFERENCES audit_entry (id),
  address TEXT NOT NULL, -- JSON: salt and the address the actor came from; empty: erased or unknown
  content TEXT NOT NULL  -- JSON: a list of name, salt, before and after; empty: erased, or there was none
);
CREATE TABLE billing_card_event (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  object      TEXT NOT NULL, -- the id of what it is about
  intent      TEXT NOT NULL,
  amount      BIGINT NOT NULL,
  state       TEXT NOT NULL, -- done, ignored, waiting (for the payment it is about), odd
  note        TEXT NOT NULL,
  received_at BIGINT NOT NULL
);
CREATE INDEX billing_card_event_intent ON billing_card_event (intent, state);
CREATE TABLE billing_checkout (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE, -- the idempotency key towards the service
  order_id   BIGINT NOT NULL REFERENCES billing_order (id),
  amount     BIGINT NOT NULL,
  state      TEXT NOT NULL, -- open, paid, ended, failed, odd
  session    TEXT NOT NULL, -- of the service; empty until it answered
  url        TEXT NOT NULL,
  intent     TEXT NOT NULL, -- the payment at the service, for giving it back
  note       TEXT NOT NULL, -- what is odd
  made_at    BIGINT NOT NULL,
  settled_at BIGINT NOT NULL
);
CREATE INDEX billing_checkout_intent ON billing_checkout (intent);
CREATE UNIQUE INDEX billing_checkout_open ON billing_checkout (order_id) WHERE state = 'open';
CREATE INDEX billing_checkout_order ON billing_checkout (order_id);
CREATE INDEX billing_checkout_session ON billing_checkout (session);
CREATE TABLE billing_deposit (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  seller_id  BIGINT NOT NULL REFERENCES billing_seller (id),
  print      TEXT NOT NULL,   -- the same in every file that holds it
  day        TEXT NOT NULL,   -- YYYY-MM-DD
  amount     BIGINT NOT NULL,
  payer      TEXT NOT NULL,   -- as the bank wrote it
  folded     TEXT NOT NULL,
  reference  TEXT NOT NULL,
  state      TEXT NOT NULL,   -- open, used, left
  note       TEXT NOT NULL,   -- why it was left
  version    INTEGER NOT NULL, -- raised by every decision
  decided_by TEXT NOT NULL,
  decided_at BIGINT NOT NULL,
  loaded_by  TEXT NOT NULL,
  loaded_at  BIGINT NOT NULL,
  UNIQUE (seller_id, print)
);
CREATE INDEX billing_deposit_state ON billing_deposit (meeting_id, state, id);
CREATE TABLE billing_deposit_part (
  deposit_id BIGINT NOT NULL REFERENCES billing_deposit (id),
  order_id   BIGINT NOT NULL REFERENCES billing_order (id),
  payment    TEXT NOT NULL,
  amount     BIGINT NOT NULL,
  PRIMARY KEY (deposit_id, payment)
);
CREATE INDEX billing_deposit_part_order ON billing_deposit_part (order_id);
CREATE TABLE billing_document (
  id        INTEGER PRIMARY KEY,
  ref       TEXT NOT NULL UNIQUE,
  order_id  BIGINT NOT NULL REFERENCES billing_order (id),
  seller_id BIGINT NOT NULL REFERENCES billing_seller (id),
  kind      TEXT NOT NULL, -- quotation, invoice, receipt, credit, promise
  year      INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  edition   INTEGER NOT NULL, -- 0: the first
  number    TEXT NOT NULL,
  lang      TEXT NOT NULL,
  counts    INTEGER NOT NULL, -- 1: it adds to what was documented, -1: it takes from it, 0: neither
  total     BIGINT NOT NULL,
  tax       BIGINT NOT NULL,
  content   TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  issued_by TEXT NOT NULL, -- who acted; empty: whoever holds the address of the order
  UNIQUE (seller_id, kind, year, seq, edition)
);
CREATE INDEX billing_document_order ON billing_document (order_id);
CREATE TABLE billing_key (
  id      INTEGER PRIMARY KEY,
  secret  TEXT NOT NULL,
  made_at BIGINT NOT NULL
);
CREATE TABLE billing_line (
  id       INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES billing_order (id),
  subject  TEXT NOT NULL,
  key      TEXT NOT NULL,
  position INTEGER NOT NULL,
  name_ja  TEXT NOT NULL,
  name_en  TEXT NOT NULL,
  amount   BIGINT NOT NULL, -- yen for one
  rate     INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  payer    TEXT NOT NULL,   -- whose it is, for receipts of one person of a joint order
  UNIQUE (order_id, subject, key)
);
CREATE TABLE billing_number (
  seller_id BIGINT NOT NULL REFERENCES billing_seller (id),
  kind      TEXT NOT NULL,
  year      INTEGER NOT NULL,
  last      INTEGER NOT NULL,
  PRIMARY KEY (seller_id, kind, year)
);
CREATE TABLE billing_order (
  id           INTEGER PRIMARY KEY,
  ref          TEXT NOT NULL UNIQUE,
  meeting_id   BIGINT NOT NULL REFERENCES event_meeting (id),
  seller_id    BIGINT NOT NULL REFERENCES billing_seller (id),
  bundle       TEXT NOT NULL,
  number       TEXT NOT NULL,    -- short, for the transfer form and for speaking about it
  person_id    BIGINT NOT NULL,  -- 0: nobody with an account
  name         TEXT NOT NULL,
  organisation TEXT NOT NULL,
  department   TEXT NOT NULL,
  postcode     TEXT NOT NULL,
  street       TEXT NOT NULL,
  address      TEXT NOT NULL,    -- mail
  lang         TEXT NOT NULL,
  proviso      TEXT NOT NULL,    -- what receipts say they are for
  addressed    INTEGER NOT NULL, -- 1: the payer wrote the addressee, and a new debt does not change it
  folded       TEXT NOT NULL,    -- what it is found by
  due_at       BIGINT NOT NULL,
  total        BIGINT NOT NULL,
  paid         BIGINT NOT NULL,
  refunded     BIGINT NOT NULL,
  refund_due   BIGINT NOT NULL,
  later        TEXT NOT NULL,    -- asked, approved, refused; empty: pays before the event
  later_on     TEXT NOT NULL,    -- the day they will pay
  documented   INTEGER NOT NULL, -- 1: a document stands that states the tax
  pending      INTEGER NOT NULL, -- 1: what is owed differs from what the documents say
  noted        TEXT NOT NULL,    -- what the treasurer wrote beside it
  version      INTEGER NOT NULL,
  made_at      BIGINT NOT NULL,
  changed_at   BIGINT NOT NULL, link_no INTEGER NOT NULL DEFAULT 1,
  UNIQUE (meeting_id, seller_id, bundle)
);
CREATE INDEX billing_order_bundle ON billing_order (meeting_id, bundle);
CREATE UNIQUE INDEX billing_order_number ON billing_order (meeting_id, number);
CREATE INDEX billing_order_person ON billing_order (person_id);
CREATE TABLE billing_paying (
  meeting_id    BIGINT PRIMARY KEY REFERENCES event_meeting (id),
  card_seller   TEXT NOT NULL,    -- key of the seller whose money the card service collects; empty: no cards
  remind_before INTEGER NOT NULL, -- days before the due date; 0: no reminder
  remind_after  INTEGER NOT NULL, -- days after it, and again after as many; 0: none
  remind_times  INTEGER NOT NULL, -- how many after it
  cancel_after  INTEGER NOT NULL, -- days after the due date on which the entry is given up; 0: never
  receivable    TEXT NOT NULL,    -- the names of accounts in the books of the accountant
  advance       TEXT NOT NULL,
  refund        TEXT NOT NULL,
  bank          TEXT NOT NULL,
  card          TEXT NOT NULL,
  cash          TEXT NOT NULL,
  fee           TEXT NOT NULL,
  revenue       TEXT NOT NULL,
  changed_at    BIGINT NOT NULL
);
CREATE TABLE billing_payment (
  id          INTEGER PRIMARY KEY,
  ref         TEXT NOT NULL UNIQUE,
  order_id    BIGINT NOT NULL REFERENCES billing_order (id),
  method      TEXT NOT NULL, -- bank, card, cash
  amount      BIGINT NOT NULL,
  paid_at     BIGINT NOT NULL,
  reference   TEXT NOT NULL, -- of the bank, or of the card service
  gate        TEXT NOT NULL, -- where cash was taken
  recorded_by TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  state       TEXT NOT NULL  -- received, reversed
);
CREATE INDEX billing_payment_order ON billing_payment (order_id);
CREATE UNIQUE INDEX billing_payment_reference ON billing_payment (method, reference) WHERE reference <> '';
CREATE TABLE billing_posting (
  id         INTEGER PRIMARY KEY,
  voucher    TEXT NOT NULL,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  seller_id  BIGINT NOT NULL REFERENCES billing_seller (id),
  order_id   BIGINT NOT NULL, -- 0: of no order
  account    TEXT NOT NULL,   -- receivable, advance, refund, bank, card, fee, cash:GATE, revenue:10, tax:10
  amount     BIGINT NOT NULL,
  what       TEXT NOT NULL,   -- owe, pay, unpay, refund, settle, ...
  reference  TEXT NOT NULL,
  why        TEXT NOT NULL,
  posted_at  BIGINT NOT NULL,
  posted_by  TEXT NOT NULL    -- public id; empty: nobody in particular
);
CREATE INDEX billing_posting_meeting ON billing_posting (meeting_id, id);
CREATE INDEX billing_posting_order ON billing_posting (order_id, account);
CREATE INDEX billing_posting_seller ON billing_posting (seller_id, account);
CREATE TABLE billing_reading (
  order_id BIGINT PRIMARY KEY REFERENCES billing_order (id),
  kana     TEXT NOT NULL
);
CREATE TABLE billing_refund (
  id        INTEGER PRIMARY KEY,
  ref       TEXT NOT NULL UNIQUE,
  order_id  BIGINT NOT NULL REFERENCES billing_order (id),
  amount    BIGINT NOT NULL,
  why       TEXT NOT NULL,
  state     TEXT NOT NULL, -- due, made
  method    TEXT NOT NULL, -- once it is made
  reference TEXT NOT NULL,
  gate      TEXT NOT NULL,
  due_since BIGINT NOT NULL,
  made_on   BIGINT NOT NULL,
  noted_by  TEXT NOT NULL
);
CREATE UNIQUE INDEX billing_refund_due ON billing_refund (order_id) WHERE state = 'due';
CREATE INDEX billing_refund_order ON billing_refund (order_id);
CREATE TABLE billing_reminder (
  order_id BIGINT NOT NULL REFERENCES billing_order (id),
  due_on   TEXT NOT NULL,
  step     TEXT NOT NULL, -- before, after1, after2, ..., overdue
  at       BIGINT NOT NULL,
  PRIMARY KEY (order_id, due_on, step)
);
CREATE TABLE billing_seller (
  id           INTEGER PRIMARY KEY,
  ref          TEXT NOT NULL UNIQUE,
  meeting_id   BIGINT NOT NULL REFERENCES event_meeting (id),
  key          TEXT NOT NULL,    -- what the lines of a debt name
  position     INTEGER NOT NULL,
  name_ja      TEXT NOT NULL,    -- legal name
  name_en      TEXT NOT NULL,
  postcode     TEXT NOT NULL,
  address_ja   TEXT NOT NULL,
  address_en   TEXT NOT NULL,
  number       TEXT NOT NULL,    -- T and 13 digits; empty: issues no qualified invoices
  contact      TEXT NOT NULL,    -- mail address for questions
  phone        TEXT NOT NULL,
  bank         TEXT NOT NULL,
  branch       TEXT NOT NULL,
  account_kind TEXT NOT NULL,    -- ordinary, current
  account      TEXT NOT NULL,    -- digits
  holder       TEXT NOT NULL,    -- in katakana
  bank_note    TEXT NOT NULL,    -- anything else about paying, as the seller wrote it
  exclusive    INTEGER NOT NULL, -- 1: prices are before tax
  rounding     TEXT NOT NULL,    -- floor, round, ceil
  year_month   INTEGER NOT NULL, -- the month with which the business year begins
  prefix       TEXT NOT NULL,    -- before every number
  follow       TEXT NOT NULL,    -- issue, draft: what happens to a difference after an invoice
  later        TEXT NOT NULL,    -- no, ask, yes: whether one may pay after the event
  later_days   INTEGER NOT NULL, -- how long after the last day
  changed_at   BIGINT NOT NULL,
  UNIQUE (meeting_id, key)
);
CREATE TABLE billing_share (
  order_id BIGINT NOT NULL REFERENCES billing_order (id),
  subject  TEXT NOT NULL,
  owed     BIGINT NOT NULL,
  PRIMARY KEY (order_id, subject)
);
CREATE INDEX billing_share_subject ON billing_share (subject);
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
CREATE TABLE briefing_key (
  id      INTEGER PRIMARY KEY,
  secret  TEXT NOT NULL,
  made_at BIGINT NOT NULL
);
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
CREATE TABLE db_migration (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE db_stamp (
  scope   TEXT PRIMARY KEY,
  version BIGINT NOT NULL
);
CREATE TABLE event_day (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  part       TEXT NOT NULL,
  day        TEXT NOT NULL, -- YYYY-MM-DD
  UNIQUE (meeting_id, part, day),
  FOREIGN KEY (meeting_id, part) REFERENCES event_part (meeting_id, key)
);
CREATE TABLE event_figure (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  key        TEXT NOT NULL,
  label_ja   TEXT NOT NULL, label_en  TEXT NOT NULL,
  value      DOUBLE PRECISION NOT NULL,
  unit_ja    TEXT NOT NULL, unit_en   TEXT NOT NULL,
  approx     BOOLEAN NOT NULL,
  scope_ja   TEXT NOT NULL, scope_en  TEXT NOT NULL,
  wording    TEXT NOT NULL,
  source_ja  TEXT NOT NULL, source_en TEXT NOT NULL,
  n          BIGINT NOT NULL, -- how many answered; 0 is not known
  of_key     TEXT NOT NULL,
  UNIQUE (meeting_id, key)
);
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
CREATE INDEX event_grant_meeting ON event_grant (meeting_id);
CREATE UNIQUE INDEX event_grant_once ON event_grant (person_id, COALESCE(meeting_id, 0), role, COALESCE(team_id, 0), object) WHERE ended_at = 0;
CREATE TABLE event_group (
  id        INTEGER PRIMARY KEY,
  name_ja   TEXT NOT NULL, name_en  TEXT NOT NULL,
  about_ja  TEXT NOT NULL, about_en TEXT NOT NULL,
  languages TEXT NOT NULL, -- tags with a space between, the default first
  timezone  TEXT NOT NULL,
  accent    TEXT NOT NULL,
  logo      TEXT NOT NULL,
  url       TEXT NOT NULL
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
CREATE TABLE event_link (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  title_ja   TEXT NOT NULL, title_en TEXT NOT NULL,
  url        TEXT NOT NULL
);
CREATE INDEX event_link_meeting ON event_link (meeting_id, position);
CREATE TABLE event_meeting (
  id           INTEGER PRIMARY KEY,
  slug         TEXT NOT NULL UNIQUE,
  series       TEXT REFERENCES event_series (key),
  title_ja     TEXT NOT NULL, title_en   TEXT NOT NULL,
  short        TEXT NOT NULL,
  theme_ja     TEXT NOT NULL, theme_en   TEXT NOT NULL,
  summary_ja   TEXT NOT NULL, summary_en TEXT NOT NULL,
  languages    TEXT NOT NULL,
  timezone     TEXT NOT NULL,
  first_day    TEXT NOT NULL, -- YYYY-MM-DD or empty
  last_day     TEXT NOT NULL,
  month        TEXT NOT NULL, -- YYYY-MM where the days are not known
  day_boundary TEXT NOT NULL, -- HH:MM or empty
  place_ja     TEXT NOT NULL, place_en   TEXT NOT NULL,
  hashtag      TEXT NOT NULL,
  phase        TEXT NOT NULL,
  accent       TEXT NOT NULL,
  logo         TEXT NOT NULL,
  key_visual   TEXT NOT NULL,
  url          TEXT NOT NULL,
  derived_from TEXT NOT NULL -- a slug; that meeting may be imported later, so no reference
);
CREATE INDEX event_meeting_series ON event_meeting (series);
CREATE TABLE event_organisation (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  role       TEXT NOT NULL,
  class_ja   TEXT NOT NULL, class_en TEXT NOT NULL,
  name_ja    TEXT NOT NULL, name_en  TEXT NOT NULL,
  url        TEXT NOT NULL,
  logo       TEXT NOT NULL
);
CREATE INDEX event_organisation_meeting ON event_organisation (meeting_id, position);
CREATE TABLE event_page (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  slug       TEXT NOT NULL,
  title_ja   TEXT NOT NULL, title_en TEXT NOT NULL,
  body_ja    TEXT NOT NULL, body_en  TEXT NOT NULL,
  hidden     BOOLEAN NOT NULL,
  UNIQUE (meeting_id, slug)
);
CREATE TABLE event_part (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  key        TEXT NOT NULL,
  title_ja   TEXT NOT NULL, title_en TEXT NOT NULL,
  place_ja   TEXT NOT NULL, place_en TEXT NOT NULL,
  online     BOOLEAN NOT NULL,
  onsite     BOOLEAN NOT NULL,
  UNIQUE (meeting_id, key)
);
CREATE VIEW event_pub_meeting AS
  SELECT id, slug, series, title_ja, title_en, short, languages, timezone, first_day, last_day, month, day_boundary, phase FROM event_meeting;
CREATE VIEW event_pub_room AS
  SELECT id, meeting_id, position, key, name_ja, name_en, venue, location_ja, location_en, capacity, online FROM event_room;
CREATE TABLE event_room (
  id          INTEGER PRIMARY KEY,
  meeting_id  BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position    BIGINT NOT NULL,
  key         TEXT NOT NULL,
  name_ja     TEXT NOT NULL, name_en     TEXT NOT NULL,
  venue       TEXT,
  location_ja TEXT NOT NULL, location_en TEXT NOT NULL,
  capacity    BIGINT NOT NULL, -- people; 0 is not known
  online      BOOLEAN NOT NULL,
  UNIQUE (meeting_id, key),
  FOREIGN KEY (meeting_id, venue) REFERENCES event_venue (meeting_id, key)
);
CREATE TABLE event_series (
  id       INTEGER PRIMARY KEY,
  key      TEXT NOT NULL UNIQUE,
  position BIGINT NOT NULL,
  title_ja TEXT NOT NULL, title_en TEXT NOT NULL,
  about_ja TEXT NOT NULL, about_en TEXT NOT NULL
);
CREATE TABLE event_task (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE, -- its name in addresses
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  title      TEXT NOT NULL,
  role       TEXT NOT NULL,        -- key of the role that sees to it, or empty
  anchor     TEXT NOT NULL,        -- first or last: the day of the meeting that it is counted from
  days       BIGINT NOT NULL,      -- after that day; before it where negative
  notes      TEXT NOT NULL,        -- Markdown
  origin     TEXT NOT NULL,        -- slug of the meeting it was carried over from, or empty
  made_at    BIGINT NOT NULL,
  done_at    BIGINT NOT NULL,      -- 0: not yet
  done_by    TEXT NOT NULL
);
CREATE INDEX event_task_meeting ON event_task (meeting_id);
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
CREATE TABLE event_venue (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  position   BIGINT NOT NULL,
  key        TEXT NOT NULL,
  name_ja    TEXT NOT NULL, name_en    TEXT NOT NULL,
  address_ja TEXT NOT NULL, address_en TEXT NOT NULL,
  url        TEXT NOT NULL,
  UNIQUE (meeting_id, key)
);
CREATE TABLE job_job (
  id         INTEGER PRIMARY KEY,
  pool       TEXT NOT NULL,
  listener   TEXT NOT NULL,
  args       TEXT NOT NULL,
  state      TEXT NOT NULL,
  run_at     BIGINT NOT NULL,
  attempts   INTEGER NOT NULL,
  claim      BIGINT NOT NULL,
  lost       INTEGER NOT NULL,
  unique_key TEXT NOT NULL,
  period     BIGINT NOT NULL,
  error      TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX job_dead ON job_job (run_at, id) WHERE state = 'dead';
CREATE INDEX job_due ON job_job (pool, run_at, id) WHERE state <> 'dead';
CREATE UNIQUE INDEX job_period ON job_job (listener) WHERE period > 0;
CREATE UNIQUE INDEX job_unique ON job_job (listener, unique_key) WHERE state = 'ready' AND unique_key <> '';
CREATE TABLE limit_bucket (
  key        TEXT PRIMARY KEY,
  drained_at BIGINT NOT NULL
);
CREATE INDEX limit_bucket_drained ON limit_bucket (drained_at);
CREATE TABLE mail_letter (
  id        INTEGER PRIMARY KEY,
  ref       TEXT NOT NULL UNIQUE,
  key       TEXT NOT NULL,
  kind      TEXT NOT NULL,
  name      TEXT NOT NULL,
  address   TEXT NOT NULL,
  lang      TEXT NOT NULL,
  content   TEXT NOT NULL,
  secret    INTEGER NOT NULL,
  urgent    INTEGER NOT NULL,
  state     TEXT NOT NULL,
  attempts  INTEGER NOT NULL,
  error     TEXT NOT NULL,
  queued_at BIGINT NOT NULL,
  first_at  BIGINT NOT NULL,
  tried_at  BIGINT NOT NULL,
  sent_at   BIGINT NOT NULL,
  until     BIGINT NOT NULL
);
CREATE INDEX mail_address ON mail_letter (address);
CREATE INDEX mail_content ON mail_letter (tried_at) WHERE content <> '' AND state <> 'queued';
CREATE UNIQUE INDEX mail_key ON mail_letter (key) WHERE key <> '';
CREATE INDEX mail_state ON mail_letter (state, id);
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
, merged_into BIGINT NOT NULL DEFAULT 0, speaks TEXT NOT NULL DEFAULT '', consented TEXT NOT NULL DEFAULT '');
CREATE INDEX person_account_merged ON person_account (merged_into) WHERE merged_into > 0;
CREATE INDEX person_account_portrait ON person_account (portrait) WHERE portrait <> '';
CREATE TABLE person_address (
  id          INTEGER PRIMARY KEY,
  account_id  BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  address     TEXT NOT NULL,
  folded      TEXT NOT NULL UNIQUE,
  verified_at BIGINT NOT NULL, -- 0: not yet
  main        INTEGER NOT NULL
);
CREATE INDEX person_address_account ON person_address (account_id);
CREATE UNIQUE INDEX person_address_main ON person_address (account_id) WHERE main = 1;
CREATE TABLE person_challenge (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE, -- SHA-256 of what the browser holds
  purpose    TEXT NOT NULL,
  account_id BIGINT NOT NULL,
  session_id BIGINT NOT NULL,
  data       TEXT NOT NULL,
  ends_at    BIGINT NOT NULL
);
CREATE INDEX person_challenge_ends ON person_challenge (ends_at);
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
CREATE TABLE person_consent (
  account_id BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  version    TEXT NOT NULL,
  said_at    BIGINT NOT NULL,
  PRIMARY KEY (account_id, version)
);
CREATE TABLE person_first (
  id      INTEGER PRIMARY KEY,
  token   TEXT NOT NULL UNIQUE,
  made_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
);
CREATE TABLE person_identity (
  id         INTEGER PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  issuer     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  label      TEXT NOT NULL, -- the address there, to recognise it by
  made_at    BIGINT NOT NULL,
  used_at    BIGINT NOT NULL,
  UNIQUE (issuer, subject)
);
CREATE INDEX person_identity_account ON person_identity (account_id);
CREATE TABLE person_key (
  name    TEXT NOT NULL PRIMARY KEY,
  secret  TEXT NOT NULL,
  made_at BIGINT NOT NULL
);
CREATE TABLE person_passkey (
  id         INTEGER PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  credential TEXT NOT NULL UNIQUE, -- its id, base64url
  handle     TEXT NOT NULL,        -- what the device calls the account: its ref when the passkey was made
  site       TEXT NOT NULL,        -- the relying party id it was made for: a host name
  name       TEXT NOT NULL,
  record     TEXT NOT NULL,
  made_at    BIGINT NOT NULL,
  used_at    BIGINT NOT NULL -- 0: never
);
CREATE INDEX person_passkey_account ON person_passkey (account_id);
CREATE TABLE person_policy (
  version  TEXT NOT NULL PRIMARY KEY,
  text_ja  TEXT NOT NULL,
  text_en  TEXT NOT NULL,
  since_at BIGINT NOT NULL
);
CREATE TABLE person_preference (
  account_id BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL,
  wanted     INTEGER NOT NULL,
  said_at    BIGINT NOT NULL,
  PRIMARY KEY (account_id, kind)
);
CREATE VIEW person_pub_account AS
  SELECT id, ref, name_ja, name_en, kana, affiliation_ja, affiliation_en, portrait, lang, photo, recording, left_at FROM person_account;
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
CREATE TABLE program_absence (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  speaker    TEXT NOT NULL,
  from_at    BIGINT NOT NULL,
  to_at      BIGINT NOT NULL,
  note       TEXT NOT NULL
, made_by BIGINT NOT NULL DEFAULT 0);
CREATE INDEX program_absence_speaker ON program_absence (meeting_id, speaker);
CREATE TABLE program_act (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  ref        TEXT NOT NULL UNIQUE,
  actor      TEXT NOT NULL,
  done_at    BIGINT NOT NULL,
  kind       TEXT NOT NULL,
  release    INTEGER NOT NULL,
  undone     INTEGER NOT NULL,
  touched    TEXT NOT NULL
);
CREATE INDEX program_act_meeting ON program_act (meeting_id, id);
CREATE TABLE program_field (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  guid       TEXT NOT NULL,
  field      TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  actor      TEXT NOT NULL,
  UNIQUE (meeting_id, guid, field)
);
CREATE TABLE program_kind (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  key        TEXT NOT NULL,
  label_ja   TEXT NOT NULL,
  label_en   TEXT NOT NULL,
  counts     INTEGER NOT NULL,
  pause      INTEGER NOT NULL,
  tint       INTEGER NOT NULL,
  position   INTEGER NOT NULL,
  UNIQUE (meeting_id, key)
);
CREATE TABLE program_policy (
  meeting_id BIGINT PRIMARY KEY REFERENCES event_meeting (id),
  policy     TEXT NOT NULL
);
CREATE VIEW program_pub_kind AS
  SELECT meeting_id, key, label_ja, label_en, counts FROM program_kind;
CREATE VIEW program_pub_session AS
  SELECT id, meeting_id, guid, ref, code, kind, status, title_ja, title_en, date, starts_at, ends_at, room, slot FROM program_session;
CREATE TABLE program_release (
  id          INTEGER PRIMARY KEY,
  meeting_id  BIGINT NOT NULL REFERENCES event_meeting (id),
  number      INTEGER NOT NULL,
  name        TEXT NOT NULL,
  released_at BIGINT NOT NULL,
  source      TEXT NOT NULL,
  changes     TEXT NOT NULL,
  frozen      BLOB NOT NULL, common TEXT NOT NULL DEFAULT '[]',
  UNIQUE (meeting_id, number)
);
CREATE TABLE program_session (
  id          INTEGER PRIMARY KEY,
  meeting_id  BIGINT NOT NULL REFERENCES event_meeting (id),
  guid        TEXT NOT NULL,
  ref         TEXT NOT NULL,
  number      BIGINT NOT NULL,
  code        TEXT NOT NULL,
  source      TEXT NOT NULL,
  kind        TEXT NOT NULL,
  status      TEXT NOT NULL,
  title_ja    TEXT NOT NULL,
  title_en    TEXT NOT NULL,
  subtitle_ja TEXT NOT NULL,
  subtitle_en TEXT NOT NULL,
  abstract_ja TEXT NOT NULL,
  abstract_en TEXT NOT NULL,
  topics      TEXT NOT NULL,
  language    TEXT NOT NULL,
  level       TEXT NOT NULL,
  date        TEXT NOT NULL,
  starts_at   BIGINT NOT NULL,
  ends_at     BIGINT NOT NULL,
  room        TEXT NOT NULL,
  all_rooms   INTEGER NOT NULL,
  slot        TEXT NOT NULL,
  origin      TEXT NOT NULL,
  speakers    TEXT NOT NULL,
  parts       TEXT NOT NULL,
  links       TEXT NOT NULL,
  policy      TEXT NOT NULL,
  position    INTEGER NOT NULL,
  UNIQUE (meeting_id, guid),
  UNIQUE (meeting_id, ref),
  UNIQUE (meeting_id, number)
);
CREATE TABLE program_speaker (
  id             INTEGER PRIMARY KEY,
  meeting_id     BIGINT NOT NULL REFERENCES event_meeting (id),
  key            TEXT NOT NULL,
  guid           TEXT NOT NULL,
  name_ja        TEXT NOT NULL,
  name_en        TEXT NOT NULL,
  reading        TEXT NOT NULL,
  affiliation_ja TEXT NOT NULL,
  affiliation_en TEXT NOT NULL,
  bio_ja         TEXT NOT NULL,
  bio_en         TEXT NOT NULL,
  photo          TEXT NOT NULL,
  links          TEXT NOT NULL,
  position       INTEGER NOT NULL,
  UNIQUE (meeting_id, key)
);
CREATE TABLE program_star (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  person_id  BIGINT NOT NULL,
  guid       TEXT NOT NULL,
  starred    INTEGER NOT NULL,
  changed_at BIGINT NOT NULL,
  UNIQUE (person_id, meeting_id, guid)
);
CREATE INDEX program_star_session ON program_star (meeting_id, guid);
CREATE TABLE program_star_anonymous (
  id         BIGINT PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  guid       TEXT NOT NULL
);
CREATE INDEX program_star_anonymous_session ON program_star_anonymous (meeting_id, guid);
CREATE TABLE program_suggestion (
  id          INTEGER PRIMARY KEY,
  meeting_id  BIGINT NOT NULL REFERENCES event_meeting (id),
  ref         TEXT NOT NULL UNIQUE,
  session     TEXT NOT NULL,
  changes     TEXT NOT NULL,
  reason      TEXT NOT NULL,
  state       TEXT NOT NULL,
  made_at     BIGINT NOT NULL,
  made_by     BIGINT NOT NULL,
  answer      TEXT NOT NULL,
  answered_at BIGINT NOT NULL,
  answered_by TEXT NOT NULL
);
CREATE INDEX program_suggestion_maker ON program_suggestion (made_by);
CREATE INDEX program_suggestion_meeting ON program_suggestion (meeting_id, state);
CREATE TABLE program_topic (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  key        TEXT NOT NULL,
  label_ja   TEXT NOT NULL,
  label_en   TEXT NOT NULL,
  position   INTEGER NOT NULL,
  UNIQUE (meeting_id, key)
);
CREATE TABLE program_translation (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  guid       TEXT NOT NULL,
  field      TEXT NOT NULL,
  source     TEXT NOT NULL,
  UNIQUE (meeting_id, guid, field)
);
CREATE TABLE registration_answer (
  entry_id BIGINT NOT NULL REFERENCES registration_entry (id),
  question TEXT NOT NULL,
  value    TEXT NOT NULL,
  PRIMARY KEY (entry_id, question, value)
);
CREATE TABLE registration_bulk (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  act        TEXT NOT NULL,
  args       TEXT NOT NULL,   -- JSON: what it is done with
  chosen     TEXT NOT NULL,   -- the filter by which the entries were chosen, as parameters of an address
  made_by    TEXT NOT NULL,   -- public id of an account
  made_at    BIGINT NOT NULL,
  done_at    BIGINT NOT NULL  -- 0: not yet
);
CREATE INDEX registration_bulk_meeting ON registration_bulk (meeting_id, id);
CREATE TABLE registration_bulk_item (
  bulk_id  BIGINT NOT NULL REFERENCES registration_bulk (id),
  entry_id BIGINT NOT NULL REFERENCES registration_entry (id),
  state    TEXT NOT NULL,     -- waiting, done, failed
  why      TEXT NOT NULL,     -- key of the words that say why it failed
  PRIMARY KEY (bulk_id, entry_id)
);
CREATE TABLE registration_choice (
  id            INTEGER PRIMARY KEY,
  ref           TEXT NOT NULL UNIQUE,
  meeting_id    BIGINT NOT NULL REFERENCES event_meeting (id),
  entry_id      BIGINT NOT NULL REFERENCES registration_entry (id),
  option        TEXT NOT NULL,
  slot          TEXT NOT NULL,
  state         TEXT NOT NULL,    -- asked, waiting, offered, taken, lost, cancelled
  companions    INTEGER NOT NULL,
  place         BIGINT NOT NULL,  -- the order of the waiting list
  asked_at      BIGINT NOT NULL,
  priced_at     BIGINT NOT NULL,
  offered_until BIGINT NOT NULL,
  changed_at    BIGINT NOT NULL
, kept INTEGER NOT NULL DEFAULT 0);
CREATE INDEX registration_choice_entry ON registration_choice (entry_id);
CREATE INDEX registration_choice_offered ON registration_choice (offered_until) WHERE state = 'offered';
CREATE INDEX registration_choice_slot ON registration_choice (meeting_id, option, slot, state, place);
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
CREATE TABLE registration_day (
  entry_id BIGINT NOT NULL REFERENCES registration_entry (id),
  day      TEXT NOT NULL,
  mode     TEXT NOT NULL, -- onsite or online
  PRIMARY KEY (entry_id, day)
);
CREATE TABLE registration_day_letter (
  entry_id BIGINT NOT NULL REFERENCES registration_entry (id),
  day      TEXT NOT NULL,
  sent_at  BIGINT NOT NULL,
  PRIMARY KEY (entry_id, day)
);
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
CREATE TABLE registration_draw_list (
  draw_id  BIGINT NOT NULL REFERENCES registration_draw (id),
  slot     TEXT NOT NULL,
  capacity INTEGER NOT NULL,
  hash     TEXT NOT NULL,
  PRIMARY KEY (draw_id, slot)
);
CREATE TABLE registration_entry (
  id            INTEGER PRIMARY KEY,
  ref           TEXT NOT NULL UNIQUE,
  meeting_id    BIGINT NOT NULL REFERENCES event_meeting (id),
  person_id     BIGINT NOT NULL, -- 0: no account is known
  kind          TEXT NOT NULL,
  state         TEXT NOT NULL,
  name_ja       TEXT NOT NULL,
  name_en       TEXT NOT NULL,
  kana          TEXT NOT NULL,
  org_ja        TEXT NOT NULL,
  org_en        TEXT NOT NULL,
  department    TEXT NOT NULL,
  badge         TEXT NOT NULL,
  address       TEXT NOT NULL,
  folded        TEXT NOT NULL, -- the address as compared
  lang          TEXT NOT NULL,
  find          TEXT NOT NULL, -- what it is searched by, folded
  code          TEXT NOT NULL, -- ref of the code that was used
  group_ref     TEXT NOT NULL, -- ref of the group it belongs to
  made_at       BIGINT NOT NULL,
  proved_at     BIGINT NOT NULL,
  priced_at     BIGINT NOT NULL,
  changed_at    BIGINT NOT NULL,
  offered_until BIGINT NOT NULL,
  cancelled_at  BIGINT NOT NULL,
  why           TEXT NOT NULL,
  version       INTEGER NOT NULL,
  link_no       INTEGER NOT NULL
, waived INTEGER NOT NULL DEFAULT 0, kept_kind TEXT NOT NULL DEFAULT '', kept_yen BIGINT NOT NULL DEFAULT 0);
CREATE INDEX registration_entry_code ON registration_entry (code) WHERE code <> '';
CREATE INDEX registration_entry_group ON registration_entry (group_ref) WHERE group_ref <> '';
CREATE INDEX registration_entry_meeting ON registration_entry (meeting_id, id);
CREATE UNIQUE INDEX registration_entry_once ON registration_entry (meeting_id, folded) WHERE state <> 'cancelled' AND folded <> '';
CREATE UNIQUE INDEX registration_entry_one ON registration_entry (meeting_id, person_id) WHERE state <> 'cancelled' AND person_id <> 0;
CREATE INDEX registration_entry_person ON registration_entry (person_id) WHERE person_id <> 0;
CREATE INDEX registration_entry_waiting ON registration_entry (meeting_id, id) WHERE state = 'waiting';
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
CREATE TABLE registration_handover (
  id              INTEGER PRIMARY KEY,
  ref             TEXT NOT NULL UNIQUE,
  meeting_id      BIGINT NOT NULL REFERENCES event_meeting (id),
  entry_id        BIGINT NOT NULL REFERENCES registration_entry (id),
  from_person     BIGINT NOT NULL, -- who had the place; 0: no account is known
  from_name_ja    TEXT NOT NULL,
  from_name_en    TEXT NOT NULL,
  from_org_ja     TEXT NOT NULL,
  from_org_en     TEXT NOT NULL,
  from_department TEXT NOT NULL,
  from_address    TEXT NOT NULL,
  from_folded     TEXT NOT NULL,
  from_lang       TEXT NOT NULL,
  to_name         TEXT NOT NULL,
  to_address      TEXT NOT NULL,
  to_folded       TEXT NOT NULL,
  state           TEXT NOT NULL, -- open, accepted, declined, withdrawn, lapsed
  made_at         BIGINT NOT NULL,
  until           BIGINT NOT NULL
, entry_ref TEXT NOT NULL DEFAULT '', carried TEXT NOT NULL DEFAULT '');
CREATE INDEX registration_handover_entry ON registration_handover (entry_id, id);
CREATE UNIQUE INDEX registration_handover_open ON registration_handover (entry_id) WHERE state = 'open';
CREATE TABLE registration_invite (
  entry_id BIGINT PRIMARY KEY REFERENCES registration_entry (id),
  twin_id  BIGINT NOT NULL,  -- the entry that somebody of the address had already; 0: none
  sent_at  BIGINT NOT NULL,  -- of the last letter
  reminded INTEGER NOT NULL  -- how often, by the clock
);
CREATE TABLE registration_join (
  entry_id  BIGINT NOT NULL REFERENCES registration_entry (id),
  stream_id BIGINT NOT NULL REFERENCES registration_stream (id),
  first_at  BIGINT NOT NULL,
  last_at   BIGINT NOT NULL,
  times     INTEGER NOT NULL,
  PRIMARY KEY (entry_id, stream_id)
);
CREATE INDEX registration_join_stream ON registration_join (stream_id);
CREATE TABLE registration_key (
  id      INTEGER PRIMARY KEY,
  secret  TEXT NOT NULL,
  made_at BIGINT NOT NULL
);
CREATE TABLE registration_known (
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  key        TEXT NOT NULL,
  entry_id   BIGINT NOT NULL,
  PRIMARY KEY (meeting_id, key)
);
CREATE TABLE registration_merge (
  entry_id  BIGINT PRIMARY KEY REFERENCES registration_entry (id),
  into_id   BIGINT NOT NULL REFERENCES registration_entry (id),
  merged_at BIGINT NOT NULL
);
CREATE INDEX registration_merge_into ON registration_merge (into_id);
CREATE TABLE registration_network (
  entry_id  BIGINT NOT NULL REFERENCES registration_entry (id),
  stream_id BIGINT NOT NULL REFERENCES registration_stream (id),
  network   TEXT NOT NULL,
  PRIMARY KEY (entry_id, stream_id, network)
);
CREATE INDEX registration_network_stream ON registration_network (stream_id);
CREATE TABLE registration_note (
  entry_id   BIGINT PRIMARY KEY REFERENCES registration_entry (id),
  body       TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE TABLE registration_online (
  meeting_id BIGINT PRIMARY KEY REFERENCES event_meeting (id),
  letters    INTEGER NOT NULL, -- 1: the letter of the day is sent
  letter_at  TEXT NOT NULL,    -- HH:MM of the day
  words_ja   TEXT NOT NULL,    -- at the head of the letter
  words_en   TEXT NOT NULL,
  minimum    INTEGER NOT NULL, -- minutes from which somebody was there
  changed_at BIGINT NOT NULL
);
CREATE TABLE registration_post (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  version    BIGINT NOT NULL,
  state      TEXT NOT NULL,   -- draft, leaving, sent
  chosen     TEXT NOT NULL,   -- the filter, as parameters of an address
  subject_ja TEXT NOT NULL,
  subject_en TEXT NOT NULL,
  body_ja    TEXT NOT NULL,
  body_en    TEXT NOT NULL,
  necessary  INTEGER NOT NULL, -- 1: nobody can decline it
  made_at    BIGINT NOT NULL,
  sent_at    BIGINT NOT NULL,  -- when somebody pressed the button
  left_at    BIGINT NOT NULL,  -- when the first letter went into the outbox
  recipients INTEGER NOT NULL
);
CREATE INDEX registration_post_meeting ON registration_post (meeting_id, id);
CREATE TABLE registration_post_to (
  post_id  BIGINT NOT NULL REFERENCES registration_post (id),
  entry_id BIGINT NOT NULL REFERENCES registration_entry (id),
  state    TEXT NOT NULL,     -- waiting, queued, skipped
  PRIMARY KEY (post_id, entry_id)
);
CREATE INDEX registration_post_to_entry ON registration_post_to (entry_id);
CREATE VIEW registration_pub_entry AS
  SELECT meeting_id, person_id, address, folded, lang FROM registration_entry
  WHERE state = 'confirmed' AND folded <> '' AND (proved_at <> 0 OR person_id <> 0);
CREATE VIEW registration_pub_watch AS
  SELECT e.meeting_id, e.ref AS entry, e.person_id, s.ref AS stream, w.day, w.session, w.seconds / 60 AS minutes, w.first_at, w.last_at,
    CASE WHEN w.seconds >= 60 * COALESCE(o.minimum, 10) THEN 1 ELSE 0 END AS present
  FROM registration_watch w
  JOIN registration_entry e ON e.id = w.entry_id
  JOIN registration_stream s ON s.id = w.stream_id
  LEFT JOIN registration_online o ON o.meeting_id = e.meeting_id
  WHERE e.state <> 'cancelled';
CREATE TABLE registration_quota (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  key        TEXT NOT NULL,
  capacity   INTEGER NOT NULL, -- -1: no bound
  taken      INTEGER NOT NULL,
  UNIQUE (meeting_id, key)
);
CREATE TABLE registration_ref (
  ref       TEXT PRIMARY KEY,
  entry_id  BIGINT NOT NULL REFERENCES registration_entry (id),
  person_id BIGINT NOT NULL,  -- who had it; 0: no account is known
  link_no   INTEGER NOT NULL, -- of its last address
  until     BIGINT NOT NULL
);
CREATE INDEX registration_ref_entry ON registration_ref (entry_id, until);
CREATE INDEX registration_ref_person ON registration_ref (person_id) WHERE person_id <> 0;
CREATE TABLE registration_refusal (
  folded  TEXT PRIMARY KEY,
  said_at BIGINT NOT NULL
);
CREATE TABLE registration_report (
  id        INTEGER PRIMARY KEY,
  ref       TEXT NOT NULL UNIQUE,
  stream_id BIGINT NOT NULL REFERENCES registration_stream (id),
  digest    TEXT NOT NULL, -- of the file
  name      TEXT NOT NULL, -- of the file
  skipped   INTEGER NOT NULL,
  taken_at  BIGINT NOT NULL
);
CREATE INDEX registration_report_stream ON registration_report (stream_id);
CREATE TABLE registration_request (
  key     TEXT PRIMARY KEY, -- hash of what the form carried
  entry   TEXT NOT NULL,    -- ref of what it made
  made_at BIGINT NOT NULL
);
CREATE TABLE registration_room (
  meeting_id BIGINT PRIMARY KEY REFERENCES event_meeting (id),
  next_at    BIGINT NOT NULL
);
CREATE TABLE registration_seen (
  id        INTEGER PRIMARY KEY,
  report_id BIGINT NOT NULL REFERENCES registration_report (id),
  day       TEXT NOT NULL,
  entry_id  BIGINT NOT NULL, -- 0: nobody knows whose it is
  key       TEXT NOT NULL,   -- who it says it is, folded: what a person decided of one is known of the others
  name      TEXT NOT NULL,
  address   TEXT NOT NULL,
  joined_at BIGINT NOT NULL, -- 0: the report has no times
  left_at   BIGINT NOT NULL,
  seconds   INTEGER NOT NULL
);
CREATE INDEX registration_seen_entry ON registration_seen (entry_id);
CREATE INDEX registration_seen_report ON registration_seen (report_id);
CREATE TABLE registration_setup (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL UNIQUE REFERENCES event_meeting (id),
  version    BIGINT NOT NULL, -- raised by every change
  document   TEXT NOT NULL,   -- JSON
  changed_at BIGINT NOT NULL
);
CREATE TABLE registration_stream (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id),
  day        TEXT NOT NULL,
  room       TEXT NOT NULL,
  session    TEXT NOT NULL,    -- guid
  name_ja    TEXT NOT NULL,    -- empty: named after what it is of
  name_en    TEXT NOT NULL,
  url        TEXT NOT NULL,
  passcode   TEXT NOT NULL,
  notes_ja   TEXT NOT NULL,
  notes_en   TEXT NOT NULL,
  from_at    BIGINT NOT NULL,  -- 0: by the timetable
  until_at   BIGINT NOT NULL,
  onsite     INTEGER NOT NULL, -- 1: people on site may watch as well
  paid       INTEGER NOT NULL, -- 1: only who owes nothing
  kinds      TEXT NOT NULL,    -- keys with a space between; empty: every kind
  options    TEXT NOT NULL,    -- only who has a place in one of them; empty: everybody
  version    INTEGER NOT NULL,
  made_at    BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX registration_stream_meeting ON registration_stream (meeting_id, id);
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
CREATE TABLE registration_watch (
  entry_id  BIGINT NOT NULL REFERENCES registration_entry (id),
  stream_id BIGINT NOT NULL REFERENCES registration_stream (id),
  day       TEXT NOT NULL,
  session   TEXT NOT NULL, -- guid
  seconds   INTEGER NOT NULL,
  first_at  BIGINT NOT NULL, -- 0: the report has no times
  last_at   BIGINT NOT NULL,
  PRIMARY KEY (entry_id, stream_id, day, session)
);
CREATE INDEX registration_watch_stream ON registration_watch (stream_id);
CREATE TABLE search_doc (
    id         INTEGER PRIMARY KEY, -- counts back from the future in minutes, see store.go
    scope      TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    url        TEXT   NOT NULL,
    title_ja   TEXT   NOT NULL,
    title_en   TEXT   NOT NULL,
    context_ja TEXT   NOT NULL,
    context_en TEXT   NOT NULL,
    words      TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    hash       BLOB   NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX search_doc_scope ON search_doc (scope);
CREATE VIRTUAL TABLE search_index USING fts5 (title, body, names, content = '', contentless_delete = 1, tokenize = 'ascii');
CREATE TABLE 'search_index_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE 'search_index_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE 'search_index_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);
CREATE TABLE 'search_index_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE search_passage (
    id   INTEGER PRIMARY KEY, -- the doc's id, its language and the number of the passage
    body TEXT NOT NULL,
    hash BLOB NOT NULL
);
CREATE TABLE signage_notice (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  ref        TEXT NOT NULL UNIQUE,
  key        TEXT, -- its name in the file it was read from
  title_ja   TEXT NOT NULL, title_en   TEXT NOT NULL,
  body_ja    TEXT NOT NULL, body_en    TEXT NOT NULL,
  picture_ja TEXT NOT NULL, picture_en TEXT NOT NULL,
  link       TEXT NOT NULL,
  standing   TEXT NOT NULL,
  published  BOOLEAN NOT NULL,
  urgent     BOOLEAN NOT NULL,
  seconds    BIGINT NOT NULL,
  from_at    BIGINT NOT NULL,
  until_at   BIGINT NOT NULL,
  days       TEXT NOT NULL,
  hours      TEXT NOT NULL,
  targets    TEXT NOT NULL,
  position   BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  UNIQUE (meeting_id, key)
);
CREATE TABLE signage_override (
  id         INTEGER PRIMARY KEY,
  meeting_id BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  ref        TEXT NOT NULL UNIQUE,
  severity   TEXT NOT NULL,
  text_ja    TEXT NOT NULL, text_en TEXT NOT NULL,
  since      BIGINT NOT NULL,
  ended_at   BIGINT NOT NULL
);
CREATE INDEX signage_override_meeting ON signage_override (meeting_id, ended_at);
CREATE TABLE signage_pairing (
  id         INTEGER PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE,
  token      TEXT NOT NULL UNIQUE,
  expires_at BIGINT NOT NULL
);
CREATE TABLE signage_screen (
  id             INTEGER PRIMARY KEY,
  meeting_id     BIGINT NOT NULL REFERENCES event_meeting (id) ON DELETE CASCADE,
  ref            TEXT NOT NULL UNIQUE,
  token          TEXT UNIQUE,
  name           TEXT NOT NULL,
  area           TEXT NOT NULL,
  mode           TEXT NOT NULL,
  room           TEXT NOT NULL,
  languages      TEXT NOT NULL,
  theme          TEXT NOT NULL,
  turn           TEXT NOT NULL,
  paired_at      BIGINT NOT NULL,
  blank          BOOLEAN NOT NULL,
  identify_until BIGINT NOT NULL,
  reload         BIGINT NOT NULL,
  hold           TEXT NOT NULL, -- ref of a notice, or empty
  hold_until     BIGINT NOT NULL,
  alive_at       BIGINT NOT NULL,
  alive          TEXT NOT NULL
);
CREATE INDEX signage_screen_meeting ON signage_screen (meeting_id);
CREATE TABLE signage_setting (
  meeting_id   BIGINT PRIMARY KEY REFERENCES event_meeting (id) ON DELETE CASCADE,
  sponsors     BOOLEAN NOT NULL,
  survey_url   TEXT NOT NULL,
  survey_ja    TEXT NOT NULL, survey_en TEXT NOT NULL
);
CREATE TABLE sqlite_sequence(name,seq);
