package telemetry

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/prometheus/promql"
)

// mostSteps is how many instants a range may have, as in Prometheus.
const mostSteps = 11_000

// query answers a question about one instant.
func (db *DB) query(ctx context.Context, q *question) (any, error) {
	text, err := q.query()
	if err != nil {
		return nil, err
	}
	at, err := q.instant("time", q.now)
	if err != nil {
		return nil, err
	}
	asked, err := db.engine.NewInstantQuery(ctx, db.both, nil, text, at)
	if err != nil {
		return nil, bad("parameter query: %v", err)
	}
	return db.evaluate(ctx, q, asked)
}

// queryRange answers a question about many instants.
func (db *DB) queryRange(ctx context.Context, q *question) (any, error) {
	text, err := q.query()
	if err != nil {
		return nil, err
	}
	for _, key := range []string{"start", "end", "step"} {
		if q.form.Get(key) == "" {
			return nil, bad("parameter %s is missing", key)
		}
	}
	from, to, err := q.span()
	if err != nil {
		return nil, err
	}
	step, err := q.length("step")
	switch {
	case err != nil:
		return nil, err
	case step < time.Millisecond:
		return nil, bad("parameter step: it must be at least a millisecond")
	case to.Sub(from)/step > mostSteps:
		return nil, bad("parameter step: more than %d points for each series; ask for a longer step", mostSteps)
	}
	asked, err := db.engine.NewRangeQuery(ctx, db.both, nil, text, from, to, step)
	if err != nil {
		return nil, bad("parameter query: %v", err)
	}
	return db.evaluate(ctx, q, asked)
}

// evaluate runs a query and turns its result into text while the memory of the
// engine is still its own.
func (db *DB) evaluate(ctx context.Context, q *question, asked promql.Query) (any, error) {
	defer asked.Close()
	res := asked.Exec(ctx)
	if res.Err != nil {
		return nil, res.Err
	}
	if n := points(res.Value); n > db.o.Query.Points {
		return nil, &apiError{http.StatusUnprocessableEntity, "execution", "the answer would be too large: sum by a label, or ask for a longer step"}
	}
	q.warn(res.Warnings)
	return result(res.Value)
}
