package quotefile

import (
	"embed"
	"errors"
	"fmt"

	"sluice/capital/quote"
	"sluice/driver/yamlfile"
	"sluice/unit"
)

// File is a quote as it was asked for.
type File struct {
	Name  string
	Terms quote.Terms
	// Sources say where an input comes from, by its key; one that has none is assumed.
	Sources map[string]string
	Size    unit.Power   // of the facility; 0: not said, all is for a megawatt
	Term    quote.Months // 0: not said, there are no scenarios
	Asked   unit.Amount  // USD a GPU-hour; 0: nothing is asked
	Idle    unit.Power   // IT power that a GPU keeps drawing which is not off
	Changes []quote.Change

	Colocation  *Colocation
	Flexibility *Flexibility
	Headline    *Headline
	Market      []Market
	Scenarios   []quote.Scenario
	Outlook     []string // source of each scenario; empty: assumed
	Walk        *Walk
}

// Colocation is the same hall for tenants with their own GPUs.
type Colocation struct {
	quote.Colocation
	Asked  unit.Amount // USD a kW-month; 0: nothing is asked
	Source string
}

// Flexibility is a clause on reduced power and where its figures come from.
type Flexibility struct {
	quote.Flexibility
	Source string
}

// Headline is a deal that somebody told of.
type Headline struct {
	quote.Deal
	Name, Source string
	Left         []quote.Rest
}

// Market is a price that others ask or pay, as a fact with its source.
type Market struct {
	Name   string
	Price  unit.Amount // USD a GPU-hour
	Power  unit.Power  // IT power of that GPU
	Source string
}

// Walk is a walk and where its volatilities come from.
type Walk struct {
	quote.Walk
	Source string
}

// Request says what to read. A text is that of a file, or empty; a name is for messages.
type Request struct {
	Name, Text               string // of the quote
	OutlookName, OutlookText string // of scenarios that take the place of those of the quote
	Said                     Said
}

// Said is what stands on the command line; what is empty was not said.
type Said struct {
	Inputs                                    map[string]string // by key
	Asked, AskedColo, Size, Term, Seed, Paths string
}

// sizeMax bounds a quote file, bytes.
const sizeMax = 1 << 20

//go:embed example/*.yaml
var examples embed.FS

func shelf() yamlfile.Shelf {
	return yamlfile.Shelf{Kind: "quote", Examples: examples, Most: sizeMax}
}

// Example is the quote file of that name inside the program.
func Example(name string) ([]byte, error) { return shelf().Example(name) }

// Load reads the files at paths, or the examples of those names. An empty quote is
// one whose inputs were all said; empty scenarios are those of the quote.
func Load(name, outlook string, said Said) (*File, error) {
	in := Request{Name: name, OutlookName: outlook, Said: said}
	var err error
	if in.Text, err = text(name); err != nil {
		return nil, err
	}
	if in.OutlookText, err = text(outlook); err != nil {
		return nil, err
	}
	return Read(in)
}

// text is what stands in a file, if there is one.
func text(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	b, err := shelf().Text(name)
	return string(b), err
}

// Read reads a quote. The error names everything that is wrong with it.
func Read(in Request) (*File, error) {
	b := builder{request: in}
	if in.Name != "" {
		if err := b.decode(&b.quote, in.Name, in.Text, &b.in); err != nil {
			return nil, err
		}
	}
	b.outlook = b.quote
	if in.OutlookName != "" {
		b.in.Outlook = rawOutlook{}
		if err := b.decode(&b.outlook, in.OutlookName, in.OutlookText, &b.in.Outlook); err != nil {
			return nil, err
		}
	}
	f := b.file()
	if err := errors.Join(b.faults...); err != nil {
		return nil, err
	}
	return &f, nil
}

// decode reads one text and remembers where in it everything stands.
func (b *builder) decode(p *page, name, text string, into any) error {
	if len(text) > sizeMax {
		return fmt.Errorf("read quote file %s: more than %d bytes: is it one?", name, sizeMax)
	}
	lines, err := yamlfile.Read([]byte(text), into)
	if err != nil {
		return fmt.Errorf("read quote %s: %w", name, err)
	}
	*p = page{name: name, lines: lines}
	return nil
}
