package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
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

// NoteID names a sentence that exists in every language.
type NoteID string

// The notes that most backtests need.
const (
	FeesNote       NoteID = "fees"       // pool fees and taxes are not counted
	EstimatedNote  NoteID = "estimated"  // the income of a hash is estimated
	PlantNote      NoteID = "plant"      // the plant is simulated and never fails
	PriceTakerNote NoteID = "pricetaker" // the site does not move the price
	HindsightNote  NoteID = "hindsight"  // hindsight cannot be followed
	SyntheticNote  NoteID = "synthetic"  // some inputs are made up
	PartMonthNote  NoteID = "partmonth"  // charges of part billing periods are billed in full
)

// Note returns the English sentence to put into Report.Notes. HTML writes such
// a sentence in its own language; any other note stays as it is.
func Note(id NoteID) string {
	t, err := speak(English)
	if err != nil {
		panic("report: words.json is broken: " + err.Error())
	}
	return t.words["note."+string(id)]
}

// wordsFile holds every fixed text by its id, in every language. A text with
// {name} in it is a sentence that wants that value.
//
//go:embed words.json
var wordsFile []byte

// tongue is one language: its texts and how it writes numbers.
type tongue struct {
	language  Language
	words     map[string]string
	english   map[string]string // from an English note to its id
	thousands string
	decimal   string
	minus     string
}

// speak returns the tongue of a language.
func speak(l Language) (tongue, error) {
	if !slices.Contains(Languages(), l) {
		return tongue{}, fmt.Errorf("language %q is not known: want one of %v", l, Languages())
	}
	var all map[string]map[Language]string
	if err := json.Unmarshal(wordsFile, &all); err != nil {
		return tongue{}, fmt.Errorf("read the texts of the report: %w", err)
	}
	t := tongue{language: l, words: map[string]string{}, english: map[string]string{}, thousands: ",", decimal: ".", minus: "−"}
	for id, text := range all {
		t.words[id] = text[l]
		if strings.HasPrefix(id, "note.") {
			t.english[text[English]] = id
		}
	}
	if l == Portuguese {
		t.thousands, t.decimal = ".", ","
	}
	return t, nil
}

// say returns the text of an id, or an error that names it.
func (t tongue) say(id string) (string, error) {
	text, ok := t.words[id]
	if !ok {
		return "", fmt.Errorf("no text for %q in language %q", id, t.language)
	}
	return text, nil
}

// or returns the text of an id, or other when the table has none: for names
// that a report may carry beyond those known here.
func (t tongue) or(id, other string) string {
	if text, ok := t.words[id]; ok {
		return text
	}
	return other
}

// policyName is the short name of the five policies, because it heads a
// column; any other policy has its own name.
func (t tongue) policyName(p Policy) string {
	return t.or("policy."+p.ID, firstOf(p.Name, p.ID))
}

// policySays is the rule in one sentence: the report's own in English, that of
// the table elsewhere.
func (s scribe) policySays(p Policy) string {
	if s.language == English && p.Says != "" {
		return p.Says
	}
	if p.ID == Always && s.r.tenantsAlone() {
		return s.words["policy.always.tenants"]
	}
	return s.or("policy."+p.ID+".says", p.Says)
}

// note returns a note in this language, and whether it is a known one.
func (t tongue) note(text string) (string, bool) {
	id, ok := t.english[text]
	if !ok {
		return text, false
	}
	return t.words[id], true
}

func firstOf(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

// fill puts values into a sentence: plain writes the text between them, value
// writes each of them. A name without a value stays visible as {name}.
func fill(sentence string, values map[string]string, plain, value func(string) string) string {
	var out strings.Builder
	for sentence != "" {
		before, rest, found := strings.Cut(sentence, "{")
		out.WriteString(plain(before))
		if !found {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		if v, ok := values[name]; ok {
			out.WriteString(value(v))
		} else {
			out.WriteString(plain("{" + name + "}"))
		}
		sentence = after
	}
	return out.String()
}

func asIs(s string) string { return s }
