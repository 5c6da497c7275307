package material

import (
	"context"
	"log/slog"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/job"
)

// Schedule lets the service clear away, every hour, what nobody will finish.
func (s *Service) Schedule(q *job.Queue) {
	q.Every("material.sweep", time.Hour, func(ctx context.Context) error {
		n, err := s.Sweep(ctx)
		if n > 0 {
			s.o.Log.LogAttrs(ctx, slog.LevelInfo, "unfinished uploads were cleared away", slog.String("component", "material"), slog.Int("files", n))
		}
		return err
	})
}
