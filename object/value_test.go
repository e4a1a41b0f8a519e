package object_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/object"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"60": "60", "60.0": "60", "0.10": "0.1", "60_000_000": "60000000", "1e3": "1000", "1.25e-3": "0.00125", "-0": "0", "-0.50": "-0.5", "+7": "7",
		"123456789.123456": "123456789.123456", "9000000000000.123457": "9000000000000.123457", "12e0": "12", "1500e-2": "15", "0": "0", "0.000": "0",
	} {
		v, err := object.NumberOf(written)
		if err != nil || v.String() != want {
			t.Errorf("%s is %q, want %q: %v", written, v, want, err)
		}
	}
	for _, s := range []string{"", "a", "012", "1e99", "0x10", ".5", "1-2", "--1", strings.Repeat("9", 41), "1 MW", "NaN"} {
		if v, err := object.NumberOf(s); err == nil {
			t.Errorf("%q is taken for %s", s, v)
		}
	}
}

func TestSecretKeys(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"password": true, "apiToken": true, "smtp_password": true, "secret": true, "api_key": true, "private_key": true, "TOKEN": true,
		"token_file": false, "secretRef": false, "keys": false, "key": false, "name": false, "": false, "tokens_per_hour": false,
	} {
		if object.Secret(key) != want {
			t.Errorf("%s: %v", key, !want)
		}
	}
}

// anyValue is a value of some shape.
func anyValue(depth int) *rapid.Generator[object.Value] {
	return rapid.Custom(func(t *rapid.T) object.Value {
		most := 4
		if depth <= 0 {
			most = 2
		}
		switch rapid.IntRange(0, most).Draw(t, "shape") {
		case 0:
			return object.TruthOf(rapid.Bool().Draw(t, "truth"))
		case 1:
			v, err := object.NumberOf(rapid.StringMatching(`-?[1-9][0-9]{0,12}(\.[0-9]{1,8})?`).Draw(t, "number"))
			if err != nil {
				t.Fatal(err)
			}
			return v
		case 2:
			v, err := object.TextOf(rapid.StringN(0, 30, 200).Draw(t, "text"))
			if err != nil {
				t.Fatal(err)
			}
			return v
		case 3:
			return object.ListOf(rapid.SliceOfN(anyValue(depth-1), 0, 4).Draw(t, "list"))
		}
		return object.MapOf(rapid.MapOfN(rapid.StringN(1, 12, 60), anyValue(depth-1), 0, 4).Draw(t, "map"))
	})
}

// TestJSONLosesNothing: what is written reads back, and a difference is none.
func TestJSONLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := object.MapOf(map[string]object.Value{"a": anyValue(4).Draw(t, "v")})
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var back object.Value
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if d := object.Diff(object.Object{Kind: object.Site, Spec: v}, object.Object{Kind: object.Site, Spec: back}); !v.Equal(back) || len(d) > 0 {
			t.Fatalf("%s reads as %s: %v", text, back, d)
		}
	})
}

// TestDiffSeesEverything: two values that differ have a difference, and none differs from itself.
func TestDiffSeesEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := object.Object{Kind: object.Site, Spec: anyValue(3).Draw(t, "a")}, object.Object{Kind: object.Site, Spec: anyValue(3).Draw(t, "b")}
		if (len(object.Diff(a, b)) == 0) != a.Spec.Equal(b.Spec) {
			t.Fatalf("%s and %s: %v", a.Spec, b.Spec, object.Diff(a, b))
		}
	})
}

func TestJSONRefusals(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		`{"a":null}`: "null", `{"a":1,"a":2}`: "twice", strings.Repeat("[", 40) + strings.Repeat("]", 40): "deeper", `{"a":"` + strings.Repeat("x", 3000) + `"}`: "longer",
	} {
		var v object.Value
		if err := json.Unmarshal([]byte(text), &v); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60s: %v, want %q", text, err, says)
		}
	}
}
