package testkit

import (
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Request is one thing the browser asked for.
type Request struct {
	URL string
	// Type is what it was for: Document, Stylesheet, Script, Image, Fetch, ...
	Type string
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Bytes is what came over the wire, headers included and still compressed;
	// 0 when it came from the browser's cache or has not ended.
	Bytes int
}

// record is what one tab wrote and asked for.
type record struct {
	mutex    sync.Mutex
	problems []string
	requests []*Request
	byID     map[network.RequestID]*Request
}

// see takes in one event; it runs on the goroutine that reads from the browser.
func (r *record) see(event any) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if kind := string(e.Type); kind == "error" || kind == "assert" {
			r.problem("console.%s: %s", kind, consoleText(e.Args))
		}
	case *runtime.EventExceptionThrown:
		r.problem("exception: %s", exceptionText(e.ExceptionDetails))
	case *log.EventEntryAdded:
		// What the network says is told better by its own events.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			r.problem("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		r.add(e)
	case *network.EventResponseReceived:
		r.answered(e.RequestID, e.Response)
	case *network.EventLoadingFinished:
		if request := r.byID[e.RequestID]; request != nil {
			request.Bytes = int(e.EncodedDataLength)
		}
	case *network.EventLoadingFailed:
		r.failed(e)
	}
}

func (r *record) problem(format string, values ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, values...))
}

// add notes a request; one that was redirected comes again under its number.
func (r *record) add(e *network.EventRequestWillBeSent) {
	if e.RedirectResponse != nil {
		r.answered(e.RequestID, e.RedirectResponse)
	}
	if r.byID == nil {
		r.byID = map[network.RequestID]*Request{}
	}
	request := &Request{URL: e.Request.URL, Type: string(e.Type)}
	r.byID[e.RequestID] = request
	r.requests = append(r.requests, request)
}

func (r *record) answered(id network.RequestID, response *network.Response) {
	request := r.byID[id]
	if request == nil {
		return
	}
	request.Status = int(response.Status)
	if request.Status >= 400 {
		r.problem("%s %s: status %d", request.Type, request.URL, request.Status)
	}
}

// failed notes a request without an answer, but not one the page gave up
// itself, as it does with an open stream when the reader goes on.
func (r *record) failed(e *network.EventLoadingFailed) {
	request := r.byID[e.RequestID]
	if request == nil || e.Canceled {
		return
	}
	reason := e.ErrorText
	if e.BlockedReason != "" {
		reason += ", blocked by " + string(e.BlockedReason)
	}
	r.problem("%s %s: %s", request.Type, request.URL, reason)
}

// consoleText joins what a script passed to console.error.
func consoleText(values []*runtime.RemoteObject) string {
	var words []string
	for _, value := range values {
		if value.Description != "" {
			words = append(words, value.Description)
			continue
		}
		words = append(words, strings.Trim(string(value.Value), `"`))
	}
	return strings.Join(words, " ")
}

func exceptionText(details *runtime.ExceptionDetails) string {
	if details.Exception != nil && details.Exception.Description != "" {
		return details.Exception.Description
	}
	return fmt.Sprintf("%s (%s:%d)", details.Text, details.URL, details.LineNumber+1)
}

// Problems returns what went wrong in the tab since it was asked last, one
// line each, and so keeps it from failing the test at its end.
func (tab *Tab) Problems() []string {
	tab.t.Helper()
	tab.Settle()
	return tab.seen.takeProblems()
}

func (r *record) takeProblems() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	taken := r.problems
	r.problems = nil
	return taken
}

// Requests returns what the tab asked for since it was asked last, in order.
func (tab *Tab) Requests() []Request {
	tab.t.Helper()
	tab.Settle()
	tab.seen.mutex.Lock()
	defer tab.seen.mutex.Unlock()
	var taken []Request
	for _, request := range tab.seen.requests {
		taken = append(taken, *request)
	}
	tab.seen.requests = nil
	return taken
}

// reportProblems fails the test with the problems that it did not take. A call
// to the page first makes sure that the events before it have arrived.
func (tab *Tab) reportProblems() {
	_, _ = chromedp.Run(tab.ctx, chromedp.Evaluate[int]("1"))
	for _, problem := range tab.seen.takeProblems() {
		tab.t.Errorf("the page had a problem: %s", problem)
	}
}
