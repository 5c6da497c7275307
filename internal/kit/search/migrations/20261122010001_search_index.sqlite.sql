-- +goose Up
CREATE VIRTUAL TABLE search_index USING fts5 (title, body, names, content = '', contentless_delete = 1, tokenize = 'ascii');
