package verify

import (
	"errors"
	"fmt"
	"strings"

	"sluice/device"
)

// Allowed is one place where machines may mine.
type Allowed struct {
	Address Address
	Worker  string // * stands for any characters; case counts
	Fee     bool   // of the maker of the firmware: named, but not a stranger
}

// Allow reads one line of the list. The error says what is wrong with it.
func Allow(address, worker string) (Allowed, error) {
	a, err := ParseAddress(address)
	if err != nil {
		return Allowed{}, err
	}
	if worker == "" {
		return Allowed{}, errors.New("no worker: name it, or * for any")
	}
	if len(worker) > workerMost {
		return Allowed{}, fmt.Errorf("worker of %d bytes: at most %d", len(worker), workerMost)
	}
	return Allowed{Address: a, Worker: worker}, nil
}

// workerMost is bytes of a name of a worker that are compared.
const workerMost = 512

// Pools holds every slot of the pool list that a machine states against the list
// of what is allowed. A slot without an address is in order. Stating nothing at all
// proves nothing, and is a finding of its own.
func Pools(stated []device.Pool, allowed []Allowed) []Finding {
	if len(stated) == 0 {
		return []Finding{{Code: PoolUnstated, Unit: Group}}
	}
	var found []Finding
	for i, p := range stated {
		if code := judgePool(p, allowed); code != "" {
			text := Clean(p.URL)
			if p.Worker != "" {
				text += " as " + Clean(p.Worker)
			}
			found = append(found, Finding{Code: code, Unit: Group, Evidence: Evidence{Slot: i, Text: text}})
		}
	}
	return found
}

// judgePool is what is wrong with one slot, or nothing.
func judgePool(p device.Pool, allowed []Allowed) Code {
	if strings.TrimSpace(p.URL) == "" {
		return ""
	}
	a, err := ParseAddress(p.URL)
	unstated := false
	for _, x := range allowed {
		switch {
		case err != nil || !x.Address.allows(a):
		case x.Fee && matches(x.Worker, p.Worker):
			return PoolDeveloper
		case matches(x.Worker, p.Worker):
			return ""
		case p.Worker == "":
			unstated = true
		}
	}
	switch {
	case p.Fee || developer(p.URL) || developer(p.Worker):
		return PoolDeveloper
	case err != nil:
		return PoolUnreadable
	case unstated:
		return PoolUnstated
	}
	return PoolStranger
}

// developer reports whether a slot calls itself a fee of the maker. A thief may do
// so too: it is never silently allowed.
func developer(s string) bool {
	if len(s) > workerMost {
		return false
	}
	s = strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	return strings.Contains(s, "devfee")
}

// matches reports whether a name fits a pattern in which * stands for any
// characters. It walks back to the last * only: no pattern makes it slow.
func matches(pattern, name string) bool {
	if len(name) > workerMost {
		return false
	}
	p, n, star, from := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from, p = p, n, p+1
		case p < len(pattern) && pattern[p] == name[n]:
			p, n = p+1, n+1
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
