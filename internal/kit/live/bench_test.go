package live_test

import (
	"bytes"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/live"
)

// crowd is how many browsers of one meeting listen at once: more than came to the largest so far.
const crowd = 5000

// BenchmarkCrowd publishes to 5,000 connections, ten times a second, and says when the last browser had the news. Both ends run on the
// same cores.
func BenchmarkCrowd(b *testing.B) {
	d := dbtest.SQLite(b, db.Migrations)
	h := hub(b, d, live.Options{})
	url, _ := serve(b, h, "meeting:x")
	at := strings.TrimPrefix(url, "http://")
	before := memory()
	news := make(chan string, crowd)
	began := time.Now()
	var all sync.WaitGroup
	for range crowd {
		all.Go(func() { listenTo(b, at, news) })
	}
	all.Wait()
	for h.Streams() < crowd {
		time.Sleep(5 * time.Millisecond)
	}
	connected := time.Since(began)
	perStream := (memory() - before) / crowd
	b.ResetTimer()
	var last, every []time.Duration
	for v := range int64(b.N) {
		want := fmt.Sprintf(`"version":%d}`, v+1)
		published := time.Now()
		h.Publish("meeting:x", v+1)
		for range crowd {
			select {
			case got := <-news:
				if !strings.Contains(got, want) {
					b.Fatalf("%q, want %q", got, want)
				}
			case <-time.After(20 * time.Second):
				b.Fatal("not everybody hears")
			}
			every = append(every, time.Since(published))
		}
		last = append(last, every[len(every)-1])
		time.Sleep(max(0, 250*time.Millisecond-time.Since(published)))
	}
	b.StopTimer()
	slices.Sort(last)
	slices.Sort(every)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(every[len(every)/2].Milliseconds()), "ms-median")
	b.ReportMetric(float64(every[len(every)*99/100].Milliseconds()), "ms-p99")
	b.ReportMetric(float64(last[len(last)-1].Milliseconds()), "ms-last-of-all")
	b.ReportMetric(float64(perStream)/1024, "kB/stream(both-ends)")
	b.ReportMetric(connected.Seconds(), "s-to-connect")
}

func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}

// listenTo connects and reads hints until the test ends. It returns when it is connected.
func listenTo(b *testing.B, at string, news chan<- string) {
	c, err := net.Dial("tcp", at)
	if err != nil {
		b.Error(err)
		return
	}
	b.Cleanup(func() { _ = c.Close() })
	if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		b.Error(err)
		return
	}
	connected := make(chan struct{})
	go func() {
		buf := make([]byte, 0, 1024)
		for first := true; ; {
			n, err := c.Read(buf[len(buf):cap(buf)])
			if err != nil {
				return
			}
			buf = buf[:len(buf)+n]
			if first && bytes.Contains(buf, []byte("event: now")) {
				first = false
				close(connected)
				buf = buf[:0]
			}
			for !first {
				i := bytes.Index(buf, []byte("\n\n"))
				if i < 0 {
					break
				}
				if bytes.Contains(buf[:i], []byte("event: hint")) {
					news <- string(buf[:i])
				}
				buf = append(buf[:0], buf[i+2:]...)
			}
			if len(buf) == cap(buf) {
				buf = buf[:0]
			}
		}
	}()
	<-connected
}
