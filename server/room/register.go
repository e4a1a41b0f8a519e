package room

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// register is what is attached, by name. It may be used from any goroutine; a nil one is
// empty.
type register[T any] struct {
	mu   sync.RWMutex
	kept map[string]T
}

func newRegister[T any]() *register[T] { return &register[T]{kept: map[string]T{}} }

// nameable reports a name that can stand in a path.
func nameable(name string) bool { return name != "" && !strings.ContainsAny(name, "/?#%\\ ") }

// add adds something; the error is ErrAttached where the name is taken.
func (r *register[T]) add(name string, x T) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.kept[name]; taken {
		return ErrAttached
	}
	r.kept[name] = x
	return nil
}

// remove lets it go, and returns what it was.
func (r *register[T]) remove(name string) (x T, was bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x, was = r.kept[name]
	delete(r.kept, name)
	return x, was
}

func (r *register[T]) find(name string) (x T, is bool) {
	if r == nil {
		return x, false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	x, is = r.kept[name]
	return x, is
}

// all are they by name.
func (r *register[T]) all() []T {
	if r == nil {
		return nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]T, 0, len(r.kept))
	for _, name := range slices.Sorted(maps.Keys(r.kept)) {
		out = append(out, r.kept[name])
	}
	return out
}
