package meter

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/books"
	"sluice/gpu"
	"sluice/unit"
)

// Paper is everything that an attribution is made of, in one form whatever the order
// in which it was read: the same facts give the same bytes.
func (in Interval) Paper() ([]byte, error) { return json.Marshal(in.ordered()) }

// ErrPaper is bytes that are no paper of an interval.
var ErrPaper = errors.New("not the paper of an interval")

// ReadPaper is the interval of a paper: attributing it again gives what it gave. An
// error wraps ErrPaper.
func ReadPaper(paper []byte) (Interval, error) {
	var in Interval
	if err := json.Unmarshal(paper, &in); err != nil {
		return Interval{}, fmt.Errorf("read a paper of %d bytes: %w: %w", len(paper), ErrPaper, err)
	}
	return in, nil
}

// evidence is the hash of a paper.
func evidence(paper []byte) books.Hash { return sha256.Sum256(paper) }

// written is a card on paper: a hall has thousands of them in every interval.
type written struct {
	UUID  string `json:"id"`
	First *end   `json:"a,omitempty"` // nothing: not read
	Last  *end   `json:"z,omitempty"`
}

// end is what counts of one reading.
type end struct {
	At     int64        `json:"t"` // microseconds since 1970
	Energy *unit.Energy `json:"e,omitempty"`
	Draw   *unit.Power  `json:"p,omitempty"`
	Job    string       `json:"j,omitempty"`
	Shared bool         `json:"s,omitempty"`
}

// MarshalJSON keeps of a card what an attribution reads.
func (c Card) MarshalJSON() ([]byte, error) {
	return json.Marshal(written{c.UUID, endOf(c.First), endOf(c.Last)})
}

func endOf(r gpu.Reading) *end {
	if r.At.IsZero() && !r.Has.Energy && !r.Has.Draw {
		return nil
	}
	e := end{At: r.At.UnixMicro(), Job: r.Job, Shared: r.Shared}
	if r.Has.Energy {
		e.Energy = &r.Energy
	}
	if r.Has.Draw {
		e.Draw = &r.Draw
	}
	return &e
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Card) UnmarshalJSON(b []byte) error {
	var w written
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*c = Card{UUID: w.UUID, First: w.First.reading(w.UUID), Last: w.Last.reading(w.UUID)}
	return nil
}

func (e *end) reading(uuid string) gpu.Reading {
	if e == nil {
		return gpu.Reading{}
	}
	r := gpu.Reading{UUID: uuid, Job: e.Job, Shared: e.Shared, At: time.UnixMicro(e.At).UTC()}
	if e.Energy != nil {
		r.Energy, r.Has.Energy = *e.Energy, true
	}
	if e.Draw != nil {
		r.Draw, r.Has.Draw = *e.Draw, true
	}
	return r
}
