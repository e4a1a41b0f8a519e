package alarm

import (
	"slices"
	"strconv"
	"time"
)

// Priority says how fast somebody has to act; 1 is the highest of 4.
type Priority int

// The priorities.
const (
	Critical Priority = 1 // at once, day and night
	High     Priority = 2 // within minutes
	Medium   Priority = 3 // within the hour
	Low      Priority = 4 // within the shift or the day
)

// Priorities are all of them, the highest first.
func Priorities() []Priority { return []Priority{Critical, High, Medium, Low} }

// String is the number, as it is shown.
func (p Priority) String() string { return strconv.Itoa(int(p)) }

// Family is a group of alarms that have one root as a rule; the first of them to come up
// at a site is marked.
type Family string

// The families.
const (
	OfProgram  Family = "program"
	OfPower    Family = "power"
	OfMeters   Family = "meters"
	OfMachines Family = "machines"
	OfPools    Family = "pools"
	OfHalls    Family = "halls"
	OfMarket   Family = "market"
	OfPeople   Family = "people"
	OfBooks    Family = "books"
)

// Text is a message by its key, with its English words.
type Text struct {
	Key     string `json:"key"`
	English string `json:"english"`
}

// Definition is one alarm that can come up.
type Definition struct {
	Code        string        `json:"code"` // codes are only ever added
	Priority    Priority      `json:"priority"`
	Family      Family        `json:"family"`
	Title       Text          `json:"title"`
	Cause       Text          `json:"cause"`
	Consequence Text          `json:"consequence"`
	Action      Text          `json:"action"`
	Respond     time.Duration `json:"respond_ns"`          // within which somebody has to act
	After       time.Duration `json:"after_ns,omitempty"`  // how long it must hold before anybody is bothered
	Grouped     bool          `json:"grouped,omitempty"`   // one alarm for all machines of a place
	Shown       bool          `json:"shown,omitempty"`     // status shows it, so that notices of it are events
	Explains    []string      `json:"explains,omitempty"`  // alarms of the same place that it is the root of
	Witnesses   []string      `json:"witnesses,omitempty"` // codes of notices and troubles that mean this alarm
}

// row is a definition with the keys that its code gives.
func row(code string, p Priority, f Family, respond time.Duration, words [4]string) Definition {
	key := func(part, english string) Text { return Text{"alarm." + code + "." + part, english} }
	return Definition{
		Code: code, Priority: p, Family: f, Respond: respond,
		Title: key("title", words[0]), Cause: key("cause", words[1]), Consequence: key("consequence", words[2]), Action: key("action", words[3]),
	}
}

// held is a row of what must hold for a while first.
func (d Definition) held(after time.Duration) Definition {
	d.After = after
	return d
}

// each is a row of which all machines of a place make one alarm.
func (d Definition) each() Definition {
	d.Grouped, d.Shown = true, true
	return d
}

// shown is a row of what status shows for as long as it holds.
func (d Definition) shown() Definition {
	d.Shown = true
	return d
}

// told is a grouped row of which only notices tell.
func (d Definition) told() Definition {
	d.Grouped = true
	return d
}

// root is a row that explains others.
func (d Definition) root(codes ...string) Definition {
	d.Explains = codes
	return d
}

// also is a row that other codes mean too.
func (d Definition) also(codes ...string) Definition {
	d.Witnesses = codes
	return d
}

// explains reports whether a definition is the root of a code.
func (d Definition) explains(code string) bool { return slices.Contains(d.Explains, code) }

// Unlisted is the alarm of a code that this program has no words for.
const Unlisted = "unlisted"

// Overflow is the alarm of alarms that no longer fit.
const Overflow = "alarms_overflow"

// Book finds definitions by the codes of the house.
type Book struct {
	rows   []Definition
	byCode map[string]int
	events map[string]bool
}

// NewBook is the closed list, ready to be asked.
func NewBook() Book {
	b := Book{rows: Definitions(), byCode: map[string]int{}, events: map[string]bool{}}
	for i, d := range b.rows {
		b.byCode[d.Code] = i
	}
	for i, d := range b.rows {
		for _, w := range d.Witnesses {
			b.byCode[w] = i
		}
	}
	for _, c := range Events() {
		b.events[c] = true
	}
	return b
}

// Definition is the alarm that a code means: by its own code, or as its witness. False:
// it means none.
func (b Book) Definition(code string) (Definition, bool) {
	i, ok := b.byCode[code]
	if !ok {
		return Definition{}, false
	}
	return b.rows[i], true
}

// IsEvent reports whether a code of a notice needs nobody.
func (b Book) IsEvent(code string) bool { return b.events[code] }

// meaning is the definition of whatever code something carries: of what nobody listed
// it is Unlisted, since a trouble must not be lost because this program is older than
// the site.
func (b Book) meaning(code string) *Definition {
	i, ok := b.byCode[code]
	if !ok {
		i = b.byCode[Unlisted]
	}
	return &b.rows[i]
}
