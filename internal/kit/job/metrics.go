package job

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the queue for Prometheus: the gauges are asked of the database when somebody reads them, and are the same in every process; the
// counters are this process's.
type metrics struct{ q *Queue }

var (
	waitingJobs = prometheus.NewDesc("tsudoi_jobs", "Jobs in the queue, by listener and state.", []string{"listener", "state"}, nil)
	oldestJob   = prometheus.NewDesc("tsudoi_job_delay_seconds", "For how long the oldest job of a listener has been due.", []string{"listener"}, nil)
	endedJobs   = prometheus.NewDesc("tsudoi_job_runs_total", "Runs of jobs in this process, by listener and how they ended.", []string{"listener", "outcome"}, nil)
	spentTime   = prometheus.NewDesc("tsudoi_job_run_seconds_total", "Time spent in a listener in this process.", []string{"listener"}, nil)
)

// Metrics collects what Prometheus is told of the queue.
func (q *Queue) Metrics() prometheus.Collector { return metrics{q} }

// Describe lists what there is.
func (metrics) Describe(c chan<- *prometheus.Desc) {
	c <- waitingJobs
	c <- oldestJob
	c <- endedJobs
	c <- spentTime
}

// Collect reads the present figures.
func (m metrics) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	counts, err := m.q.Counts(ctx)
	if err != nil { // the other figures are of use all the more
		m.q.o.Log.ErrorContext(ctx, "jobs could not be counted", "component", "job", "error", err)
	}
	for _, n := range counts {
		for state, v := range map[string]int{stateReady: n.Waiting, stateRunning: n.Running, stateDead: n.Dead} {
			c <- prometheus.MustNewConstMetric(waitingJobs, prometheus.GaugeValue, float64(v), n.Listener, state)
		}
		late := 0.0
		if !n.Due.IsZero() {
			late = m.q.o.Now().Sub(n.Due).Seconds()
		}
		c <- prometheus.MustNewConstMetric(oldestJob, prometheus.GaugeValue, late, n.Listener)
	}
	m.q.tally.each(func(listener string, how outcome, n int64) {
		c <- prometheus.MustNewConstMetric(endedJobs, prometheus.CounterValue, float64(n), listener, string(how))
	}, func(listener string, spent time.Duration) {
		c <- prometheus.MustNewConstMetric(spentTime, prometheus.CounterValue, spent.Seconds(), listener)
	})
}
