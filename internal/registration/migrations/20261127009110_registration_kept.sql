-- +goose Up

-- What is kept of the price of a kind that was changed for a cheaper one, in yen; and the first such kind.
ALTER TABLE registration_entry ADD COLUMN kept_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE registration_entry ADD COLUMN kept_yen BIGINT NOT NULL DEFAULT 0;
