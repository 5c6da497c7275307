-- +goose Up
-- The account that said so, 0 where it is erased: what is said of a speaker by others goes with them as well.
ALTER TABLE program_absence ADD COLUMN made_by BIGINT NOT NULL DEFAULT 0;
