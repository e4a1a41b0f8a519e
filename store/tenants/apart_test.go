package tenants

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// without are the methods of the Desk that no tenant calls: they say who it is.
func without() []string { return []string{"Authenticate"} }

// TestEveryMethodTakesTheTenant: no method of the Desk can be called without saying who
// asks, none answers nobody, and none leads to the Office.
func TestEveryMethodTakesTheTenant(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	desk := reflect.ValueOf(s.Desk())
	if desk.NumMethod() < 14 {
		t.Errorf("only %d methods", desk.NumMethod())
	}
	for i := range desk.NumMethod() {
		m, name := desk.Method(i).Type(), desk.Type().Method(i).Name
		for out := range m.Outs() {
			if out == reflect.TypeFor[Office]() || out == reflect.TypeFor[*Store]() {
				t.Errorf("%s leads to the office", name)
			}
		}
		if slices.Contains(without(), name) {
			continue
		}
		if m.NumIn() < 2 || m.In(0) != reflect.TypeFor[context.Context]() || m.In(1) != reflect.TypeFor[Tenant]() {
			t.Errorf("%s does not take the tenant after ctx", name)
			continue
		}
		args := []reflect.Value{reflect.ValueOf(t.Context())}
		for a := 1; a < m.NumIn(); a++ {
			args = append(args, reflect.Zero(m.In(a)))
		}
		out := desk.Method(i).Call(args)
		if err, _ := reflect.TypeAssert[error](out[len(out)-1]); !errors.Is(err, ErrTenant) {
			t.Errorf("%s answers nobody: %v", name, err)
		}
	}
}

// TestTenantsAreApart calls every method of the Desk as tenant alpha with everything by
// which something of tenant beta is known. Nothing of beta comes back, a thing of beta is
// no more known than one that never was, and nothing of beta changes.
func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	alpha, beta := enrol(t, s, "alpha"), enrol(t, s, "beta")
	before := everything(t, s, beta.Tenant)
	for _, text := range []string{everything(t, s, alpha.Tenant), before} {
		if strings.Contains(text, "alpha") == strings.Contains(text, "beta") {
			t.Fatalf("a tenant sees of another, or nothing of its own: %s", text)
		}
	}
	desk := reflect.ValueOf(s.Desk())
	words := []string{"", beta.contract, beta.event, beta.wish, beta.token, beta.secret, beta.Name(), "beta-1", "beta-slurm", "beta-part"}
	calls := 0
	for i := range desk.NumMethod() {
		name := desk.Type().Method(i).Name
		if slices.Contains(without(), name) {
			continue
		}
		for _, word := range words {
			out := call(t, desk.Method(i), alpha.Tenant, word)
			text, err := json.Marshal(out[0].Interface())
			if err != nil {
				t.Fatal(err)
			}
			if said := less(string(text), word); strings.Contains(said, "beta") && !mirror(name, said, words) {
				t.Errorf("%s with %q: %s", name, word, text)
			}
			none := call(t, desk.Method(i), alpha.Tenant, "nothing")
			if got, want := failure(out, word), failure(none, "nothing"); word != "" && got != want {
				t.Errorf("%s tells %q (%s) from what never was (%s)", name, word, got, want)
			}
			calls++
		}
	}
	if after := everything(t, s, beta.Tenant); after != before {
		t.Errorf("beta was changed:\n%s\n%s", before, after)
	}
	if calls < 100 {
		t.Errorf("only %d calls", calls)
	}
}

// mirror reports a wish of alpha that holds no more of beta than alpha itself was given
// to say.
func mirror(method, said string, words []string) bool {
	for _, w := range words {
		said = less(said, w)
	}
	return slices.Contains([]string{"Ask", "Cancel", "Reservation", "Reservations"}, method) && !strings.Contains(said, "beta")
}

// less is a text without a word.
func less(text, word string) string {
	if word == "" {
		return text
	}
	return strings.ReplaceAll(text, word, "")
}

// mostEcho is how much of a name an error repeats, bytes.
const mostEcho = 60

// failure is an error without the word that was asked for, or its beginning.
func failure(out []reflect.Value, word string) string {
	err, _ := reflect.TypeAssert[error](out[len(out)-1])
	return less(less(fmt.Sprint(err), word), word[:min(len(word), mostEcho)])
}

// call calls a method as a tenant, with a word wherever a text is wanted.
func call(tb testing.TB, m reflect.Value, who Tenant, word string) []reflect.Value {
	tb.Helper()
	args := []reflect.Value{reflect.ValueOf(tb.Context()), reflect.ValueOf(who)}
	times := []time.Time{at(0), at(86_400)}
	for a := 2; a < m.Type().NumIn(); a++ {
		v := reflect.New(m.Type().In(a)).Elem()
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(times[0]))
			times = times[1:]
		}
		fill(v, word)
		args = append(args, v)
	}
	return m.Call(args)
}

// fill puts a word into every text of a value.
func fill(v reflect.Value, word string) {
	switch v.Kind() { //nolint:exhaustive // the other kinds hold no text
	case reflect.String:
		v.SetString(word)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for _, field := range v.Fields() {
			fill(field, word)
		}
		if w, ok := reflect.TypeAssert[*Wish](v.Addr()); ok { // so that it is one that can be kept
			w.GPUs, w.From = 1, at(0)
		}
	default:
	}
}

// TestNoPriceForTenants: nothing that a tenant may read has a field of money.
func TestNoPriceForTenants(t *testing.T) {
	t.Parallel()
	desk := reflect.TypeFor[Desk]()
	for m := range desk.Methods() {
		for _, field := range fields(m.Type.Out(0), 0) {
			if strings.Contains(field, "unit.Amount") || strings.Contains(field, "unit.Price") || strings.Contains(strings.ToLower(field), "price") {
				t.Errorf("%s answers with %s", m.Name, field)
			}
		}
	}
	s := openAt(t, t.TempDir())
	if text := everything(t, s, enrol(t, s, "alpha").Tenant); strings.Contains(text, "12345") {
		t.Error("the price of an event reaches a tenant")
	}
}

// fields are the names and types of all that a value holds.
func fields(x reflect.Type, depth int) (out []string) {
	switch x.Kind() { //nolint:exhaustive // the other kinds hold nothing
	case reflect.Slice, reflect.Pointer, reflect.Array:
		return fields(x.Elem(), depth)
	case reflect.Struct:
		for f := range x.Fields() {
			out = append(out, f.Name+" "+f.Type.String())
			if depth < 8 && f.Type != reflect.TypeFor[time.Time]() {
				out = append(out, fields(f.Type, depth+1)...)
			}
		}
	default:
	}
	return out
}
