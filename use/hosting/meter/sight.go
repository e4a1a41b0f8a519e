package meter

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sluice/books"
	"sluice/books/rate"
	"sluice/engine"
)

// Sight is the state of a node over a stretch, as an engine saw it.
type Sight struct {
	Node     string
	State    engine.NodeState
	Busy     bool   // jobs ran on it
	Event    string // of ours that switched it off
	Span     rate.Span
	Evidence books.Hash // of the views in which it was seen so
}

// out reports a node on which its tenant can run nothing. One that the engine itself
// switched off to save power starts when a job asks for it.
func (s Sight) out() bool {
	switch s.State {
	case engine.NodeDown:
		return true
	case engine.NodeDraining:
		return !s.Busy
	case engine.NodeOff, engine.NodeLeaving, engine.NodeStarting:
		return s.Event != ""
	case engine.NodeUp:
	}
	return false
}

// Sights makes stretches of an engine's views: each node is as it was seen until the
// next view, and no longer than gap. What comes after was not seen: neither up nor down.
func Sights(views []engine.View, gap time.Duration) ([]Sight, error) {
	in := slices.Clone(views)
	slices.SortStableFunc(in, func(a, b engine.View) int { return a.At.Compare(b.At) })
	last := map[string]int{}
	var out []Sight
	for i := 0; i+1 < len(in); i++ {
		v := in[i]
		v.At = v.At.UTC()
		paper, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("view of %v: %w", v.At, err)
		}
		hash := books.Hash(sha256.Sum256(paper))
		span := rate.Span{From: v.At.Unix(), To: min(in[i+1].At.Unix(), v.At.Add(gap).Unix())}
		if span.Empty() {
			continue
		}
		for _, n := range v.Nodes {
			s := Sight{n.Name, n.State, n.Busy > 0, n.Event, span, hash}
			if j, known := last[n.Name]; known && s.follows(out[j]) {
				out[j].Span.To = span.To
				out[j].Evidence = chained(out[j].Evidence, hash)
				continue
			}
			last[n.Name] = len(out)
			out = append(out, s)
		}
	}
	return out, nil
}

// follows reports that nothing changed since the stretch before.
func (s Sight) follows(before Sight) bool {
	joined := before.Span.To == s.Span.From
	before.Span, before.Evidence = s.Span, s.Evidence
	return joined && before == s
}

// chained is the hash of hashes.
func chained(all ...books.Hash) books.Hash {
	var b []byte
	for _, h := range all {
		b = append(b, h[:]...)
	}
	return sha256.Sum256(b)
}
