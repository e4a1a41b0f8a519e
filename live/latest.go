package live

import (
	"net/http"
	"time"

	"sluice/driver/door"
	"sluice/loop/cycle"
	"sluice/loop/forecast"
)

// PlanPapers is the newest plan with what it stood on.
type PlanPapers struct {
	Rev      int64          `json:"rev"`              // to ask after the next time
	Now      time.Time      `json:"now"`              // on the site's clock
	Shadow   bool           `json:"shadow,omitempty"` // nothing was entrusted: the shadow follows it, and nobody else
	Snapshot cycle.Snapshot `json:"snapshot"`
	Outlook  cycle.Outlook  `json:"outlook"`
	Plan     cycle.Plan     `json:"plan"`

	// Scores is how the forecasts did on all prices that the site was told.
	Scores []forecast.Score `json:"scores,omitempty"`
}

// papersOf are the papers of a turn as they were decided. Its delivery and its entry
// are written later, by others.
func papersOf(t *cycle.Turn, shadow bool) *PlanPapers {
	return &PlanPapers{Shadow: shadow, Snapshot: t.Snapshot, Outlook: t.Outlook, Plan: t.Plan}
}

// publish makes papers the newest.
func (c *Core) publish(p *PlanPapers) {
	if p == nil {
		return
	}
	c.published++
	p.Rev = c.cfg.Term<<revisionBits + c.published
	c.papers = p
}

// planPapers answers the newest plan, and nothing where it is still that of ?after=.
func (s *Site) planPapers(w http.ResponseWriter, r *http.Request) {
	after, ok := revision(r)
	if !ok {
		door.Write(w, http.StatusBadRequest, Answer{No: badRevision})
		return
	}
	var p *PlanPapers
	var at time.Time
	if err := s.Do(r.Context(), func(c *Core, now time.Time) { p, at = c.papers, now }); err != nil {
		door.Write(w, http.StatusServiceUnavailable, Answer{No: err.Error()})
		return
	}
	switch {
	case p == nil:
		door.Write(w, http.StatusNotFound, Answer{No: "nothing was planned since the program began: the first plan comes once every machine was asked"})
	case p.Rev == after:
		w.WriteHeader(http.StatusNoContent)
	default:
		out := *p // published papers are never changed
		out.Now = at
		writeDense(w, out)
	}
}
