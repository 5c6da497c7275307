package job

import (
	"sync"
	"time"
)

// tally counts how runs ended, in this process since it began.
type tally struct {
	mu     sync.Mutex
	counts map[tallied]int64
	spent  map[string]time.Duration
}

type tallied struct {
	listener string
	how      outcome
}

func newTally() *tally {
	return &tally{counts: map[tallied]int64{}, spent: map[string]time.Duration{}}
}

func (t *tally) add(listener string, how outcome, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[tallied{listener, how}]++
	t.spent[listener] += took
}

// each tells what was counted.
func (t *tally) each(run func(listener string, how outcome, n int64), time func(listener string, spent time.Duration)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, n := range t.counts {
		run(k.listener, k.how, n)
	}
	for listener, spent := range t.spent {
		time(listener, spent)
	}
}
