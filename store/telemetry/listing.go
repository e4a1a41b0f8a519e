package telemetry

import (
	"context"
	"errors"
	"runtime"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
)

// cut shortens a listing and says so.
func cut[T any](q *question, all []T, most int) []T {
	if len(all) <= most {
		return all
	}
	q.warnings = append(q.warnings, "results truncated due to limit")
	return all[:most]
}

// listSeries answers which series there are.
func (db *DB) listSeries(ctx context.Context, q *question) (any, error) {
	sets, err := q.selectors(db.parser, 1)
	if err != nil {
		return nil, err
	}
	most, reader, err := db.lister(q)
	if err != nil {
		return nil, err
	}
	found := []map[string]string{}
	err = db.selectAll(ctx, q, reader, sets, func(l labels.Labels) bool {
		found = append(found, l.Map())
		return len(found) <= most
	})
	return cut(q, found, most), errors.Join(err, reader.Close())
}

// selectAll hands over the labels of every series that one of the sets selects, each once.
func (db *DB) selectAll(ctx context.Context, q *question, r storage.Querier, sets [][]*labels.Matcher, take func(labels.Labels) bool) error {
	var parts []storage.SeriesSet
	hints := &storage.SelectHints{Func: "series", Start: 0, End: q.now.UnixMilli()}
	for _, set := range sets {
		parts = append(parts, r.Select(ctx, true, hints, set...))
	}
	all := storage.NewMergeSeriesSet(parts, 0, storage.ChainedSeriesMerge)
	for all.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !take(all.At().Labels()) {
			break
		}
	}
	q.warn(all.Warnings())
	return all.Err()
}

// lister opens both databases for the span of the question.
func (db *DB) lister(q *question) (most int, r storage.Querier, err error) {
	if most, err = q.limit(db.o.Query.Series); err != nil {
		return 0, nil, err
	}
	from, to, err := q.span()
	if err != nil {
		return 0, nil, err
	}
	r, err = db.both.Querier(from.UnixMilli(), to.UnixMilli())
	return most, r, err
}

// labelNames answers which labels there are.
func (db *DB) labelNames(ctx context.Context, q *question) (any, error) {
	return db.listing(q, func(r storage.Querier, most int, set []*labels.Matcher) ([]string, error) {
		names, notes, err := r.LabelNames(ctx, &storage.LabelHints{Limit: most + 1}, set...)
		q.warn(notes)
		return names, err
	})
}

// labelValues answers which values a label has.
func (db *DB) labelValues(ctx context.Context, q *question) (any, error) {
	if !model.LegacyValidation.IsValidLabelName(q.name) {
		return nil, bad("%q is no name of a label", clean(q.name))
	}
	return db.listing(q, func(r storage.Querier, most int, set []*labels.Matcher) ([]string, error) {
		values, notes, err := r.LabelValues(ctx, q.name, &storage.LabelHints{Limit: most + 1}, set...)
		q.warn(notes)
		return values, err
	})
}

// listing joins what one reading gives for each selector, sorted, each entry once.
func (db *DB) listing(q *question, read func(storage.Querier, int, []*labels.Matcher) ([]string, error)) (any, error) {
	sets, err := q.selectors(db.parser, 0)
	if err != nil {
		return nil, err
	}
	if len(sets) == 0 {
		sets = append(sets, nil)
	}
	most, reader, err := db.lister(q)
	if err != nil {
		return nil, err
	}
	all := []string{}
	for _, set := range sets {
		some, err := read(reader, most, set)
		if err != nil {
			return nil, errors.Join(err, reader.Close())
		}
		for _, s := range some {
			all = append(all, string([]byte(s))) // what is read is gone when the reader is closed
		}
	}
	slices.Sort(all)
	return cut(q, slices.Compact(all), most), reader.Close()
}

// metadata answers what each metric means.
func (db *DB) metadata(_ context.Context, q *question) (any, error) {
	type meta struct {
		Type string `json:"type"`
		Help string `json:"help"`
		Unit string `json:"unit"`
	}
	most, err := q.limit(db.o.Query.Series)
	if err != nil {
		return nil, err
	}
	all := map[string][]meta{}
	for _, d := range Catalogue() {
		if m := q.form.Get("metric"); (m == "" || m == string(d.Metric)) && len(all) < most {
			all[string(d.Metric)] = []meta{{d.Type, d.Help, d.Unit}}
		}
	}
	return all, nil
}

// apiVersion is the version of Prometheus whose library is embedded; Grafana
// reads from it what may be asked.
const apiVersion = "3.15.0"

// buildInfo answers who answers.
func buildInfo(context.Context, *question) (any, error) {
	return map[string]string{
		"version": apiVersion, "revision": "", "branch": "sluice", "buildUser": "", "buildDate": "",
		"goVersion": runtime.Version(),
	}, nil
}
