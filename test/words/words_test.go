// Package words checks that the control room has words for all that its server sends:
// in each language, with the same numbers filled in. It holds tests only.
package words

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"sluice/alarm"
)

// root is the folder of the repository, as seen from here.
const root = "../.."

// languages are those of the pages. English is the measure of the others.
func languages() []string { return []string{"en", "ar", "pt"} }

// read reads one file of words.
func read(t *testing.T, language, file string, to any) {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(root, "ui/src/words", language, file))
	if err == nil {
		err = json.Unmarshal(body, to)
	}
	if err != nil {
		t.Fatalf("words of %s: %v", language, err)
	}
}

// word is what a page says of one code.
type word struct {
	Label string // in a table or on a button
	Says  string // what it means, or what to do; empty: the label says it
	Why   string // of reasons: with the numbers behind it
}

// codes are the words of all kinds of codes in one language.
func codes(t *testing.T, language string) map[string]map[string]word {
	t.Helper()
	var out map[string]map[string]word
	read(t, language, "codes.json", &out)
	return out
}

// flat is the same, by keys as pages name them.
func flat(t *testing.T, language string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for kind, all := range codes(t, language) {
		for code, w := range all {
			for part, s := range map[string]string{"says": w.Says, "why": w.Why} {
				if s != "" {
					out[kind+"."+code+"."+part] = s
				}
			}
			out[kind+"."+code+".label"] = w.Label
		}
	}
	return out
}

func alarmTexts(t *testing.T, language string) map[string]string {
	t.Helper()
	var out map[string]string
	read(t, language, "alarmtexts.json", &out)
	return out
}

// TestAlarmTexts: English is what the program itself says, and each language has all of it.
func TestAlarmTexts(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for _, x := range alarm.Texts() {
		want[x.Key] = x.English
	}
	if d := cmp.Diff(want, alarmTexts(t, "en")); d != "" {
		t.Errorf("English texts of alarms differ from package alarm (-program +page):\n%s", d)
	}
	for _, l := range languages() {
		t.Run(l, func(t *testing.T) {
			t.Parallel()
			sound(t, l, want, alarmTexts(t, l))
		})
	}
}

// TestLanguagesAgree: what English says of a code, every language says.
func TestLanguagesAgree(t *testing.T) {
	t.Parallel()
	english := flat(t, "en")
	for _, l := range languages() {
		t.Run(l, func(t *testing.T) {
			t.Parallel()
			sound(t, l, english, flat(t, l))
		})
	}
}

// sound checks the words of a language against those of English.
func sound(t *testing.T, language string, english, words map[string]string) {
	t.Helper()
	if d := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(words))); d != "" {
		t.Errorf("keys (-English +%s):\n%s", language, d)
	}
	for key, s := range words {
		if d := cmp.Diff(holes(english[key]), holes(s)); d != "" {
			t.Errorf("%s fills in something else than English:\n%s", key, d)
		}
		if strings.TrimSpace(s) != s || s == "" {
			t.Errorf("%s is %q: it has no words, or spaces around them", key, s)
		}
		if !inScript(language, s) && s != english[key] {
			t.Errorf("%s is %q: that is not written in the script of its language", key, s)
		}
	}
}

// holes are the names of what is filled in, in the order of the alphabet: languages put
// them in orders of their own.
func holes(s string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`).FindAllStringSubmatch(s, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return out
}

// inScript reports whether Arabic has Arabic letters, and other languages have none.
func inScript(language, s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) == (language == "ar")
}

// TestReasonsFillIn: why a use runs or stands still is said with the numbers that the
// server sends, and says where the decision would turn.
func TestReasonsFillIn(t *testing.T) {
	t.Parallel()
	for code, w := range codes(t, "en")["reason"] {
		if d := cmp.Diff([]string{"cost", "flip", "worth"}, holes(w.Why)); d != "" {
			t.Errorf("reason %s fills in (-want +got):\n%s", code, d)
		}
	}
}

// TestRemedies: what waits for a person says what to do.
func TestRemedies(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"trouble", "hallTrouble", "refusal", "problem", "alarmRefusal"} {
		for code, w := range codes(t, "en")[kind] {
			if w.Says == "" {
				t.Errorf("%s %s does not say what to do", kind, code)
			}
		}
	}
}

// TestKeys: a code is a key of the pages, whose parts end at dots and whose groups at colons.
func TestKeys(t *testing.T) {
	t.Parallel()
	for kind, all := range codes(t, "en") {
		for code := range all {
			if strings.ContainsAny(kind+code, ".:") {
				t.Errorf("%s %q cannot be a key of the pages", kind, code)
			}
		}
	}
}
