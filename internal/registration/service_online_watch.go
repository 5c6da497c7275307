package registration

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

// ReportFile is an attendance report as somebody hands it in.
type ReportFile struct {
	Name string
	Data []byte
	Zone string     // in which its times are; empty: that of the meeting
	Day  event.Date // of what has no times; empty: that of the stream
	Add  bool       // it is a further part; otherwise it takes the place of earlier ones of its days
}

// TakenReport is what became of a report.
type TakenReport struct {
	*Report
	Same bool // it was taken in before, and nothing changed
}

// TakeReport takes in an attendance report of a stream. The same file again changes nothing; another one of the same days takes its place.
func (s *Service) TakeReport(ctx context.Context, slug, ref string, f ReportFile) (*TakenReport, error) {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return nil, err
	}
	if m.attendanceClosed(s.o.Now()) {
		return nil, fault.New(fault.Conflict, "registration.error.report_late").On("file")
	}
	x, err := s.stream(ctx, m, ref)
	if err != nil {
		return nil, err
	}
	loc := m.Location()
	if f.Zone != "" {
		if loc, err = time.LoadLocation(f.Zone); err != nil {
			return nil, invalid("registration.error.zone").On("zone")
		}
	}
	a, err := ReadAttendance(f.Data, loc, m.Days())
	if err != nil {
		return nil, err
	}
	sessions, err := s.sessions(ctx, m)
	if err != nil {
		return nil, err
	}
	lines, err := seenIn(m, x, sessions, a, f.Day)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte(loc.String()+"\x00"+string(f.Day)+"\x00"), f.Data...))
	r := &Report{Ref: person.NewRef(), Stream: x.ID, Digest: hex.EncodeToString(sum[:]), Name: fileName(f.Name), Skipped: len(a.Skipped), Lines: len(lines), TakenAt: s.o.Now()}
	return s.takeReport(ctx, m, x, sessions, r, lines, a, f.Add)
}

// fileName is the name of a file as it is kept.
func fileName(name string) string {
	name = person.CleanLine(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	for utf8.RuneCountInString(name) > maxName {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name
}

func (s *Service) takeReport(ctx context.Context, m *Meeting, x *Stream, sessions []Session, r *Report, lines []seen, a *Attendance, add bool) (*TakenReport, error) {
	out := &TakenReport{Report: r}
	all, err := entries(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.state <> 'cancelled'`, m.ID)
	if err != nil {
		return nil, err
	}
	match := newMatcher(all)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		before, err := reportsOf(ctx, tx, x.ID, m.Location())
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(before, func(b *Report) bool { return b.Digest == r.Digest }); i >= 0 {
			out.Report, out.Same = before[i], true
			return nil
		}
		out.Report, out.Same = r, false
		known, err := knownOf(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		r.Unknown, r.Excluded = match.all(lines, a.Lines, known)
		if !add {
			if err := dropDays(ctx, tx, before, lines); err != nil {
				return err
			}
		}
		if err := insertReport(ctx, tx, r, lines); err != nil {
			return err
		}
		if err := rewatch(ctx, tx, m, x, sessions); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "registration.report", Scope: m.Slug, Object: "stream:" + x.Ref, Before: map[string]string{}, After: map[string]string{
				"report": r.Name, "lines": strconv.Itoa(r.Lines), "unknown": strconv.Itoa(r.Unknown), "skipped": strconv.Itoa(r.Skipped),
			}, At: s.o.Now(),
		})
	})
	return out, err
}

// dropDays removes the reports that a new one takes the place of: those of the same days.
func dropDays(ctx context.Context, tx *db.Tx, before []*Report, lines []seen) error {
	days := map[event.Date]bool{}
	for _, l := range lines {
		days[l.Day] = true
	}
	for _, b := range before {
		if slices.ContainsFunc(b.Days, func(d event.Date) bool { return days[d] }) {
			if err := dropReport(ctx, tx, b.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// seenIn are the lines of a report as they are kept, each with its day.
func seenIn(m *Meeting, x *Stream, sessions []Session, a *Attendance, day event.Date) ([]seen, error) {
	of := x.date(sessions)
	if day != "" && !slices.Contains(m.Days(), day) {
		return nil, invalid("registration.error.day").With("key", string(day)).On("day")
	}
	var out []seen
	var elsewhere int
	for i := range a.Lines {
		l := &a.Lines[i]
		d := cmp.Or(day, of)
		if !l.Join.IsZero() {
			d = dayAt(m.Stored, l.Join)
			if of != "" && d != of {
				elsewhere++
			}
		}
		if d == "" {
			return nil, invalid("registration.error.report_day").On("day")
		}
		seconds := l.Minutes * 60
		if !l.Join.IsZero() {
			seconds = int(l.Leave.Sub(l.Join) / time.Second)
		}
		out = append(out, seen{Day: d, Key: l.Key(), Name: l.Name(), Address: l.Address, Join: l.Join, Leave: l.Leave, Seconds: seconds})
	}
	if elsewhere == len(out) {
		return nil, invalid("registration.error.report_other_day").With("day", string(of)).With("found", string(out[0].Day)).On("file")
	}
	return out, nil
}

// matcher finds whose line of a report is.
type matcher struct {
	byMail map[string]EntryID
	byName map[string][]EntryID
}

func newMatcher(all []*Entry) *matcher {
	x := &matcher{map[string]EntryID{}, map[string][]EntryID{}}
	for _, e := range all {
		if e.Folded != "" {
			x.byMail[e.Folded] = e.ID
		}
		for _, n := range e.namesOf() {
			x.byName[n] = append(x.byName[n], e.ID)
		}
	}
	return x
}

// find is whose line it is: that of the address, or else the one entry that any of the names can be of; 0 where that is nobody, or several.
func (x *matcher) find(l *AttendanceLine) EntryID {
	if id, ok := x.byMail[foldedAddress(l.Address)]; ok {
		return id
	}
	found := map[EntryID]bool{}
	for _, n := range l.Names {
		for _, id := range x.byName[folded(n)] {
			found[id] = true
		}
	}
	if len(found) != 1 {
		return 0
	}
	for id := range found {
		return id
	}
	return 0
}

// all says of every line whose it is. What a person decided counts before everything else.
func (x *matcher) all(lines []seen, read []AttendanceLine, known map[string]EntryID) (unknown, excluded int) {
	for i := range lines {
		id, decided := known[lines[i].Key]
		if !decided {
			id = x.find(&read[i])
		}
		lines[i].Entry = id
		switch {
		case id == 0:
			unknown++
		case id < 0:
			excluded++
		}
	}
	return unknown, excluded
}

// rewatch works out anew who watched a stream, for how long, from all its reports.
func rewatch(ctx context.Context, tx *db.Tx, m *Meeting, x *Stream, sessions []Session) error {
	list, err := seenWhere(ctx, tx, m.Location(), `p.stream_id = $1 AND x.entry_id > 0`, x.ID)
	if err != nil {
		return err
	}
	return replaceWatch(ctx, tx, x.ID, watchedIn(x, list, x.shown(sessions)))
}

// watchedIn adds up lines of reports: what overlaps counts once. What has no times cannot be compared; of that, the longest counts.
func watchedIn(x *Stream, list []seen, sessions []Session) []Watched {
	type who struct {
		entry EntryID
		day   event.Date
	}
	spans, untimed := map[who][]span{}, map[who]int{}
	for _, l := range list {
		w := who{l.Entry, l.Day}
		if l.Join.IsZero() {
			untimed[w] = max(untimed[w], l.Seconds)
		} else {
			spans[w] = append(spans[w], span{l.Join, l.Leave})
		}
		if _, ok := spans[w]; !ok {
			spans[w] = nil
		}
	}
	var out []Watched
	for _, w := range slices.SortedFunc(maps.Keys(spans), func(a, b who) int { return cmp.Or(cmp.Compare(a.entry, b.entry), cmp.Compare(a.day, b.day)) }) {
		one := Watched{Entry: w.entry, Stream: x.ID, Day: w.day}
		times := union(spans[w])
		var sum time.Duration
		for _, t := range times {
			sum += t.to.Sub(t.from)
		}
		if len(times) > 0 {
			one.First, one.Last = times[0].from, times[len(times)-1].to
		}
		one.Seconds = max(int(sum/time.Second), untimed[w])
		out = append(out, one)
		for _, s := range sessions {
			part := one
			part.Session = s.GUID
			if x.Session == "" {
				if s.Day != w.day {
					continue
				}
				length, at := within(times, span{s.Start, s.End})
				part.Seconds, part.First, part.Last = int(length/time.Second), at.from, at.to
			}
			if part.Seconds >= 60 {
				out = append(out, part)
			}
		}
	}
	return out
}

// DropReport takes back a report, and what followed from it.
func (s *Service) DropReport(ctx context.Context, slug, ref, report string) error {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return err
	}
	if m.attendanceClosed(s.o.Now()) {
		return fault.New(fault.Conflict, "registration.error.report_late")
	}
	x, err := s.stream(ctx, m, ref)
	if err != nil {
		return err
	}
	sessions, err := s.sessions(ctx, m)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		list, err := reportsOf(ctx, tx, x.ID, m.Location())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(r *Report) bool { return r.Ref == report })
		if i < 0 {
			return fault.Missing()
		}
		if err := dropReport(ctx, tx, list[i].ID); err != nil {
			return err
		}
		if err := rewatch(ctx, tx, m, x, sessions); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "registration.report_dropped", Scope: slug, Object: "stream:" + ref, Before: map[string]string{"report": list[i].Name}, After: map[string]string{}, At: s.o.Now(),
		})
	})
}

// Match decides whose the lines of one name or address are, in every report of the meeting: of the entry that who names by address or
// reference, or of no participant where it is empty. It can be decided again.
func (s *Service) Match(ctx context.Context, slug, key, who string) error {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return err
	}
	if m.attendanceClosed(s.o.Now()) {
		return fault.New(fault.Conflict, "registration.error.report_late")
	}
	if key == "" {
		return fault.Missing()
	}
	object, id := "registration:"+slug, nobody
	if who = strings.TrimSpace(who); who != "" {
		e, err := s.named(ctx, m, who)
		if err != nil {
			return err
		}
		object, id = "entry:"+e.Ref, e.ID
	}
	o, err := s.online(ctx, m)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		streams, err := storeKnown(ctx, tx, m.ID, key, id)
		if err != nil {
			return err
		}
		if len(streams) == 0 {
			return fault.Missing() // no line says so
		}
		for _, sid := range streams {
			if x := o.stream(sid); x != nil {
				if err := rewatch(ctx, tx, m, x, o.Sessions); err != nil {
					return err
				}
			}
		}
		_, name, _ := strings.Cut(key, ":")
		if id == nobody {
			name = "" // of somebody who is not registered the log keeps nothing
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "registration.matched", Scope: slug, Object: object, Before: map[string]string{}, After: map[string]string{"watched_as": name, "participant": map[bool]string{true: "no", false: "yes"}[id == nobody]}, At: s.o.Now()})
	})
}

// named finds the entry that an address or a reference names.
func (s *Service) named(ctx context.Context, m *Meeting, who string) (*Entry, error) {
	f := foldedAddress(who)
	e, err := oneEntry(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.state <> 'cancelled' AND (e.folded = $2 AND e.folded <> '' OR e.ref = $3)`, m.ID, f, strings.ToUpper(who))
	if err == nil && e == nil {
		err = invalid("registration.error.match").On("who")
	}
	return e, err
}

// AttendanceOf is who watched a stream, for those who may read entries.
type AttendanceOf struct {
	*Stream
	*Streaming
	Event   *event.Stored
	Reports []*Report
	Unknown []Stranger
	Watched []WatchedBy // longest first
	Present int         // so many for long enough
	Joined  []JoinedBy  // whose link was used from many networks
	Joiners int         // who used their link
	Closed  bool        // it is too late for reports
}

// Stranger is somebody in a report whom nobody knows.
type Stranger struct {
	Key, Name, Address string
	Minutes            int
	May                []*Entry // who it might be
}

// WatchedBy is how long somebody watched.
type WatchedBy struct {
	Watched
	*Entry
	On      time.Time // midnight of the day
	Present bool
}

// JoinedBy is how somebody used their link.
type JoinedBy struct {
	Joined
	*Entry
}

// manyNetworks is from how many networks on a link is shown as used by many. A telephone that is carried about has three.
const manyNetworks = 4

// AttendanceOf reads who watched a stream: a few statements, however many they are.
func (s *Service) AttendanceOf(ctx context.Context, slug, ref string) (*AttendanceOf, error) {
	m, err := s.may(ctx, slug, event.MayReadEntries)
	if err != nil {
		return nil, err
	}
	x, err := s.stream(ctx, m, ref)
	if err != nil {
		return nil, err
	}
	out := &AttendanceOf{Stream: x, Event: m.Stored, Closed: m.attendanceClosed(s.o.Now())}
	if out.Streaming, err = s.online(ctx, m); err != nil {
		return nil, err
	}
	byID := map[EntryID]*Entry{}
	err = s.db.Read(ctx, func(r db.Reader) error {
		all, err := entries(ctx, r, m.Location(), `e.meeting_id = $1 AND e.state <> 'cancelled'`, m.ID)
		if err != nil {
			return err
		}
		for _, e := range all {
			byID[e.ID] = e
		}
		if out.Reports, err = reportsOf(ctx, r, x.ID, m.Location()); err != nil {
			return err
		}
		unknown, err := seenWhere(ctx, r, m.Location(), `p.stream_id = $1 AND x.entry_id = 0`, x.ID)
		if err != nil {
			return err
		}
		out.Unknown = strangers(unknown, all)
		watched, err := watchedWhere(ctx, r, m.Location(), `w.stream_id = $1 AND w.session = ''`, x.ID)
		if err != nil {
			return err
		}
		for _, w := range watched {
			if e := byID[w.Entry]; e != nil {
				out.Watched = append(out.Watched, WatchedBy{w, e, w.Day.Time(m.Location()), w.Minutes() >= out.Minimum})
			}
		}
		joins, err := joinsWhere(ctx, r, m.Location(), `j.stream_id = $1`, x.ID)
		out.Joiners = len(joins)
		for _, j := range joins {
			if e := byID[j.Entry]; e != nil && j.Networks >= manyNetworks {
				out.Joined = append(out.Joined, JoinedBy{j, e})
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, w := range out.Watched {
		if w.Present {
			out.Present++
		}
	}
	slices.SortStableFunc(out.Watched, func(a, b WatchedBy) int { return cmp.Compare(b.Seconds, a.Seconds) })
	slices.SortStableFunc(out.Joined, func(a, b JoinedBy) int { return cmp.Compare(b.Networks, a.Networks) })
	return out, nil
}

// mayBe is how many are named at most of whom a stranger might be.
const mayBe = 5

// strangers puts lines that are of nobody together by who they say they are, the longest first, with those they might be: whose name or address
// has a piece of theirs.
func strangers(list []seen, all []*Entry) []Stranger {
	byKey := map[string]*Stranger{}
	spans := map[string][]span{}
	for _, l := range list {
		x := byKey[l.Key]
		if x == nil {
			x = &Stranger{Key: l.Key, Name: l.Name, Address: l.Address}
			byKey[l.Key] = x
		}
		if l.Join.IsZero() {
			x.Minutes = max(x.Minutes, l.Seconds/60)
		} else {
			spans[l.Key] = append(spans[l.Key], span{l.Join, l.Leave})
		}
	}
	var out []Stranger
	for _, x := range byKey {
		var sum time.Duration
		for _, t := range union(spans[x.Key]) {
			sum += t.to.Sub(t.from)
		}
		x.Minutes = max(x.Minutes, int(sum/time.Minute))
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b Stranger) int { return cmp.Or(cmp.Compare(b.Minutes, a.Minutes), cmp.Compare(a.Key, b.Key)) })
	find := make([]string, len(all))
	for i, e := range all {
		find[i] = e.find()
	}
	const shown = 200 // so many a person looks at
	for i := range out[:min(len(out), shown)] {
		out[i].May = candidates(&out[i], all, find)
	}
	return out
}

// candidates are those whom a stranger might be: with the most pieces of the name in common first.
func candidates(x *Stranger, all []*Entry, find []string) []*Entry {
	user, _, _ := strings.Cut(x.Address, "@")
	var pieces []string
	for _, p := range append(strings.FieldsFunc(x.Name, func(r rune) bool { return strings.ContainsRune(" 　()（）[]【】/_.-・,", r) }), user) {
		if f := folded(p); utf8.RuneCountInString(f) > 1 && !slices.Contains(pieces, f) {
			pieces = append(pieces, f)
		}
	}
	type scored struct {
		*Entry
		n int
	}
	var best []scored
	for i, text := range find {
		n := 0
		for _, p := range pieces {
			if strings.Contains(text, p) {
				n++
			}
		}
		if n > 0 {
			best = append(best, scored{all[i], n})
		}
	}
	slices.SortStableFunc(best, func(a, b scored) int { return cmp.Compare(b.n, a.n) })
	var out []*Entry
	for _, b := range best[:min(len(best), mayBe)] {
		out = append(out, b.Entry)
	}
	return out
}
