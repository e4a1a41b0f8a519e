package quotefile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sluice/capital/quote"
	"sluice/driver/csvfile"
	"sluice/driver/yamlfile"
	"sluice/unit"
)

// page is a text and where everything stands in it.
type page struct {
	name  string
	lines yamlfile.Lines
}

// builder collects all that is wrong instead of ending at the first.
type builder struct {
	request        Request
	in             raw
	quote, outlook page
	said           map[string]bool // paths whose value stands on the command line
	faults         []error
}

// fault notes what is wrong with what stands at a path, or behind a flag.
func (b *builder) fault(path, format string, a ...any) {
	where := strings.TrimPrefix(path, "$.")
	if b.said[path] || b.request.Name == "" && !outlooking(path) {
		where = "--" + flagOf(path)
	} else {
		p := b.quote
		if outlooking(path) {
			p = b.outlook
		}
		if n := p.line(path); n > 0 {
			where = "line " + strconv.Itoa(n) + ": " + where
		}
		if p.name != "" {
			where = p.name + ": " + where
		}
	}
	b.faults = append(b.faults, fmt.Errorf("%s: %w", where, fmt.Errorf(format, a...)))
}

// line is where a path stands; 0: nowhere.
func (p page) line(path string) int {
	if p.name == "" {
		return 0
	}
	return p.lines.Of(path)
}

// outlooking reports whether a path may stand in a file of its own.
func outlooking(path string) bool {
	return strings.HasPrefix(path, "$.scenarios") || strings.HasPrefix(path, "$.monte_carlo")
}

// flagOf is the flag for what stands at a path.
func flagOf(path string) string {
	for _, x := range [][2]string{{"$.asked_usd_per_gpu_hour", "price"}, {"$.colocation.asked_usd_per_kw_month", "colo-price"}, {"$.monte_carlo.seed", "seed"}, {"$.monte_carlo.paths", "paths"}} {
		if path == x[0] {
			return x[1]
		}
	}
	return Flag(path[strings.LastIndex(path, ".")+1:])
}

// Flag is the name of the flag that gives the input of a key.
func Flag(key string) string { return strings.ReplaceAll(key, "_", "-") }

// FromFlag is the source of what stands on the command line.
const FromFlag = "command line"

// say puts what stands on the command line over what the file says.
func (b *builder) say() {
	b.said = map[string]bool{}
	over := func(path string, into *string, text string) {
		if text != "" && into != nil {
			*into, b.said[path] = text, true
		}
	}
	said := b.request.Said
	over("$.asked_usd_per_gpu_hour", &b.in.Asked, said.Asked)
	over("$.facility_mw", &b.in.Size, said.Size)
	over("$.term_years", &b.in.Term, said.Term)
	if c := b.in.Colocation; c != nil {
		over("$.colocation.asked_usd_per_kw_month", &c.Asked, said.AskedColo)
	} else if said.AskedColo != "" {
		b.faults = append(b.faults, errors.New("--colo-price: nothing is offered by the kW: add a section 'colocation' to the file"))
	}
	if w := b.in.Outlook.Walk; w != nil {
		over("$.monte_carlo.seed", &w.Seed, said.Seed)
		over("$.monte_carlo.paths", &w.Paths, said.Paths)
	} else if said.Seed != "" || said.Paths != "" {
		b.faults = append(b.faults, errors.New("--seed, --paths: there is no walk: add a section 'monte_carlo' with volatilities to the file or to that of --scenarios"))
	}
	inputs, sources := map[string]string{}, map[string]string{}
	maps.Copy(inputs, b.in.Inputs)
	maps.Copy(sources, b.in.Sources)
	for key, text := range said.Inputs {
		inputs[key], sources[key], b.said["$.inputs."+key] = text, FromFlag, true
	}
	b.in.Inputs, b.in.Sources = inputs, sources
}

func (b *builder) file() File {
	b.say()
	f := File{Name: b.word("$.quote", b.in.Quote), Sources: b.in.Sources}
	if f.Name == "" {
		f.Name = "quote"
	}
	b.terms(&f)
	f.Size = unit.Power(b.optional("$.facility_mw", b.in.Size, quote.Field{Decimals: 6, Least: 1, Most: 1e10, Remedy: "it is in megawatts at the meter, such as 12.5"}))
	f.Term = quote.Months(b.optional("$.term_years", b.in.Term, quote.Field{Unit: "years", Least: 1, Most: 720, Remedy: "write one month to 60 years"}))
	f.Asked = unit.Amount(b.optional("$.asked_usd_per_gpu_hour", b.in.Asked, rental()))
	f.Idle = unit.Power(b.optional("$.idle_kw_per_gpu", b.in.Idle, quote.Field{Unit: "kW", Decimals: 3, Most: 20_000, Remedy: "it is in kilowatts of IT, such as 0.2"}))
	if f.Idle > 0 && f.Idle >= f.Terms.GPU && f.Terms.GPU > 0 {
		b.fault("$.idle_kw_per_gpu", "a GPU that idles draws less than gpu_kw")
	}
	b.changes(&f)
	b.colocation(&f)
	b.around(&f)
	b.markets(&f)
	return f
}

// terms reads the inputs. One that is missing is a fault, never a guess.
func (b *builder) terms(f *File) {
	var known []string
	for _, x := range quote.Fields() {
		known = append(known, x.Key)
		path := "$.inputs." + x.Key
		text, ok := b.in.Inputs[x.Key]
		if !ok {
			b.fault(path, "is missing: %s%s; give it with --%s or in a file", x.Says, inUnit(x.Unit), Flag(x.Key))
			continue
		}
		v, err := x.Parse(text)
		if err != nil {
			b.fault(path, "%w", err)
		}
		f.Terms = x.With(f.Terms, v)
	}
	for _, at := range []struct {
		path string
		all  map[string]string
	}{{"$.inputs.", b.in.Inputs}, {"$.sources.", b.in.Sources}} {
		for _, key := range slices.Sorted(maps.Keys(at.all)) {
			if !slices.Contains(known, key) {
				b.fault(at.path+clean(key), "is no input: there are %s", strings.Join(known, ", "))
			}
			b.word(at.path+clean(key), at.all[key])
		}
	}
}

func inUnit(u string) string {
	if u == "" {
		return ""
	}
	return ", in " + u
}

// clean is a key as a path holds it.
func clean(key string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, key)
}

// rental bounds a price of a GPU-hour.
func rental() quote.Field {
	return quote.Field{Unit: "USD", Decimals: 6, Least: 1000, Most: 10_000 * int64(unit.Unit), Remedy: "it is in dollars for a GPU-hour, such as 2.91"}
}

// optional reads a number that may be left out, and is then 0.
func (b *builder) optional(path, text string, f quote.Field) int64 {
	if text == "" {
		return 0
	}
	return b.number(path, text, f)
}

// number reads a number that has to be there.
func (b *builder) number(path, text string, f quote.Field) int64 {
	if text == "" {
		b.fault(path, "is missing: %s", f.Remedy)
		return 0
	}
	v, err := f.Parse(text)
	if err != nil {
		b.fault(path, "%w", err)
	}
	return v
}

// cellMost bounds a text that is kept, bytes.
const cellMost = 256

// word is a text that comes out of every paper as it went in.
func (b *builder) word(path, text string) string {
	if !csvfile.Plain(text, cellMost) {
		b.fault(path, "%.40q: at most %d bytes without control characters", text, cellMost)
	}
	return text
}

// changes reads the sensitivities; where there are none, the usual ones are meant.
func (b *builder) changes(f *File) {
	if len(b.in.Changes) == 0 {
		f.Changes = quote.Usual()
		return
	}
	for i, x := range b.in.Changes {
		at := fmt.Sprintf("$.sensitivities[%d]", i)
		c := quote.Change{Name: b.word(at+".name", x.Name)}
		if x.Name == "" || len(x.Set) == 0 {
			b.fault(at, "a sensitivity has a name, and sets at least one input")
		}
		for _, key := range slices.Sorted(maps.Keys(x.Set)) {
			field, ok := quote.FieldOf(key)
			if !ok {
				b.fault(at+".set", "%.40q is no input", key)
				continue
			}
			c.Set = append(c.Set, quote.Setting{Key: key, Value: b.number(at+".set."+key, x.Set[key], field)})
		}
		f.Changes = append(f.Changes, c)
	}
}
