// Package search finds things by the words in them, in Japanese and English, the same way on both database engines.
//
// A Doc is one thing that has a page of its own. Its body is cut into passages of at most 1,000 characters, and each passage is one
// row of the index together with the title, so that all words of a query must stand in one passage or in the title. The engines are
// never trusted with the text: it is folded and cut into tokens here (see fold.go and token.go), each token is written with the
// letters a-z and digits only, and the engines see nothing but those. So no parser of theirs drops or splits a word, and no query
// text reaches one. Highlighting is done here too.
//
// What is found, and what not:
//   - case, width, accents on Latin letters and old forms of name kanji make no difference; katakana and hiragana do.
//   - サーバ finds サーバー and the other way round; ネットワーク・オペレーター is also one word without its dot.
//   - Japanese is found by any part of a word, from one character on; 設定 finds 再設定.
//   - Latin words are found as they stand; the last word of a query also as the start of a longer one. RFC7606, RFC 7606 and RFC-7606
//     are the same, as are Wi-Fi and wifi; rfc and 7606 find each of them.
//   - all words must match; "in quotes" they must follow each other; -word leaves out what has it anywhere.
//
// Tables: search_doc, search_passage, and Index, which is made from those two and can be made again (see Rebuild).
package search

import (
	"embed"
	"errors"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Migrations holds the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Index is the table that a backup leaves out, because Rebuild makes it from the others, for either engine.
const Index = "search_index"

// Doc is one thing to be found. Texts are plain, without markup. Kind and Key together name it; Scope names whoever writes a set of
// docs as a whole (see Replace). None is empty or has control characters; a key has at most 1,000 bytes, the others 200.
type Doc struct {
	Scope   string    // "program:janog57"
	Kind    string    // "session"
	Key     string    // "janog57/60031"
	URL     string    // path of its page, in the default language
	Title   i18n.Text // the first 500 characters count
	Context i18n.Text // a line that says where it belongs, shown and searched; the first 200 characters count
	Words   string    // other words to find it by: names, codes, readings; the first 2,000 characters count
	Body    i18n.Text // the first 512 passages of each language count
	At      time.Time // when it was; docs are ordered by its minute. The zero time comes last
}

// Sort is an order of hits.
type Sort int

// The orders there are.
const (
	Newest    Sort = iota // by Doc.At, latest first
	Relevance             // first those with every word in the title, then the others; each newest first
)

// Query asks for docs.
type Query struct {
	Text   string    // as a person typed it; the first 256 characters and the first 16 words count
	Lang   i18n.Lang // the language to show hits in, where they have it; docs of every language are found
	Kinds  []string  // only these; none means all
	Scopes []string  // only these; none means all
	Sort   Sort
	Limit  int    // hits a page: 1 to 100; 0 means 20
	After  string // Result.Next of the page before
}

// Result is a page of hits.
type Result struct {
	Hits []Hit
	Next string // for Query.After; empty on the last page
}

// Hit is a doc that was found.
type Hit struct {
	Kind, Key, URL string
	At             time.Time // UTC
	Title          []Piece
	TitleLang      i18n.Lang
	Context        []Piece
	Snippet        []Piece // about 200 columns around what was found; the start of the body where only the title matched
	SnippetLang    i18n.Lang
}

// Piece is a stretch of text that is, or is not, what was looked for.
type Piece struct {
	Text string
	Hit  bool
}

// Changes counts what Replace wrote.
type Changes struct{ Added, Changed, Removed int }

// Reader is what Find reads from: a *db.DB or a *db.Tx.
type Reader interface {
	db.Reader
	Engine() db.Engine
}

// ErrCursor is what Find answers to a Query.After that no Result gave.
var ErrCursor = errors.New("search: not a place to continue from")
