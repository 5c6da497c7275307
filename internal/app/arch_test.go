package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tsudoi/tsudoi/"

// source is one Go file of the project.
type source struct {
	path string // from the root, with slashes
	file *ast.File
	text string
}

func (s source) dir() string  { return path.Dir(s.path) }
func (s source) test() bool   { return strings.HasSuffix(s.path, "_test.go") }
func (s source) base() string { return path.Base(s.path) }

// feature is the feature a path belongs to, or "" (kit, app, cmd and the data folders are none).
func feature(p string) string {
	rest, ok := strings.CutPrefix(p, "internal/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	if name == "app" || name == "kit" {
		return ""
	}
	return name
}

// sources parses every Go file of the product.
func sources(t *testing.T) (*token.FileSet, []source) {
	t.Helper()
	fset := token.NewFileSet()
	var all []source
	err := filepath.WalkDir("../..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(p, "../../"))
		if d.IsDir() && slices.Contains([]string{".git", "tools", "var", "bin", "dist", "testdata"}, d.Name()) && name != "../.." {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, p, b, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, source{name, f, string(b)})
		return nil
	})
	if err != nil || len(all) < 50 {
		t.Fatalf("read the sources: %d files, %v", len(all), err)
	}
	return fset, all
}

func TestArchitectureDirection(t *testing.T) {
	_, all := sources(t)
	for _, s := range all {
		for _, spec := range s.file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			to, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			if why := forbidden(s, to); why != "" {
				t.Errorf("%s imports %s: %s", s.path, to, why)
			}
		}
	}
}

// forbidden says why a file may not import a package of ours, or "".
func forbidden(s source, to string) string {
	from, target := feature(s.path), feature(to)
	switch {
	case strings.HasSuffix(to, "kit/testkit") || strings.HasSuffix(to, "dbtest") || strings.HasSuffix(to, "mailtest"):
		if !s.test() && !strings.Contains(s.path, "testkit") && !strings.Contains(s.path, "dbtest") {
			return "test helpers are for tests"
		}
	case strings.HasPrefix(s.path, "cmd/"):
		if to != "internal/app" {
			return "cmd calls app and nothing else, so that the program can be started in a test"
		}
	case strings.HasPrefix(to, "internal/app"):
		return "app knows everything; nothing may know app"
	case strings.HasPrefix(s.path, "internal/kit/"):
		if !strings.HasPrefix(to, "internal/kit/") {
			return "kit is mechanism and knows no word of the domain"
		}
	case from != "" && target != "" && target != from:
		if strings.Count(to, "/") > 1 && !s.test() {
			return "a package inside another feature is that feature's own"
		}
		if target != "person" && target != "event" && !s.test() {
			return "a feature imports no other feature but person and event: declare the small interface you need, and let wire.go pass it"
		}
	}
	return ""
}

// sqlStatement matches a string that is a statement, not a sentence that has such a word in it.
var sqlStatement = regexp.MustCompile(`(?is)^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|VIEW|INDEX)\s|WITH\s+\w+\s+AS\s*\()`)

func TestArchitectureSQLStandsInStores(t *testing.T) {
	fset, all := sources(t)
	for _, s := range all {
		if s.test() || strings.HasPrefix(s.base(), "store") || s.dir() == "internal/kit/db" || strings.HasPrefix(s.path, "internal/kit/testkit") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if v, _ := strconv.Unquote(lit.Value); sqlStatement.MatchString(v) {
				t.Errorf("%s: SQL stands in store*.go only, so that what a feature asks of the database is read in one place", fset.Position(lit.Pos()))
			}
			return true
		})
	}
}

func TestArchitectureHTTPStandsInWeb(t *testing.T) {
	fset, all := sources(t)
	for _, s := range all {
		if s.test() || strings.HasPrefix(s.base(), "web") || strings.HasPrefix(s.base(), "api") && feature(s.path) != "" ||
			slices.Contains([]string{"internal/kit/web", "internal/kit/listen", "internal/kit/testkit", "internal/app"}, s.dir()) {
			continue
		}
		selectors(s, func(sel *ast.SelectorExpr, pkg, name string) {
			if pkg == "http" && name == "ResponseWriter" {
				t.Errorf("%s: handlers stand in web*.go", fset.Position(sel.Pos()))
			}
			if pkg == "http" && slices.Contains([]string{"Get", "Post", "DefaultClient", "Client", "NewRequest", "NewRequestWithContext"}, name) &&
				s.dir() != "internal/kit/httpclient" {
				t.Errorf("%s: clients go through kit/httpclient, which guards against addresses inside and sets time-outs", fset.Position(sel.Pos()))
			}
		})
	}
}

func TestArchitectureEnvironmentIsReadInOnePlace(t *testing.T) {
	fset, all := sources(t)
	for _, s := range all {
		if s.test() || strings.HasPrefix(s.path, "cmd/") || s.dir() == "internal/kit/config" || strings.HasPrefix(s.path, "internal/kit/testkit") {
			continue
		}
		selectors(s, func(sel *ast.SelectorExpr, pkg, name string) {
			if pkg == "os" && slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, name) || pkg == "flag" {
				t.Errorf("%s: flags and environment are read in cmd and kit/config, so that `tsudoi config` can say where each value came from", fset.Position(sel.Pos()))
			}
		})
	}
}

// selectors calls f for each pkg.Name of a file.
func selectors(s source, f func(sel *ast.SelectorExpr, pkg, name string)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				f(sel, x.Name, sel.Sel.Name)
			}
		}
		return true
	})
}

var (
	created = regexp.MustCompile(`(?im)^\s*CREATE\s+(?:VIRTUAL\s+)?(?:UNIQUE\s+)?(?:TABLE|VIEW|INDEX)\s+(?:IF NOT EXISTS\s+)?(\w+)`)
	tables  = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE|REFERENCES)\s+([a-z]+)_(\w+)`)
)

func TestArchitectureTablesBelongToFeatures(t *testing.T) {
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(filepath.ToSlash(p), "/migrations/") {
			return err
		}
		owner := path.Base(path.Dir(path.Dir(filepath.ToSlash(p))))
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, m := range created.FindAllStringSubmatch(string(b), -1) {
			if !strings.HasPrefix(m[1], owner+"_") {
				t.Errorf("%s makes %s: a table is named after its feature, %s_...", p, m[1], owner)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestArchitectureFeaturesReadOnlyTheirTables(t *testing.T) {
	fset, all := sources(t)
	for _, s := range all {
		own := feature(s.path)
		if s.test() || own == "" || !strings.HasPrefix(s.base(), "store") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			for _, m := range tables.FindAllStringSubmatch(lit.Value, -1) {
				public := strings.HasPrefix(m[2], "pub_") && (m[1] == "event" || m[1] == "person" || own == "report" || own == "archive")
				if m[1] != own && m[1] != "db" && !public {
					t.Errorf("%s names %s_%s: no other feature's SQL mentions a table; read its views %s_pub_*, or ask its service", fset.Position(lit.Pos()), m[1], m[2], m[1])
				}
			}
			return true
		})
	}
}

func TestArchitectureNamesAndShapes(t *testing.T) {
	fset, all := sources(t)
	empty := []string{"store", "models", "model", "common", "utils", "util", "helpers", "types", "service", "services"}
	for _, s := range all {
		if slices.Contains(empty, s.file.Name.Name) {
			t.Errorf("%s: a package named %s says nothing of what it knows", s.path, s.file.Name.Name)
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.InterfaceType:
				if n.Methods.NumFields() > 5 {
					t.Errorf("%s: an interface of more than five methods; declare what one user needs", fset.Position(n.Pos()))
				}
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s: no init: what runs, wire.go starts", fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

// TestArchitectureNoGlobalState finds assignments to variables of a package.
func TestArchitectureNoGlobalState(t *testing.T) {
	fset, all := sources(t)
	globals := map[string]map[string]bool{}
	for _, s := range all {
		if globals[s.dir()] == nil {
			globals[s.dir()] = map[string]bool{}
		}
		for _, d := range s.file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						globals[s.dir()][name.Name] = true
					}
				}
			}
		}
	}
	for _, s := range all {
		if s.test() {
			continue
		}
		for _, d := range s.file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			local := locals(fn)
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				for _, name := range assigned(n) {
					if name.Name != "_" && globals[s.dir()][name.Name] && !local[name.Name] {
						t.Errorf("%s: %s is a variable of the package, and nothing changes those", fset.Position(name.Pos()), name.Name)
					}
				}
				return true
			})
		}
	}
}

// assigned lists the names a statement assigns to, through indices as well.
func assigned(n ast.Node) []*ast.Ident {
	var targets []ast.Expr
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			targets = n.Lhs
		}
	case *ast.IncDecStmt:
		targets = []ast.Expr{n.X}
	}
	var out []*ast.Ident
	for _, e := range targets {
		for {
			if ix, ok := e.(*ast.IndexExpr); ok {
				e = ix.X
				continue
			}
			break
		}
		if id, ok := e.(*ast.Ident); ok {
			out = append(out, id)
		}
	}
	return out
}

// locals lists the names a function declares: parameters, results and variables.
func locals(fn *ast.FuncDecl) map[string]bool {
	out := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, id := range n.Names {
				out[id.Name] = true
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						out[id.Name] = true
					}
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				out[id.Name] = true
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, ok := e.(*ast.Ident); ok {
					out[id.Name] = true
				}
			}
		}
		return true
	})
	return out
}

func TestArchitectureMainIsShort(t *testing.T) {
	b, err := os.ReadFile("../../cmd/tsudoi/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), "\n"); n >= 60 {
		t.Errorf("cmd/tsudoi/main.go has %d lines: it parses nothing and calls app", n)
	}
}

// TestArchitectureNoInlineStyleOrScript looks at every template: the content security policy allows neither.
func TestArchitectureNoInlineStyleOrScript(t *testing.T) {
	bad := regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<script>|javascript:|hx-on|\sjs:`)
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".html") || strings.Contains(p, "testdata") {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if m := bad.FindString(string(b)); m != "" {
			t.Errorf("%s contains %q: pages hold no inline style or script", p, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestArchitectureFeaturesKeepPeopleInSight: a feature whose tables point to people says in keep.go what of it is exported, erased and moved.
func TestArchitectureFeaturesKeepPeopleInSight(t *testing.T) {
	points := regexp.MustCompile(`(?im)^\s*(person_id|account_id|made_by|maker_id)\s|REFERENCES\s+person_account`)
	wire, err := os.ReadFile("wire.go")
	if err != nil {
		t.Fatal(err)
	}
	each(t, "..", ".sql", func(p string, b []byte) {
		p = filepath.ToSlash(p)
		owner := path.Base(path.Dir(path.Dir(p)))
		if !strings.Contains(p, "/migrations/") || owner == "person" || !points.Match(b) {
			return
		}
		if _, err := os.Stat(filepath.Join("..", owner, "keep.go")); err != nil || !strings.Contains(string(wire), owner+".Keeps{") {
			t.Errorf("%s points to people: %s needs a keep.go, and wire.go to name its Keeps, so that people can get and erase what is kept of them", p, owner)
		}
	})
}
