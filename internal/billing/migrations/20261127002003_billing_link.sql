-- +goose Up

-- Addresses of orders carry a number. When somebody else becomes the payer it is raised, and earlier addresses lead nowhere.
ALTER TABLE billing_order ADD COLUMN link_no INTEGER NOT NULL DEFAULT 1;
