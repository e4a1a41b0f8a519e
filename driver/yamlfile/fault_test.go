package yamlfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"limit_mw", "price", "poll_seconds", "name"}
	for name, want := range map[string]string{
		"prcie": "price", "Price": "price", "limits_m": "limit_mw", "naem": "name", "poll_second": "poll_seconds",
		"volume": "", "": "", strings.Repeat("x", nameMost+1): "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("%q is taken for %q, want %q", name, got, want)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	a, b, c := errors.New("a"), errors.New("b"), errors.New("c")
	if got := Parts(errors.Join(a, errors.Join(b, nil, c))); !slices.Equal(got, []error{a, b, c}) {
		t.Errorf("%v", got)
	}
	if one := fmt.Errorf("more: %w", a); !slices.Equal(Parts(one), []error{one}) || Parts(nil) != nil {
		t.Error("a plain error is one part, none is none")
	}
}
