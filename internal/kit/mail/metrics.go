package mail

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the outbox for Prometheus, asked of the database when somebody reads them.
type metrics struct{ b *Outbox }

var (
	letterCount = prometheus.NewDesc("tsudoi_letters", "Letters, by state.", []string{"state"}, nil)
	letterDelay = prometheus.NewDesc("tsudoi_letter_delay_seconds", "For how long the oldest letter has been waiting to be sent.", nil, nil)
)

// Metrics collects what Prometheus is told of letters.
func (b *Outbox) Metrics() prometheus.Collector { return metrics{b} }

// Describe lists what there is.
func (metrics) Describe(c chan<- *prometheus.Desc) {
	c <- letterCount
	c <- letterDelay
}

// Collect reads the present figures.
func (m metrics) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s, err := m.b.Standing(ctx)
	if err != nil { // the other figures are of use all the more
		m.b.o.Log.ErrorContext(ctx, "letters could not be counted", "component", "mail", "error", err)
		return
	}
	for _, state := range states {
		c <- prometheus.MustNewConstMetric(letterCount, prometheus.GaugeValue, float64(s.Count[state]), string(state))
	}
	late := 0.0
	if !s.Oldest.IsZero() {
		late = m.b.o.Now().Sub(s.Oldest).Seconds()
	}
	c <- prometheus.MustNewConstMetric(letterDelay, prometheus.GaugeValue, late)
}
