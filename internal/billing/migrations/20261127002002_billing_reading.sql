-- +goose Up

-- How payers are read, folded: banks know them by kana, and so do people at a gate.
CREATE TABLE billing_reading (
  order_id BIGINT PRIMARY KEY REFERENCES billing_order (id),
  kana     TEXT NOT NULL
);
