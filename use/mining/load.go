package mining

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sluice/unit"
)

//go:embed catalogue/models.csv
var modelsCSV string

//go:embed catalogue/curves.csv
var curvesCSV string

//go:embed catalogue/derating.csv
var deratingCSV string

// Standard is the embedded catalogue. It reads the tables anew at every call:
// keep the result.
func Standard() (Catalogue, error) {
	return ReadCatalogue(modelsCSV, curvesCSV, deratingCSV)
}

// ReadCatalogue reads a catalogue from its three tables in CSV and reports
// every fault of all of them at once, each with file and line.
func ReadCatalogue(models, curves, derating string) (Catalogue, error) {
	r := reader{catalogue: Catalogue{index: map[string]int{}, derating: map[string]Derate{}}, curve: map[string]string{}, lines: map[string]int{}}
	r.table("models.csv", models, []string{"manufacturer", "model", "cooling", "release_year", "curve", "hashrate_ths", "power_w", "source"}, r.model)
	r.table("curves.csv", curves, []string{"model", "chip", "cooling", "firmware", "label", "hashrate_ths", "power_w", "confidence", "source"}, r.point)
	r.join()
	r.table("derating.csv", derating, []string{"cooling", "model", "above_c", "drop_percent", "stop_c", "effect", "source"}, r.heat)
	if len(r.faults) == 0 {
		r.whole(r.catalogue.models)
	}
	if err := errors.Join(r.faults...); err != nil {
		return Catalogue{}, fmt.Errorf("machine catalogue: %w", err)
	}
	return r.catalogue, nil
}

// reader gathers a catalogue and its faults, table by table.
type reader struct {
	catalogue Catalogue
	curve     map[string]string // key of a curve -> name of the model it was measured on
	lines     map[string]int    // where a curve is named or a preset was stated
	cooling   []string          // per preset
	faults    []error
	file      string
	line      int
}

func (r *reader) say(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: "+format, append([]any{r.file, r.line}, args...)...))
}

// table reads one file and hands over its rows by column name.
func (r *reader) table(file, text string, columns []string, take func(map[string]string)) {
	in := csv.NewReader(strings.NewReader(text))
	in.Comment = '#'
	r.file, r.line = file, 1
	head, err := in.Read()
	if err != nil || !slices.Equal(head, columns) {
		r.say("the columns are %v instead of %v", head, columns)
		return
	}
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if len(fields) > 0 {
			r.line, _ = in.FieldPos(0)
		}
		if err != nil {
			r.faults = append(r.faults, fmt.Errorf("%s: %w", file, err))
			if errors.Is(err, csv.ErrFieldCount) {
				continue
			}
			return
		}
		row := make(map[string]string, len(columns))
		for i, c := range columns {
			row[c] = strings.TrimSpace(fields[i])
		}
		if row["source"] == "" {
			r.say("states no source")
		}
		take(row)
	}
}

// model takes one nameplate.
func (r *reader) model(row map[string]string) {
	m := Model{
		Name: row["model"], Maker: row["manufacturer"], Cooling: row["cooling"], Source: row["source"],
		Year: int(r.count(row, "release_year", true)), Power: unit.Power(r.count(row, "power_w", false)), Hashrate: r.hashrate(row),
	}
	if m.Power != 0 && m.Hashrate != 0 {
		if err := m.Validate(); err != nil {
			r.say("%w", err)
		}
	}
	if _, taken := r.catalogue.index[key(m.Name)]; taken {
		r.say("model %q is there twice: add the rating to the name", m.Name)
		return
	}
	r.catalogue.put(m)
	if c := row["curve"]; c != "" {
		if other, taken := r.curve[key(c)]; taken {
			r.say("curve %q belongs to %q already", c, other)
		}
		r.curve[key(c)], r.lines[key(c)] = m.Name, r.line
	}
}

// point takes one operating point of curves.csv.
func (r *reader) point(row map[string]string) {
	p := Point{
		Label: row["label"], Power: unit.Power(r.count(row, "power_w", false)), Hashrate: r.hashrate(row),
		Confidence: Confidence(row["confidence"]), Source: row["source"],
	}
	if p.Power != 0 && p.Hashrate != 0 {
		for _, why := range (Curve{Points: []Point{p}}).faults() {
			r.say("%s", why)
		}
	}
	if row["model"] == "" {
		r.say("names no model")
	}
	at := slices.IndexFunc(r.catalogue.presets, func(o preset) bool { return o.model == row["model"] && o.firmware == row["firmware"] })
	if at < 0 {
		at = len(r.catalogue.presets)
		r.catalogue.presets = append(r.catalogue.presets, preset{model: row["model"], firmware: row["firmware"]})
		r.cooling = append(r.cooling, row["cooling"])
		r.lines["preset "+strconv.Itoa(at)] = r.line
	}
	if r.cooling[at] != row["cooling"] {
		r.say("%q is cooled by %q here and by %q above", row["model"], row["cooling"], r.cooling[at])
	}
	r.catalogue.presets[at].points = append(r.catalogue.presets[at].points, p)
}

// join gives every curve to the model it was measured on; a curve that no
// nameplate claims is a model of its own, without a rating.
func (r *reader) join() {
	met := map[string]bool{}
	for i, p := range r.catalogue.presets {
		k := key(p.model)
		met[k] = true
		name, claimed := r.curve[k]
		if !claimed {
			name = strings.TrimPrefix(p.model, "Bitmain ")
		}
		at, there := r.catalogue.index[key(name)]
		if !there {
			r.catalogue.put(Model{Name: name, Cooling: r.cooling[i], Source: p.points[0].Source})
			at = len(r.catalogue.models) - 1
		} else if !claimed && r.catalogue.models[at].Rated() {
			r.line = r.lines["preset "+strconv.Itoa(i)]
			r.say("model %q is in models.csv, which does not claim this curve", name)
		}
		m := &r.catalogue.models[at]
		m.Curves = append(m.Curves, Curve{Firmware: p.firmware, Points: Front(p.points)})
		if _, taken := r.catalogue.index[k]; !taken {
			r.catalogue.index[k] = at // "Antminer S21" finds the rating its curve was taken on
		}
		if m.Cooling != r.cooling[i] {
			r.line = r.lines["preset "+strconv.Itoa(i)]
			r.say("%q is cooled by %q, its nameplate says %q", p.model, r.cooling[i], m.Cooling)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(r.curve)) {
		if !met[k] {
			r.faults = append(r.faults, fmt.Errorf("models.csv:%d: model %q claims a curve that curves.csv does not have", r.lines[k], r.curve[k]))
		}
	}
}

// whole holds the joined models against the rules for any model; rows that are
// sound one by one can still name one firmware twice.
func (r *reader) whole(models []Model) {
	for _, m := range models {
		if err := m.Validate(); err != nil {
			r.faults = append(r.faults, fmt.Errorf("curves.csv: %w", err))
		}
	}
}

// heat takes one row of derating.csv; a row without numbers is a fact that the
// model of this package does not use.
func (r *reader) heat(row map[string]string) {
	if !slices.Contains([]string{Air, Hydro, Immersion}, row["cooling"]) {
		r.say("cooling %q is not known: use %s, %s or %s", row["cooling"], Air, Hydro, Immersion)
	}
	d := Derate{From: r.micro(row, "above_c") / 1000, Drop: unit.Ratio(r.micro(row, "drop_percent") / 100), Stop: r.micro(row, "stop_c") / 1000}
	for _, why := range d.faults() {
		r.say("%s", why)
	}
	k := row["cooling"]
	if row["model"] != "" {
		k = key(row["model"])
		if _, there := r.catalogue.index[k]; !there {
			r.say("model %q is not in models.csv", row["model"])
		}
	}
	if d == (Derate{}) {
		return
	}
	if d.From == 0 && d.Drop == 0 {
		d.From = d.Stop
	}
	if _, taken := r.catalogue.derating[k]; taken {
		r.say("%q has a row already", k)
	}
	r.catalogue.derating[k] = d
}

// count reads a positive whole number; blank is 0 where that is allowed.
func (r *reader) count(row map[string]string, column string, blank bool) int64 {
	if row[column] == "" && blank {
		return 0
	}
	v, err := strconv.ParseInt(row[column], 10, 64)
	if err != nil || v <= 0 {
		r.say("%s %q must be a positive whole number", column, row[column])
		return 0
	}
	return v
}

// hashrate reads TH/s with at most three decimals into GH/s.
func (r *reader) hashrate(row map[string]string) unit.Hashrate {
	v, err := unit.ParseMicro(row["hashrate_ths"])
	if err != nil || v <= 0 || v%1000 != 0 {
		r.say("hashrate_ths %q must be a positive number with at most three decimals", row["hashrate_ths"])
		return 0
	}
	return unit.Hashrate(v / 1000)
}

// micro reads a number into millionths; blank is 0.
func (r *reader) micro(row map[string]string, column string) int64 {
	if row[column] == "" {
		return 0
	}
	v, err := unit.ParseMicro(row[column])
	if err != nil {
		r.say("%s: %w", column, err)
	}
	return v
}
