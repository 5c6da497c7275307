-- +goose Up

-- How a meeting takes money: one row, made when somebody changes what is usual.
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

-- Money that came into the account of a seller, as a file of the bank says.
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

-- For which orders a deposit was used, and which payments that made.
CREATE TABLE billing_deposit_part (
  deposit_id BIGINT NOT NULL REFERENCES billing_deposit (id),
  order_id   BIGINT NOT NULL REFERENCES billing_order (id),
  payment    TEXT NOT NULL,
  amount     BIGINT NOT NULL,
  PRIMARY KEY (deposit_id, payment)
);
CREATE INDEX billing_deposit_part_order ON billing_deposit_part (order_id);

-- Somebody is at the card service, or was: one open checkout for each order.
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
CREATE UNIQUE INDEX billing_checkout_open ON billing_checkout (order_id) WHERE state = 'open';
CREATE INDEX billing_checkout_order ON billing_checkout (order_id);
CREATE INDEX billing_checkout_session ON billing_checkout (session);
CREATE INDEX billing_checkout_intent ON billing_checkout (intent);

-- What the card service told us, by its own id, so that nothing counts twice.
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

-- Which reminders went out for which due date.
CREATE TABLE billing_reminder (
  order_id BIGINT NOT NULL REFERENCES billing_order (id),
  due_on   TEXT NOT NULL,
  step     TEXT NOT NULL, -- before, after1, after2, ..., overdue
  at       BIGINT NOT NULL,
  PRIMARY KEY (order_id, due_on, step)
);
