package mail_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
	"github.com/tsudoi/tsudoi/internal/kit/mail/mailtest"
)

// BenchmarkLetters measures the time from the first of 7,000 personalised letters being queued to the last being taken by a server on this
// machine. The budget is 15 seconds.
func BenchmarkLetters(b *testing.B) {
	const people = 7000
	for name, open1 := range map[string]func(testing.TB) *db.DB{
		"sqlite":   func(t testing.TB) *db.DB { return dbtest.SQLite(t, folders...) },
		"postgres": func(t testing.TB) *db.DB { return dbtest.Postgres(t, folders...) },
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				peer := mailtest.Start(b, mailtest.Options{})
				o := open(b, open1(b), mail.Server{Address: peer.Address, Connections: 8})
				b.StartTimer()
				begun := time.Now()
				for from := 0; from < people; from += 500 {
					letters := make([]mail.Letter, 0, 500)
					for i := from; i < from+500; i++ {
						l := letter(fmt.Sprintf("a%d@example.org", i))
						l.Body = i18n.T(fmt.Sprintf("%d さん\n\n時間割が変わりました。\nhttps://meeting.example.org/u/%[1]d", i), fmt.Sprintf("Dear %d,\n\nThe timetable changed.\nhttps://meeting.example.org/u/%[1]d", i))
						letters = append(letters, l)
					}
					o.post(letters...)
				}
				b.ReportMetric(time.Since(begun).Seconds(), "s-to-queue")
				peer.Wait(b, people)
				b.ReportMetric(time.Since(begun).Seconds(), "s-to-last")
				b.StopTimer()
				o.become(mail.Sent, people)
				o.stop()
				peer.Stop()
				b.StartTimer()
			}
			b.ReportMetric(float64(people*b.N)/b.Elapsed().Seconds(), "letters/s")
		})
	}
}
