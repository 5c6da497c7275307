-- +goose Up
CREATE TABLE search_doc (
    id         INTEGER PRIMARY KEY, -- counts back from the future in minutes, see store.go
    scope      TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    url        TEXT   NOT NULL,
    title_ja   TEXT   NOT NULL,
    title_en   TEXT   NOT NULL,
    context_ja TEXT   NOT NULL,
    context_en TEXT   NOT NULL,
    words      TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    hash       BLOB   NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX search_doc_scope ON search_doc (scope);

CREATE TABLE search_passage (
    id   INTEGER PRIMARY KEY, -- the doc's id, its language and the number of the passage
    body TEXT NOT NULL,
    hash BLOB NOT NULL
);
