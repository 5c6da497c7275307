-- +goose Up

-- Who sells at a meeting: the group, the host, another body. It writes the documents and takes the money.
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

-- What one payer, or those who pay together, owe to one seller. total is what is owed now, paid what was received, refunded what went back,
-- refund_due what has to go back. bundle is the subject, or what joins several.
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
  changed_at   BIGINT NOT NULL,
  UNIQUE (meeting_id, seller_id, bundle)
);
CREATE UNIQUE INDEX billing_order_number ON billing_order (meeting_id, number);
CREATE INDEX billing_order_bundle ON billing_order (meeting_id, bundle);
CREATE INDEX billing_order_person ON billing_order (person_id);

-- What is owed for, as of now. subject is empty where a decision takes something off.
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

-- Which subjects an order is about, also when they owe nothing any more.
CREATE TABLE billing_share (
  order_id BIGINT NOT NULL REFERENCES billing_order (id),
  subject  TEXT NOT NULL,
  owed     BIGINT NOT NULL,
  PRIMARY KEY (order_id, subject)
);
CREATE INDEX billing_share_subject ON billing_share (subject);

-- The last number of a series of documents. A number is taken with its document in one transaction, so that none is missing.
CREATE TABLE billing_number (
  seller_id BIGINT NOT NULL REFERENCES billing_seller (id),
  kind      TEXT NOT NULL,
  year      INTEGER NOT NULL,
  last      INTEGER NOT NULL,
  PRIMARY KEY (seller_id, kind, year)
);

-- A document as it was issued: content is JSON and never changes. Issued again it is a further row of the same number with the next edition.
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

-- Money that came in for an order.
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

-- Money that has to go back, or went back. An order has at most one that is due.
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
CREATE INDEX billing_refund_order ON billing_refund (order_id);
CREATE UNIQUE INDEX billing_refund_due ON billing_refund (order_id) WHERE state = 'due';

-- The ledger. Rows of one voucher sum to zero: debits are positive. Rows are only ever added.
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
CREATE INDEX billing_posting_order ON billing_posting (order_id, account);
CREATE INDEX billing_posting_seller ON billing_posting (seller_id, account);
CREATE INDEX billing_posting_meeting ON billing_posting (meeting_id, id);

-- The secret that signs the addresses of orders: one row, made when the first is signed.
CREATE TABLE billing_key (
  id      INTEGER PRIMARY KEY,
  secret  TEXT NOT NULL,
  made_at BIGINT NOT NULL
);
