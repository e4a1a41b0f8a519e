package room

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/driver/objectfile"
	"sluice/driver/planfile"
	"sluice/object"
	"sluice/people"
	keep "sluice/store/room"
)

// The bounds of plans.
const (
	plansShown  = 200              // of one list
	worksKept   = 64               // plans whose answers are remembered
	worksAtOnce = 2                // that are worked out; others wait
	workWithin  = 90 * time.Second // for one
)

// ErrUnworkable says that a plan cannot be worked out as it stands. The lines of an error
// that wraps it say why.
var ErrUnworkable = errors.New("the plan cannot be worked out")

// Planner works plans out. A plan is the text of its file; name is that of its object.
// Its methods may be called from many goroutines; an error that is the plan's own fault
// is ErrUnworkable.
type Planner interface {
	Work(ctx context.Context, name string, plan []byte) (CapitalWork, error)
	// Risk runs a plan on many futures. step is told how far it is; ctx ends it.
	Risk(ctx context.Context, name string, plan []byte, ask CapitalRiskAsk, step func(done, total int)) (CapitalFound, error)
	// Board is the report for a board; what of a risk belongs to it may be nil.
	Board(ctx context.Context, name string, plan []byte, ask BoardAsk) ([]byte, error)
}

// works remembers what plans came to, by their text. It may be used from any goroutine.
type works struct {
	slots chan struct{}
	mu    sync.Mutex // guards what follows
	kept  map[[32]byte]*worked
	order [][32]byte // of kept, the one asked for last at the end
}

// worked is one plan that is, or was, worked out.
type worked struct {
	over chan struct{} // closed once what follows is there
	work CapitalWork
	err  error
}

func newWorks() *works {
	return &works{slots: make(chan struct{}, worksAtOnce), kept: map[[32]byte]*worked{}}
}

// find is a plan with whoever works it out; true: nobody has begun to.
func (w *works) find(key [32]byte) (*worked, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	x, known := w.kept[key]
	if known {
		w.order = slices.DeleteFunc(w.order, func(k [32]byte) bool { return k == key })
	} else {
		x = &worked{over: make(chan struct{})}
		w.kept[key] = x
	}
	w.order = append(w.order, key)
	for len(w.order) > worksKept {
		delete(w.kept, w.order[0])
		w.order = w.order[1:]
	}
	return x, !known
}

// forget lets a plan be worked out anew: it was the computer and not the plan that failed.
func (w *works) forget(key [32]byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.kept, key)
	w.order = slices.DeleteFunc(w.order, func(k [32]byte) bool { return k == key })
}

// begin has a plan worked out beside everything else, once.
func (r *Room) begin(name string, plan []byte) *worked {
	key := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", name, plan))
	x, fresh := r.works.find(key)
	if !fresh {
		return x
	}
	r.told.Go(func() {
		defer close(x.over)
		select {
		case r.works.slots <- struct{}{}:
		case <-r.over:
			x.err = context.Canceled
			return
		}
		defer func() { <-r.works.slots }()
		ctx, cancel := context.WithTimeout(r.life, workWithin)
		defer cancel()
		if x.work, x.err = r.cfg.Planner.Work(ctx, name, plan); x.err != nil && !errors.Is(x.err, ErrUnworkable) {
			r.works.forget(key)
		}
	})
	return x
}

// wait waits for a plan that is worked out.
func (x *worked) wait(ctx context.Context) (CapitalWork, error) {
	select {
	case <-x.over:
		return x.work, unworkable(x.err)
	case <-ctx.Done():
		return CapitalWork{}, ctx.Err()
	}
}

// unworkable is why a plan was not worked out.
func unworkable(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrUnworkable):
		p := problem(http.StatusUnprocessableEntity, "plan_unworkable", "the plan cannot be worked out as it stands", "mend what the faults name, and apply the plan again")
		p.Faults = faultsOf(err)
		return p
	case errors.Is(err, context.DeadlineExceeded):
		return problem(http.StatusUnprocessableEntity, "plan_too_large", fmt.Sprintf("the plan was not worked out within %v", workWithin), "make it of fewer projects or years")
	}
	return err
}

func (r *Room) serveCapital() {
	r.works = newWorks()
	of := func(method, path, id, says string) route {
		return route{method: method, path: "/v1/plans" + path, id: id, says: says, group: "capital", reach: house, verb: people.Money}
	}
	serve(r, of(http.MethodGet, "", "listPlans", "Plans of what is built and with which money, and what each comes to."), r.plans)
	serve(r, of(http.MethodGet, "/{plan}", "getPlan", "One plan worked out: its assumptions, its answer, its statements."), r.onePlan)
	ask := of(http.MethodPost, "/{plan}/what-if", "askPlan", "What a plan comes to with other figures, beside the one that stands. Nothing is kept.")
	serve(r, ask, r.planWhatIf)
	raw(r, of(http.MethodGet, "/{plan}/board", "getBoardReport", "The report for the board: a page, a PDF or a workbook.").as("application/pdf", "text/html", workbook), r.boardReport)
	r.serveCapitalRisks(of)
}

// InPlan is a plan by the name of its object.
type InPlan struct {
	Plan string `path:"plan" maxLength:"63" example:"operator"`
}

// planner is who works plans out.
func (r *Room) planner() (Planner, error) {
	if r.cfg.Planner == nil {
		return nil, problem(http.StatusConflict, "no_planner", "this control room works no plans out", "start it with sluice room")
	}
	return r.cfg.Planner, nil
}

// planText is a plan as its reader takes it.
func planText(x keep.Object) ([]byte, error) {
	o, err := objectOf(x)
	if err != nil {
		return nil, err
	}
	return objectfile.Plain(o.Spec), nil
}

// headOf is what the list says of a plan.
func headOf(x keep.Object) (CapitalHead, error) {
	h := CapitalHead{Name: x.Name, Version: x.Version, Changed: x.Changed, By: x.By}
	var says struct {
		Plan     json.RawMessage `json:"plan"`
		Currency string          `json:"currency"`
		Begin    string          `json:"begin"`
		Years    int             `json:"years"`
	}
	if err := json.Unmarshal(x.Spec, &says); err != nil {
		return h, fmt.Errorf("read plan %s as it is stored: %w", x.Name, err)
	}
	h.Plan, h.Currency, h.Begin, h.Years = strings.Trim(string(says.Plan), `"`), says.Currency, says.Begin, says.Years
	var text string
	if json.Unmarshal(says.Plan, &text) == nil {
		h.Plan = text
	}
	return h, nil
}

// plans lists them. What was not worked out yet is begun, and is there when it is asked
// for again.
func (r *Room) plans(ctx context.Context, _ Visit, _ *struct{}) (CapitalList, error) {
	out := CapitalList{Plans: []CapitalHead{}, Can: r.cfg.Planner != nil}
	var err error
	if out.Examples, err = planExamples(); err != nil || r.cfg.Objects == nil {
		return out, err
	}
	all, _, err := r.cfg.Objects.Objects(ctx, keep.Filter{Kind: string(object.CapitalPlan), Limit: plansShown})
	if err != nil {
		return out, err
	}
	for _, x := range all {
		h, err := headOf(x)
		if err != nil {
			return out, err
		}
		if err := r.answered(&h, x); err != nil { //nolint:contextcheck // it goes on after the answer
			return out, err
		}
		out.Plans = append(out.Plans, h)
	}
	slices.SortFunc(out.Plans, func(a, b CapitalHead) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// answered adds what a plan comes to, where it is known already.
func (r *Room) answered(h *CapitalHead, x keep.Object) error {
	if r.cfg.Planner == nil {
		return nil
	}
	text, err := planText(x)
	if err != nil {
		return err
	}
	w := r.begin(x.Name, text)
	select {
	case <-w.over:
	default:
		h.Pending = true
		return nil
	}
	if w.err == nil {
		h.Answer = &w.work.Answer
	} else {
		h.Faults = faultsOf(w.err)
	}
	return nil
}

func (r *Room) onePlan(ctx context.Context, v Visit, in *InPlan) (CapitalPlan, error) {
	all, err := r.versions(ctx, v, objectIn{string(object.CapitalPlan), in.Plan}, 1)
	if err != nil {
		return CapitalPlan{}, err
	}
	if all[0].Deleted {
		return CapitalPlan{}, missing("plan", in.Plan)
	}
	h, err := headOf(all[0])
	if err != nil {
		return CapitalPlan{}, err
	}
	out := CapitalPlan{CapitalHead: h, Spec: all[0].Spec, Labels: objectView(all[0], false).Metadata.Labels}
	if _, err := r.planner(); err != nil {
		return out, err
	}
	text, err := planText(all[0])
	if err != nil {
		return out, err
	}
	work, err := r.begin(in.Plan, text).wait(ctx) //nolint:contextcheck // others wait for it too
	var p *Problem
	if errors.As(err, &p) && len(p.Faults) > 0 {
		out.Faults = p.Faults
		return out, nil
	}
	out.Answer, out.Work = &work.Answer, &work
	return out, err
}

// planExamples are the shipped plans as objects.
func planExamples() ([]CapitalExample, error) {
	out := []CapitalExample{}
	for _, name := range []string{"operator", "washington"} {
		text, err := planfile.Example(name)
		if err != nil {
			return out, err
		}
		out = append(out, CapitalExample{Name: name, Says: firstOf(text, "plan:"), YAML: PlanObject(name, text)})
	}
	return out, nil
}

// firstOf is what stands behind a key of the first level of a text.
func firstOf(text []byte, key string) string {
	for line := range strings.Lines(string(text)) {
		if rest, is := strings.CutPrefix(line, key); is {
			return strings.Trim(strings.TrimSpace(rest), `"'`)
		}
	}
	return ""
}

// PlanObject is the text of a plan file as an object of a name.
func PlanObject(name string, plan []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\nspec:\n", object.APIVersion, object.CapitalPlan, name)
	for line := range strings.Lines(string(plan)) {
		if strings.TrimSpace(line) != "" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	return b.String()
}
