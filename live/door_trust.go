package live

import (
	"context"
	"fmt"
	"time"

	"sluice/loop/trust"
)

// ModeStatus is where a site stands with its trust.
type ModeStatus struct {
	Stage     trust.Stage            `json:"stage"`
	Next      trust.Stage            `json:"next,omitempty"`
	Ready     bool                   `json:"ready"`
	Missing   []string               `json:"missing,omitempty"` // what the next stage still needs
	Eased     []string               `json:"eased,omitempty"`   // what is asked less for than usual
	Requests  []trust.Request        `json:"requests,omitempty"`
	Advice    []trust.Recommendation `json:"advice,omitempty"`
	Entrusted int                    `json:"entrusted"`
}

// modes is the status of the modes; nil where nobody keeps them.
func (s *Site) modes() *ModeStatus {
	if s.trustee == nil {
		return nil
	}
	k := s.trustee.kernel
	r := k.Readiness()
	m := &ModeStatus{Stage: k.Stage(), Next: r.Next, Ready: r.Ready, Eased: r.Eased, Entrusted: k.Entrusted().Count}
	for _, x := range r.Missing() {
		m.Missing = append(m.Missing, x.String())
	}
	for _, q := range k.Requests() {
		if q.State == trust.Open {
			m.Requests = append(m.Requests, q)
		}
	}
	m.Advice = k.Recommendations()
	return m
}

// trustActs are what people can do about the modes.
func (s *Site) trustActs() map[string]deedOf {
	return map[string]deedOf{
		"promote": s.promote, "approve": s.approve, "decline": s.decline, "demote": s.demote, "accept": s.accept, "reject": s.reject,
		"widen": s.widen, "unsafe": s.unsafe,
	}
}

// say tells the modes something that a person did.
func (s *Site) say(ctx context.Context, q Request, e trust.Event) error {
	if err := named(q); err != nil {
		return err
	}
	var no error
	err := s.Do(ctx, func(*Core, time.Time) {
		if s.trustee == nil {
			no = fmt.Errorf("%w: this site was started with every machine entrusted", ErrNo)
			return
		}
		no = s.trust(ctx, e)
	})
	if err != nil {
		return err
	}
	return no
}

func (s *Site) promote(ctx context.Context, q Request) (string, error) {
	e := trust.Requested{Kind: trust.Promote, To: trust.Stage(q.Stage), Units: q.Machines, By: q.By, Reason: q.Reason}
	if e.To == "" {
		_ = s.Do(ctx, func(*Core, time.Time) {
			if s.trustee != nil {
				e.To = s.trustee.kernel.Readiness().Next
			}
		})
	}
	if err := s.say(ctx, q, e); err != nil {
		return "", err
	}
	var last trust.Request
	err := s.Do(ctx, func(*Core, time.Time) {
		for _, r := range s.trustee.kernel.Requests() {
			if r.Number > last.Number {
				last = r
			}
		}
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("request %d: to %s, %d machines with %s at most, by %s; somebody else approves it until %s",
		last.Number, last.To, last.Effect.Units, last.Effect.Power, last.By, last.Until().UTC().Format("15:04:05 UTC")), nil
}

// widen asks for the cap that the configuration now says.
func (s *Site) widen(ctx context.Context, q Request) (string, error) {
	if err := s.say(ctx, q, trust.Requested{Kind: trust.Widen, By: q.By, Reason: q.Reason}); err != nil {
		return "", err
	}
	return "asked for; somebody else approves it within a quarter of an hour: sluice control status shows its number", nil
}

// unsafe says that a recommendation would have broken something, or did.
func (s *Site) unsafe(ctx context.Context, q Request) (string, error) {
	if err := s.say(ctx, q, trust.Unsafe{Number: q.Number, By: q.By, Reason: q.Reason}); err != nil {
		return "", err
	}
	return fmt.Sprintf("recommendation %d was unsafe: the days of this stage begin anew", q.Number), nil
}

func (s *Site) approve(ctx context.Context, q Request) (string, error) {
	if err := s.say(ctx, q, trust.Approved{Number: q.Number, By: q.By}); err != nil {
		return "", err
	}
	return fmt.Sprintf("request %d is approved by %s", q.Number, q.By), nil
}

func (s *Site) decline(ctx context.Context, q Request) (string, error) {
	if err := s.say(ctx, q, trust.Declined{Number: q.Number, By: q.By, Reason: q.Reason}); err != nil {
		return "", err
	}
	return fmt.Sprintf("request %d is declined by %s", q.Number, q.By), nil
}

func (s *Site) demote(ctx context.Context, q Request) (string, error) {
	if err := s.say(ctx, q, trust.Lowered{To: trust.Stage(q.Stage), By: q.By, Reason: q.Reason}); err != nil {
		return "", err
	}
	return "the site acts less by itself from now on", nil
}

func (s *Site) accept(ctx context.Context, q Request) (string, error) {
	if err := s.say(ctx, q, trust.Answered{Number: q.Number, By: q.By, Reason: q.Reason, Accept: true}); err != nil {
		return "", err
	}
	return fmt.Sprintf("recommendation %d is followed until its plan ends", q.Number), nil
}

func (s *Site) reject(ctx context.Context, q Request) (string, error) {
	if err := s.say(ctx, q, trust.Answered{Number: q.Number, By: q.By, Reason: q.Reason}); err != nil {
		return "", err
	}
	return fmt.Sprintf("recommendation %d is declined", q.Number), nil
}
