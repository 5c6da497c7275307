package draw

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

// fixed is a secret for tests, another for each n.
func fixed(n int) Secret { return sha256.Sum256(fmt.Appendf(nil, "test secret %d", n)) }

func rules(t testing.TB, capacity int, s Secret, outside string) Rules {
	t.Helper()
	r, err := NewRules("sample/social", capacity, s, outside)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// some are n tickets of various weights and sizes.
func some(n int) []Ticket {
	var list []Ticket
	for i := range n {
		list = append(list, Ticket{ID("sample/social", fmt.Sprint(i)), 1 + i%3, 1 + i%4/3})
	}
	return list
}

func drawn(t testing.TB, capacity, n int, outside string) Record {
	t.Helper()
	name := ""
	if outside != "" {
		name = "Closing price of the day before"
	}
	rec, err := Draw(rules(t, capacity, fixed(1), name), fixed(1), outside, some(n))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestDraw_golden(t *testing.T) {
	rec := drawn(t, 5, 8, "38,123.45")
	got, err := rec.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"record.json": string(got), "record.txt": rec.Text()} {
		want, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: a draw that was published must come out the same for ever\n%s", name, diff)
		}
	}
	again, err := Read(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(again, Promise{&rec.Rules, rec.ListHash}); err != nil {
		t.Error(err)
	}
}

// TestDraw_againByOthers repeats draws in Python, and in Go written another way: with numbers instead of bytes, from the waiting list up.
func TestDraw_againByOthers(t *testing.T) {
	for _, n := range []int{0, 1, 2, 40, 300} {
		rec := drawn(t, n/3, n, "12\u3000円")
		otherwise(t, rec)
	}
	testkit.Need(t, "python3")
	for _, outside := range []string{"", "38,123.45 円"} {
		rec := drawn(t, 20, 200, outside)
		file := filepath.Join(t.TempDir(), "record.json")
		if out, err := check(t, file, rec); err != nil || !strings.HasPrefix(out, "ok: 200 tickets") {
			t.Errorf("%s%v", out, err)
		}
		rec.Order[3], rec.Order[4] = rec.Order[4], rec.Order[3]
		if out, err := check(t, file, rec); err == nil || !strings.HasPrefix(out, "NOT ok") {
			t.Errorf("Python takes a changed record: %s", out)
		}
	}
}

func check(t *testing.T, file string, rec Record) (string, error) {
	t.Helper()
	b, err := rec.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "python3", "check.py", file).CombinedOutput()
	return string(out), err
}

func otherwise(t *testing.T, rec Record) {
	t.Helper()
	hmac := func(key []byte, text string) []byte { // RFC 2104, by hand
		var inner, outer [64]byte
		for i := range 64 {
			k := byte(0)
			if i < len(key) {
				k = key[i]
			}
			inner[i], outer[i] = k^0x36, k^0x5c
		}
		in := sha256.Sum256(append(inner[:], text...))
		out := sha256.Sum256(append(outer[:], in[:]...))
		return out[:]
	}
	secret, err := hex.DecodeString(rec.Secret)
	if err != nil {
		t.Fatal(err)
	}
	seed := hmac(secret, "tsudoi draw 1\n"+rec.Of+"\n"+rec.Value)
	best := map[string]*big.Int{}
	size := map[string]int{}
	for _, ticket := range rec.Tickets {
		size[ticket.ID] = ticket.Size
		for j := 1; j <= ticket.Weight; j++ {
			n := new(big.Int).SetBytes(hmac(seed, fmt.Sprintf("%s\n%d", ticket.ID, j)))
			if best[ticket.ID] == nil || n.Cmp(best[ticket.ID]) < 0 {
				best[ticket.ID] = n
			}
		}
	}
	taken := 0
	for i, d := range rec.Order {
		if i > 0 && best[rec.Order[i-1].Ticket].Cmp(best[d.Ticket]) >= 0 {
			t.Fatalf("place %d is before its turn", d.Place)
		}
		fits := taken+size[d.Ticket] <= rec.Capacity
		if d.Won != fits || d.Place != i+1 || fmt.Sprintf("%064x", best[d.Ticket]) != d.Number {
			t.Fatalf("place %d: %+v, fits %t", i+1, d, fits)
		}
		if fits {
			taken += size[d.Ticket]
		}
	}
	if len(rec.Order) != len(best) {
		t.Fatalf("%d of %d drawn", len(rec.Order), len(best))
	}
}

// TestDraw_whatNoLongerFitsWaits: the rule for groups, on an order that is known.
func TestDraw_whatNoLongerFitsWaits(t *testing.T) {
	list := []Ticket{{"A", 1, 1}, {"B", 1, 1}, {"C", 1, 1}, {"D", 1, 1}}
	first, err := Draw(rules(t, 4, fixed(2), ""), fixed(2), "", list)
	if err != nil {
		t.Fatal(err)
	}
	turn := map[string]int{}
	for _, d := range first.Order {
		turn[d.Ticket] = d.Place
	}
	for i := range list {
		list[i].Size = []int{0, 2, 3, 1, 1}[turn[list[i].ID]] // in their turn: two, three, one, one
	}
	rec, err := Draw(rules(t, 4, fixed(2), ""), fixed(2), "", list)
	if err != nil {
		t.Fatal(err)
	}
	o := first.Order
	if diff := cmp.Diff([]string{o[0].Ticket, o[2].Ticket, o[3].Ticket}, rec.Winners()); diff != "" {
		t.Errorf("two, and the ones after the three that do not fit:\n%s", diff)
	}
	if diff := cmp.Diff([]string{o[1].Ticket}, rec.Waiting()); diff != "" {
		t.Error(diff)
	}
}

func TestDraw_properties(t *testing.T) {
	ids := rapid.StringMatching(`[0-9A-Z]{1,6}`)
	rapid.Check(t, func(t *rapid.T) {
		s := Secret(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "secret"))
		list := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) Ticket {
			return Ticket{ids.Draw(t, "id"), rapid.IntRange(1, 9).Draw(t, "weight"), rapid.IntRange(1, 4).Draw(t, "size")}
		}), 0, 30, func(t Ticket) string { return t.ID }).Draw(t, "list")
		r, err := NewRules("a/b", rapid.IntRange(0, 40).Draw(t, "capacity"), s, "")
		if err != nil {
			t.Fatal(err)
		}
		rec, err := Draw(r, s, "", list)
		if err != nil {
			t.Fatal(err)
		}
		free := filled(t, rec)
		if free < 0 {
			t.Fatalf("%d places too many", -free)
		}
		if err := Verify(rec, Promise{&r, rec.ListHash}); err != nil {
			t.Fatal(err)
		}
		other, err := Draw(r, s, "", rapid.Permutation(list).Draw(t, "as they came"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rec, other); diff != "" {
			t.Fatalf("the order in which tickets came matters:\n%s", diff)
		}
		if len(list) > 0 {
			without(t, rec, s, list, rapid.IntRange(0, len(list)-1).Draw(t, "leaves"))
		}
	})
}

// filled goes through the order: every ticket once, and each has places if and only if as many were free in its turn.
func filled(t *rapid.T, rec Record) (free int) {
	size := map[string]int{}
	for _, k := range rec.Tickets {
		size[k.ID] = k.Size
	}
	free = rec.Capacity
	for _, d := range rec.Order {
		k, ok := size[d.Ticket]
		if !ok {
			t.Fatalf("%s was drawn twice, or is no ticket", d.Ticket)
		}
		delete(size, d.Ticket)
		if d.Won != (k <= free) {
			t.Fatalf("%s takes %d, %d are free, won %t", d.Ticket, k, free, d.Won)
		}
		if d.Won {
			free -= k
		}
	}
	if len(size) > 0 {
		t.Fatalf("%v were not drawn", size)
	}
	return free
}

// without: whoever leaves changes the order of nobody else.
func without(t *rapid.T, rec Record, s Secret, list []Ticket, leaves int) {
	t.Helper()
	gone := list[leaves].ID
	rest, err := Draw(rec.Rules, s, "", slices.Delete(slices.Clone(list), leaves, leaves+1))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, d := range rec.Order {
		if d.Ticket != gone {
			want = append(want, d.Ticket)
		}
	}
	for _, d := range rest.Order {
		got = append(got, d.Ticket)
	}
	if !slices.Equal(want, got) {
		t.Fatalf("without %s: %v, not %v", gone, got, want)
	}
}

// TestDraw_isFair draws 40,000 times with weights 1, 1, 2 and 4, and compares who is first, and who is second after each first, with
// what weights promise. The secrets are fixed: the test gives the same sums each time. Critical values of chi-square at p = 0.001.
func TestDraw_isFair(t *testing.T) {
	const draws = 40_000
	list := []Ticket{{"A", 1, 1}, {"B", 1, 1}, {"C", 2, 1}, {"D", 4, 1}}
	weight := map[string]float64{"A": 1, "B": 1, "C": 2, "D": 4}
	first, second := map[string]float64{}, map[[2]string]float64{}
	for i := range draws {
		s := fixed(i)
		o := order(Rules{Of: "a/b", Capacity: 1}, s, "", list)
		first[o[0].Ticket]++
		second[[2]string{o[0].Ticket, o[1].Ticket}]++
	}
	chi := 0.0
	for id, w := range weight {
		want := draws * w / 8
		chi += (first[id] - want) * (first[id] - want) / want
	}
	if chi > 16.27 { // 3 degrees of freedom
		t.Errorf("first places %v: chi-square %.1f", first, chi)
	}
	chi = 0
	for a, wa := range weight {
		for b, wb := range weight {
			if a == b {
				continue
			}
			want := draws * wa / 8 * wb / (8 - wa)
			got := second[[2]string{a, b}]
			chi += (got - want) * (got - want) / want
		}
	}
	if chi > 31.26 { // 11 degrees of freedom
		t.Errorf("first and second %v: chi-square %.1f", second, chi)
	}
}

// TestDraw_placesAreEven: with equal weights each of 12 tickets comes to each place as often as any other.
func TestDraw_placesAreEven(t *testing.T) {
	const n, draws = 12, 24_000
	var list []Ticket
	for i := range n {
		list = append(list, Ticket{ID("a/b", fmt.Sprint(i)), 1, 1})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
	at := map[string]int{}
	for i, k := range list {
		at[k.ID] = i
	}
	var count [n][n]float64
	for i := range draws {
		for place, d := range order(Rules{Of: "a/b"}, fixed(i), "", list) {
			count[at[d.Ticket]][place]++
		}
	}
	chi, want := 0.0, float64(draws)/n
	for _, row := range count {
		for _, got := range row {
			chi += (got - want) * (got - want) / want
		}
	}
	// Rows and columns are both fixed, so that (n-1)/n of the sum has (n-1)² = 121 degrees of freedom.
	if chi *= (n - 1.0) / n; chi > 174.9 {
		t.Errorf("chi-square %.1f", chi)
	}
}

func TestVerify_findsWhateverWasChanged(t *testing.T) {
	good := drawn(t, 10, 30, "38,123.45")
	rules, hash := good.Rules, good.ListHash
	for name, change := range map[string]func(*Record){
		"another format":           func(r *Record) { r.Format = "tsudoi draw 2" },
		"another option":           func(r *Record) { r.Of = "sample/lunch" },
		"one place more":           func(r *Record) { r.Capacity++ },
		"another outside value":    func(r *Record) { r.Value = "38,123.46" },
		"no outside value":         func(r *Record) { r.Value = "" },
		"another secret":           func(r *Record) { r.Secret = fixed(7).Open() },
		"another commitment":       func(r *Record) { r.Secret, r.Commitment = fixed(7).Open(), fixed(7).Commitment() },
		"another name of it":       func(r *Record) { r.Outside = "The price of another day" },
		"a ticket more":            func(r *Record) { r.Tickets = append(r.Tickets, Ticket{"ZZZZ-ZZZZ-ZZZZ", 1, 1}) },
		"a ticket less":            func(r *Record) { r.Tickets = r.Tickets[1:] },
		"a ticket twice":           func(r *Record) { r.Tickets[1] = r.Tickets[0] },
		"a heavier ticket":         func(r *Record) { r.Tickets[0].Weight++ },
		"a weight of nothing":      func(r *Record) { r.Tickets[0].Weight = 0 },
		"a larger ticket":          func(r *Record) { r.Tickets[0].Size++ },
		"a list in another order":  func(r *Record) { slices.Reverse(r.Tickets) },
		"another hash of the list": func(r *Record) { r.ListHash = strings.Repeat("0", 64) },
		"two places swapped":       func(r *Record) { r.Order[0], r.Order[20] = r.Order[20], r.Order[0] },
		"two tickets swapped":      func(r *Record) { r.Order[0].Ticket, r.Order[20].Ticket = r.Order[20].Ticket, r.Order[0].Ticket },
		"a winner made":            func(r *Record) { r.Order[29].Won = true },
		"a winner less":            func(r *Record) { r.Order[0].Won = false },
		"a place left out":         func(r *Record) { r.Order = r.Order[:29] },
		"a list and hash anew": func(r *Record) {
			r.Tickets = r.Tickets[1:]
			again, _ := Draw(r.Rules, fixed(1), r.Value, r.Tickets)
			*r = again
		},
	} {
		rec := good
		rec.Tickets, rec.Order = slices.Clone(good.Tickets), slices.Clone(good.Order)
		change(&rec)
		if err := Verify(rec, Promise{&rules, hash}); err == nil {
			t.Errorf("%s is not noticed", name)
		}
	}
	if err := Verify(good, Promise{}); err != nil {
		t.Error(err)
	}
}

func TestDraw_refuses(t *testing.T) {
	r := rules(t, 3, fixed(1), "")
	for name, c := range map[string]struct {
		rules   Rules
		secret  Secret
		outside string
		list    []Ticket
	}{
		"a secret nobody committed to":  {r, fixed(2), "", some(3)},
		"an outside value nobody named": {r, fixed(1), "5", some(3)},
		"a value of two lines":          {rules(t, 3, fixed(1), "price"), fixed(1), "a\nb", some(3)},
		"a missing value":               {rules(t, 3, fixed(1), "price"), fixed(1), " ", some(3)},
		"a ticket twice":                {r, fixed(1), "", []Ticket{{"A", 1, 1}, {"A", 2, 1}}},
		"a ticket with a name":          {r, fixed(1), "", []Ticket{{"山田", 1, 1}}},
		"a ticket of two lines":         {r, fixed(1), "", []Ticket{{"A\nB", 1, 1}}},
		"a weight beyond bounds":        {r, fixed(1), "", []Ticket{{"A", MaxWeight + 1, 1}}},
		"a size of nobody":              {r, fixed(1), "", []Ticket{{"A", 1, 0}}},
	} {
		if rec, err := Draw(c.rules, c.secret, c.outside, c.list); err == nil {
			t.Errorf("%s was drawn: %v", name, rec)
		}
	}
	for _, of := range []string{"", "a b", "a\nb", "../x", "名前"} {
		if _, err := NewRules(of, 1, fixed(1), ""); err == nil {
			t.Errorf("%q is taken as a name", of)
		}
	}
}

func TestSecret_hides(t *testing.T) {
	s := fixed(1)
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("draw", "secret", s, "in", struct{ S Secret }{s})
	_, _ = fmt.Fprintf(&b, "%v %+v %#v %x %s %d %q", s, s, s, s, s, s, s)
	if _, err := json.Marshal(s); err == nil {
		t.Error("a secret is written as JSON")
	}
	if strings.Contains(b.String(), s.Open()[:8]) || strings.Contains(b.String(), fmt.Sprint(s[0], " ", s[1])) {
		t.Errorf("the secret shows: %s", b.String())
	}
	again, err := ParseSecret(s.Open())
	if err != nil || again != s {
		t.Errorf("read back: %v", err)
	}
	for _, bad := range []string{"", "00", strings.ToUpper(s.Open()), s.Open() + "00", strings.Repeat("x", 64)} {
		if _, err := ParseSecret(bad); err == nil {
			t.Errorf("%q is taken as a secret", bad)
		}
	}
	if one, other := NewSecret(), NewSecret(); one == other || one == (Secret{}) {
		t.Error("two secrets are equal")
	}
}

func TestID_tellsNothingAndDiffers(t *testing.T) {
	seen := map[string]bool{}
	for i := range 20_000 {
		ref := fmt.Sprintf("%026d", i)
		id := ID("sample/social", ref)
		if seen[id] || !tickets.MatchString(id) || id == ID("sample/lunch", ref) {
			t.Fatalf("ticket %s", id)
		}
		seen[id] = true
	}
}

func TestRead_refusesWhatItDoesNotKnow(t *testing.T) {
	for _, s := range []string{`{"format":"tsudoi draw 1","name":"山田"}`, `{} {}`, `[`, ``} {
		if _, err := Read(strings.NewReader(s)); err == nil {
			t.Errorf("%q was read", s)
		}
	}
}

func FuzzVerify(f *testing.F) {
	b, err := os.ReadFile("testdata/record.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(_ *testing.T, b []byte) {
		if rec, err := Read(bytes.NewReader(b)); err == nil {
			_ = Verify(rec, Promise{})
			_ = rec.Text()
		}
	})
}

func BenchmarkDraw_5000(b *testing.B) {
	list := some(5000)
	r := rules(b, 500, fixed(1), "")
	for b.Loop() {
		if _, err := Draw(r, fixed(1), "", list); err != nil {
			b.Fatal(err)
		}
	}
}
