package board

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Language is one that the report is written in, as an ISO 639-1 code.
type Language string

// The languages of the report. Arabic is written from right to left.
const (
	English    Language = "en"
	Arabic     Language = "ar"
	Portuguese Language = "pt"
)

// Languages returns every language of the report.
func Languages() []Language { return []Language{English, Arabic, Portuguese} }

// wordsFile holds every fixed text by its id, in every language. A text with
// {name} in it is a sentence that wants that value.
//
//go:embed words.json
var wordsFile []byte

// tongue is one language: its texts and how it writes numbers.
type tongue struct {
	language  Language
	words     map[string]string
	thousands string
	decimal   string
}

// speak returns the tongue of a language; none is English.
func speak(l Language) (tongue, error) {
	if l == "" {
		l = English
	}
	if !slices.Contains(Languages(), l) {
		return tongue{}, fmt.Errorf("language %q is not known: want one of %v: %w", l, Languages(), ErrReport)
	}
	var all map[string]map[Language]string
	if err := json.Unmarshal(wordsFile, &all); err != nil {
		return tongue{}, fmt.Errorf("read the texts of the report: %w", err)
	}
	t := tongue{language: l, words: map[string]string{}, thousands: ",", decimal: "."}
	for id, text := range all {
		t.words[id] = text[l]
	}
	if l == Portuguese {
		t.thousands, t.decimal = ".", ","
	}
	return t, nil
}

func (t tongue) rtl() bool { return t.language == Arabic }

// or is the text of an id, or other where there is none.
func (t tongue) or(id, other string) string {
	if text, ok := t.words[id]; ok {
		return text
	}
	return other
}

// say fills a sentence. Values keep their own direction whatever stands around them.
func (t tongue) say(id string, values map[string]string) string {
	text := t.words[id]
	pairs := make([]string, 0, 2*len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, "{"+name+"}", t.apart(values[name]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// The marks that keep a text together in its own direction.
const (
	isolate  = "\u2068" // in the direction of its first letter
	leftward = "\u2066" // from left to right
	done     = "\u2069"
)

// apart keeps a value apart from the direction of the text around it. What has no
// letter that is read from the right is read from the left, signs in it.
func (t tongue) apart(v string) string {
	if v == "" {
		return ""
	}
	open := leftward
	if strings.ContainsFunc(v, func(r rune) bool { return r >= 0x590 && r < 0x900 }) {
		open = isolate
	}
	if !t.rtl() && open == leftward {
		return v
	}
	return open + v + done
}
