-- +goose Up

-- 1: of one that was cancelled, nothing of the price is kept: the program ended it, or somebody refused what they were entered for.
ALTER TABLE registration_entry ADD COLUMN waived INTEGER NOT NULL DEFAULT 0;
UPDATE registration_entry SET waived = 1 WHERE state = 'cancelled' AND why IN ('offer', 'unproven', 'unpaid', 'invited', 'declined', 'joined');
