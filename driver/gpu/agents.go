package gpu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"sluice/driver/wire"
	port "sluice/gpu"
)

// Agents is the agents of many nodes.
type Agents struct{ *client }

var _ port.Agent = Agents{}

// New returns a client of the agents on nodes, all in networks that n declares.
// Every fault of the list is reported at once.
func New(n *wire.Network, nodes []Node, o Options) (Agents, error) {
	if len(o.Token) == 0 {
		return Agents{}, errors.New("agents of GPU nodes: no token: they serve nobody without one")
	}
	c, err := newClient(n, nodes, o)
	return Agents{c}, err
}

// Reports asks every node for its report. Those that were not heard are in the error;
// what the others said is returned all the same. Times are this computer's.
func (a Agents) Reports(ctx context.Context) ([]port.Report, error) {
	return each(ctx, a.client, func(ctx context.Context, n Node) (port.Report, error) {
		text, err := a.ask(ctx, n, http.MethodGet, "/v1/report", nil)
		if err != nil {
			return port.Report{}, err
		}
		r, err := port.ReadReport(text)
		if err != nil {
			return r, fmt.Errorf("GPU node %q: %w: %w", n.Name, ErrSilent, err)
		}
		if r.Node != n.Name {
			return r, fmt.Errorf("GPU node %q: %s calls itself %q: correct the address, or the name it was started with", n.Name, n.Address, r.Node)
		}
		r.At = a.now()
		for i := range r.GPUs {
			r.GPUs[i].At = r.At
		}
		return r, nil
	})
}

// Read implements port.Agent: the GPUs of all nodes that were heard, in order of the
// nodes, and an error that names the others.
func (a Agents) Read(ctx context.Context) ([]port.Reading, error) {
	reports, err := a.Reports(ctx)
	var out []port.Reading
	for _, r := range reports {
		out = append(out, r.GPUs...)
	}
	return out, err
}

// Set implements port.Agent. After an error nobody knows whether the node acted:
// read it again.
func (a Agents) Set(ctx context.Context, s port.Setting) (port.Answer, error) {
	return a.order(ctx, s.Node, "/v1/limit", s)
}

// Restore asks a node to put back the limits that it had before the first setting.
func (a Agents) Restore(ctx context.Context, node string, epoch int64) (port.Answer, error) {
	return a.order(ctx, node, "/v1/restore", struct {
		Node  string `json:"node"`
		Epoch int64  `json:"epoch"`
	}{node, epoch})
}

func (a Agents) order(ctx context.Context, node, path string, what any) (port.Answer, error) {
	i := slices.IndexFunc(a.nodes, func(n Node) bool { return n.Name == node })
	if i < 0 {
		return port.Answer{}, fmt.Errorf("GPU node %q is not declared", node)
	}
	body, err := json.Marshal(what)
	if err != nil {
		return port.Answer{}, fmt.Errorf("GPU node %q: %w", node, err)
	}
	ctx, cancel := context.WithTimeout(ctx, a.patient)
	defer cancel()
	text, err := a.ask(ctx, a.nodes[i], http.MethodPost, path, bytes.NewReader(body))
	if err != nil {
		return port.Answer{}, err
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	var answer port.Answer
	if err := in.Decode(&answer); err != nil || answer.Node != node || !answer.Taken && answer.Why == "" {
		return port.Answer{}, fmt.Errorf("GPU node %q: %w: %s is no answer of its agent", node, ErrSilent, excerpt(text))
	}
	if !port.Sayable(answer.Why) {
		answer.Why = excerpt([]byte(answer.Why))
	}
	answer.At = a.now()
	return answer, nil
}
