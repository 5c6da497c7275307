-- +goose Up
CREATE TABLE search_index (
    id     BIGINT PRIMARY KEY,
    doc    BIGINT   NOT NULL,
    tokens TSVECTOR NOT NULL
);
CREATE INDEX search_index_doc ON search_index (doc);
CREATE INDEX search_index_tokens ON search_index USING GIN (tokens);
