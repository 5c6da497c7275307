-- +goose Up

-- References that entries had before they were handed over or swapped: their codes and links say so, and what the log keeps of whoever had one
-- goes with their account. It replaces registration_former, which knew the entry alone.
CREATE TABLE registration_ref (
  ref       TEXT PRIMARY KEY,
  entry_id  BIGINT NOT NULL REFERENCES registration_entry (id),
  person_id BIGINT NOT NULL,  -- who had it; 0: no account is known
  link_no   INTEGER NOT NULL, -- of its last address
  until     BIGINT NOT NULL
);
CREATE INDEX registration_ref_entry ON registration_ref (entry_id, until);
CREATE INDEX registration_ref_person ON registration_ref (person_id) WHERE person_id <> 0;
DROP TABLE registration_former;

-- What whoever handed a place over goes on paying for, and under which reference.
ALTER TABLE registration_handover ADD COLUMN entry_ref TEXT NOT NULL DEFAULT '';
ALTER TABLE registration_handover ADD COLUMN carried TEXT NOT NULL DEFAULT '';
