package tenant

import (
	"time"
)

// Curtailment is one of a contract's that was announced.
type Curtailment struct {
	Event    string    `json:"event"`
	Contract string    `json:"contract"`
	State    string    `json:"state" doc:"coming, on, over or withdrawn."`
	From     time.Time `json:"from" doc:"Power is taken, UTC."`
	Until    time.Time `json:"until" doc:"It is given back, UTC."`
	Measure  string    `json:"measure" doc:"What is done."`
	GPUs     int       `json:"gpus" doc:"Of yours that it touches."`
	Says     string    `json:"says"`
	Given    time.Time `json:"given" doc:"When you were told."`
	NoticeS  int64     `json:"notice_s" doc:"How long before it begins."`
	Revision int       `json:"revision" doc:"From 1; a change of plan is a higher one."`
}

const lookBack = 30 * day

func curtailments(c call) (any, error) {
	after, err := c.instant("from", c.at.Add(-lookBack))
	if err != nil {
		return nil, err
	}
	all, err := c.server.c.Desk.Notices(c.ctx, c.who, after)
	if err != nil {
		return nil, err
	}
	out := []Curtailment{}
	for _, n := range all {
		state := "coming"
		switch {
		case n.Withdrawn:
			state = "withdrawn"
		case !c.at.Before(n.Until):
			state = "over"
		case !c.at.Before(n.From):
			state = "on"
		}
		out = append(out, Curtailment{n.Event, n.Contract, state, n.From, n.Until, n.Measure, n.GPUs, n.Says, n.At, int64(n.From.Sub(n.At) / time.Second), n.Revision})
	}
	return out, nil
}
