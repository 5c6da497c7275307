-- +goose Up
-- One row is one piece of work for one listener. run_at is, for a job that is ready, not before when; for one that is running, when its
-- lease ends; for a dead one, when it was given up. claim is random at first and counted up by each claim: who lost a job cannot end it,
-- nor end another one that got its id. period is 0 for a job that runs once.
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
CREATE INDEX job_due ON job_job (pool, run_at, id) WHERE state <> 'dead';
CREATE INDEX job_dead ON job_job (run_at, id) WHERE state = 'dead';
CREATE UNIQUE INDEX job_unique ON job_job (listener, unique_key) WHERE state = 'ready' AND unique_key <> '';
CREATE UNIQUE INDEX job_period ON job_job (listener) WHERE period > 0;
