package planfile_test

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/driver/planfile"
)

// TestExamplesReadBack: an example that was written is the example.
func TestExamplesReadBack(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"washington", "operator"} {
		f, err := planfile.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := planfile.Write(f.Plan, f.Histories)
		if err != nil {
			t.Fatal(err)
		}
		back, err := planfile.Read(name, text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if d := cmp.Diff(f.Plan, back.Plan); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(f.Histories, back.Histories); d != "" {
			t.Error(d)
		}
	}
}

// draw fills a value with anything that a file can hold.
func draw(t *rapid.T, v reflect.Value) {
	text := rapid.StringMatching(`[a-zA-Z0-9 .:#'"\\{}\[\],&*!|>%@ü-]{0,20}`)
	if _, ok := reflect.TypeAssert[capital.Month](v); ok {
		v.SetInt(rapid.OneOf(rapid.Just[int64](0), rapid.Int64Range(1, 9999*12+11)).Draw(t, "month"))
		return
	}
	switch v.Kind() { //nolint:exhaustive // the others are handled after it, or hold nothing
	case reflect.Float64:
		v.SetFloat(rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(-1, 1), rapid.Float64Range(-1e18, 1e18), rapid.Float64()).Draw(t, "number"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "whole"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.String:
		v.SetString(rapid.OneOf(text, rapid.SampledFrom([]string{"true", "null", "12", "1e3", "~", "0x1F", "2026-11", ".nan", "no", "-", "a: b", " a", "a "})).Draw(t, "text"))
	case reflect.Struct:
		for _, field := range v.Fields() {
			draw(t, field)
		}
	case reflect.Slice:
		for range rapid.IntRange(0, 2).Draw(t, "length") {
			one := reflect.New(v.Type().Elem()).Elem()
			draw(t, one)
			v.Set(reflect.Append(v, one))
		}
	case reflect.Map:
		for range rapid.IntRange(0, 2).Draw(t, "length") {
			if v.IsNil() {
				v.Set(reflect.MakeMap(v.Type()))
			}
			one := reflect.New(v.Type().Elem()).Elem()
			draw(t, one)
			v.SetMapIndex(reflect.ValueOf(rapid.StringMatching(`[a-z][a-zA-Z0-9 .:#'"-]{0,10}`).Draw(t, "key")), one)
		}
	}
}

// TestEveryPlanReadsBack: what is written is what is read, whatever stands in it.
func TestEveryPlanReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var p capital.Plan
		draw(t, reflect.ValueOf(&p).Elem())
		histories := map[string]string{"ours": rapid.StringMatching(`[a-z./ :#-]{1,9}`).Draw(t, "file")}
		text, err := planfile.Write(p, histories)
		if err != nil {
			t.Fatal(err)
		}
		back, files, err := planfile.Decode(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if d := cmp.Diff(p, back); d != "" {
			t.Fatalf("%s\n%s", d, text)
		}
		if d := cmp.Diff(histories, files); d != "" {
			t.Fatal(d)
		}
	})
}

// TestNotWritten: what no file can hold is refused.
func TestNotWritten(t *testing.T) {
	t.Parallel()
	for sentence, p := range map[string]capital.Plan{
		"NaN":                  {Discount: math.NaN()},
		"infinity in a list":   {Sites: []capital.Site{{Power: capital.Power{Price: []float64{1, math.Inf(1)}}}}},
		"a control character":  {Name: "a\nb"},
		"a month that is none": {Begin: -5},
	} {
		if text, err := planfile.Write(p, nil); err == nil || !errors.Is(err, planfile.ErrFile) && !errors.Is(err, capital.ErrMonth) {
			t.Errorf("%s: %v\n%s", sentence, err, text)
		}
	}
}
