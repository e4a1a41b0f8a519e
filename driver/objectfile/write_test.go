package objectfile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/driver/objectfile"
	"sluice/object"
)

// value is any tree of texts, numbers, truths, lists and maps.
func value(depth int) *rapid.Generator[object.Value] {
	return rapid.Custom(func(t *rapid.T) object.Value {
		most := 4
		if depth <= 0 {
			most = 2
		}
		made := func(v object.Value, err error) object.Value {
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		switch rapid.IntRange(0, most).Draw(t, "shape") {
		case 0:
			return object.TruthOf(rapid.Bool().Draw(t, "truth"))
		case 1:
			return made(object.NumberOf(rapid.StringMatching(`-?[0-9]\.[0-9]{1,8}|[1-9][0-9]{0,16}`).Draw(t, "number")))
		case 2:
			return made(object.TextOf(word().Draw(t, "text")))
		case 3:
			return object.ListOf(rapid.SliceOfN(value(depth-1), 0, 4).Draw(t, "list"))
		}
		return object.MapOf(rapid.MapOfN(word(), value(depth-1), 0, 4).Draw(t, "map"))
	})
}

// word is a text that YAML could take for something else.
func word() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringN(0, 20, 100),
		rapid.StringMatching(`[-a-z0-9 :#'"&*!%@|>?{}\[\],.~<=+\\\n\t]{0,12}`),
		rapid.SampledFrom([]string{"true", "No", "null", "~", "0x10", "012", "1e3", "1_000", ".inf", "2025-01-01", "12:30", "- a", "a: b", "#c", "<<", "---", "...", " x ", "=", "a\r\nb", "\u0085", "\ufeff", "\u2028", "e3", "1 %"}),
	)
}

// TestWhatIsWrittenReadsBack: export, read, and the difference is empty.
func TestWhatIsWrittenReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := object.Object{APIVersion: object.APIVersion, Kind: object.Site, Metadata: object.Metadata{Name: "a", Labels: map[string]string{"on": "1e3"}}, Spec: object.MapOf(map[string]object.Value{"a": value(4).Draw(t, "spec")})}
		text := objectfile.Write("", o)
		back, err := objectfile.Lax(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if d := object.Diff(o, back); len(d) > 0 || !o.Spec.Equal(back.Spec) {
			t.Fatalf("%+v\n%s", d, text)
		}
	})
}

// TestLongFilesAreReadInTime: what fits the bounds does not hold the program up.
func TestLongFilesAreReadInTime(t *testing.T) {
	t.Parallel()
	r := reader(t, nil)
	var keys, list strings.Builder
	for i := range 24_000 {
		fmt.Fprintf(&keys, "  k%d: x\n", i)
		fmt.Fprintf(&list, "    - n%d\n", i)
	}
	head := strings.SplitAfter(small, "spec:\n")[0]
	for sentence, text := range map[string]string{
		"unknown keys": head + keys.String(),
		"a long list":  small + "  notes:\n" + list.String(),
		"many objects": strings.Repeat(someone+"---\n", 900),
	} {
		began := time.Now()
		_, err := r.Read("f", []byte(text))
		took := time.Since(began)
		t.Logf("%s: %d KiB in %v", sentence, len(text)>>10, took.Round(time.Millisecond))
		if (err != nil) != (sentence == "unknown keys") || took > time.Minute {
			t.Errorf("%s: %v after %.200v", sentence, took, err)
		}
	}
}
