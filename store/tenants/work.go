package tenants

import (
	"context"
	"fmt"
	"time"

	"sluice/store/file"
	"sluice/unit"
	"sluice/use/hosting/meter"
)

// Work is what one job used between two instants; without a job, idle GPUs that are the
// contract's own. It explains a bill and is none: billed is Usage.
type Work struct {
	Contract     string
	Job          string
	GPUSeconds   int64
	SliceSeconds int64
	IT           unit.Energy // of machines
	Facility     unit.Energy // with what serves them
	Estimated    bool        // some of it was not read
}

// PutWork keeps what the jobs of contracts used in an interval. The same again changes
// nothing; something else is a new revision, and a job that an interval has no more
// used nothing in it. What the operator bears is left out.
func (o Office) PutWork(ctx context.Context, a meter.Attribution) error {
	err := o.s.write(ctx, func(ctx context.Context, p pen) error {
		had, err := file.Gather(ctx, p, scanStored, works+" WHERE w.meter = ? AND w.from_s = ? AND w.to_s = ?"+lastWork, a.Boundary, a.Span.From, a.Span.To)
		if err != nil {
			return err
		}
		gone := map[[2]string]stored{}
		for _, h := range had {
			gone[[2]string{h.Contract, h.Job}] = h
		}
		for _, r := range a.Rows {
			if r.Contract == "" {
				continue
			}
			key := [2]string{r.Contract, r.Job}
			now := Work{r.Contract, r.Job, r.GPUSeconds, r.SliceSeconds, r.IT(), r.Facility(), len(r.Marks) > 0}
			if err := p.work(ctx, a, gone[key], now); err != nil {
				return err
			}
			delete(gone, key)
		}
		for _, h := range gone {
			if err := p.work(ctx, a, h, Work{Contract: h.Contract, Job: h.Job}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the work of %.60q from %d: %w", a.Boundary, a.Span.From, err)
	}
	return nil
}

// stored is work of one interval with its revision.
type stored struct {
	Work
	revision int
}

// work writes what is new.
func (p pen) work(ctx context.Context, a meter.Attribution, had stored, now Work) error {
	if had.revision > 0 && had.Work == now {
		return nil
	}
	if err := known(ctx, p, now.Contract); err != nil {
		return err
	}
	_, err := p.Exec(ctx, "INSERT INTO work (contract, job, meter, from_s, to_s, revision, gpu_s, slice_s, it_j, plant_j, estimated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		now.Contract, now.Job, a.Boundary, a.Span.From, a.Span.To, had.revision+1, now.GPUSeconds, now.SliceSeconds, int64(now.IT), int64(now.Facility), now.Estimated)
	return err
}

const (
	works    = "SELECT w.contract, w.job, w.gpu_s, w.slice_s, w.it_j, w.plant_j, w.estimated, w.revision FROM work w"
	lastWork = ` AND w.revision = (SELECT max(v.revision) FROM work v WHERE v.contract = w.contract AND v.job = w.job
		AND v.meter = w.meter AND v.from_s = w.from_s AND v.to_s = w.to_s)`
)

func scanStored(scan file.Scanner) (x stored, err error) {
	return x, scan(&x.Contract, &x.Job, &x.GPUSeconds, &x.SliceSeconds, &x.IT, &x.Facility, &x.Estimated, &x.revision)
}

// Work is what the tenant's jobs used in the intervals that begin between two instants,
// by contract and job.
func (d Desk) Work(ctx context.Context, t Tenant, from, to time.Time) ([]Work, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return file.Gather(ctx, d.s.file, func(scan file.Scanner) (x Work, err error) {
		return x, scan(&x.Contract, &x.Job, &x.GPUSeconds, &x.SliceSeconds, &x.IT, &x.Facility, &x.Estimated)
	}, `SELECT w.contract, w.job, sum(w.gpu_s), sum(w.slice_s), sum(w.it_j), sum(w.plant_j), max(w.estimated)
		FROM work w JOIN contract c ON c.name = w.contract WHERE c.tenant = ? AND w.from_s >= ? AND w.from_s < ?`+lastWork+`
		GROUP BY w.contract, w.job HAVING sum(w.gpu_s) + sum(w.slice_s) + sum(w.it_j) > 0 ORDER BY w.contract, w.job LIMIT ?`,
		t.name, from.Unix(), to.Unix(), mostRows)
}
