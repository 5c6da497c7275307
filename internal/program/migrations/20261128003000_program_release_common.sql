-- +goose Up
-- common is what a release changed of the programme as a whole, as JSON: its kinds, its topics and its publication policy.
ALTER TABLE program_release ADD COLUMN common TEXT NOT NULL DEFAULT '[]';
