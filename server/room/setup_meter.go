package room

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/driver/modbus"
	"sluice/people"
	"sluice/unit"
)

// MeterTemplate is a family of meters.
type MeterTemplate struct {
	Name     string   `json:"name"`
	Maker    string   `json:"maker"`
	Models   []string `json:"models"`
	Standing string   `json:"standing" doc:"V: read in a document of the maker; S: stated alike by public sources; U: check before use."`
	Source   string   `json:"source"`
	Port     int      `json:"port"`
	Unit     int      `json:"unit"`
	Ratios   bool     `json:"ratios" doc:"Its values are those behind the transformers: their ratios are needed."`
	About    string   `json:"transformer" doc:"How the meter takes its transformer ratios."`
	Reads    []string `json:"reads"`
	Caveats  []string `json:"caveats"`
}

// MeterTemplates are all that are shipped.
type MeterTemplates struct {
	Templates []MeterTemplate `json:"templates"`
}

// MeterTry is a meter that is read once.
type MeterTry struct {
	Reach

	Template string `json:"template" maxLength:"100" doc:"Name of a shipped template."`
	Text     string `json:"template_text,omitempty" maxLength:"65536" doc:"A template of one's own, in YAML, instead."`
	Address  string `json:"address" maxLength:"45"`
	Port     int    `json:"port,omitempty" minimum:"0" maximum:"65535" doc:"0: the template's."`
	Unit     int    `json:"unit,omitempty" minimum:"0" maximum:"255" doc:"0: the template's."`
	Current  string `json:"current_transformer,omitempty" maxLength:"30" doc:"As 2000/5, where the template needs it."`
	Voltage  string `json:"voltage_transformer,omitempty" maxLength:"30"`
	Rating   *int64 `json:"rating_w,omitempty" minimum:"0" doc:"Of the connection: power beyond twice of it is not believed."`
}

// MeterLine is one register.
type MeterLine struct {
	Quantity string `json:"quantity"`
	Kind     string `json:"kind"`
	Address  int    `json:"address" doc:"As sent on the wire, from zero."`
	Type     string `json:"type"`
	Words    []int  `json:"words" doc:"Registers of 16 bits as they came."`
	Scaled   string `json:"scaled,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Fault    string `json:"fault,omitempty"`
}

// MeterCheck is one look at whether what a meter says can be.
type MeterCheck struct {
	Check string `json:"check" enum:"power_known,power_positive,energy_known,voltage_plausible,frequency_plausible,template_proven" doc:"What was looked at."`
	Good  bool   `json:"good"`
	Says  string `json:"says,omitempty" doc:"The value that it is about, with its unit."`
}

// MeterShown is what a meter showed.
type MeterShown struct {
	At      time.Time    `json:"at"`
	Millis  int64        `json:"took_ms"`
	Power   *int64       `json:"power_w,omitempty" doc:"Import is positive."`
	Import  *Joules      `json:"import_j,omitempty"`
	Export  *Joules      `json:"export_j,omitempty"`
	Voltage []*int64     `json:"voltage_mv" doc:"Of the three phases against neutral."`
	Hertz   *int64       `json:"frequency_mhz,omitempty"`
	Serial  string       `json:"serial,omitempty"`
	Lines   []MeterLine  `json:"lines"`
	Checks  []MeterCheck `json:"checks"`
}

func (r *Room) meterTemplates(context.Context, Visit, *struct{}) (MeterTemplates, error) {
	out := MeterTemplates{Templates: []MeterTemplate{}}
	for _, name := range modbus.Names() {
		t, err := modbus.Shipped(name)
		if err != nil {
			return MeterTemplates{}, err
		}
		x := MeterTemplate{
			Name: t.Name, Maker: t.Maker, Models: filled(t.Models), Standing: string(t.Standing), Source: t.Source, Port: t.Port, Unit: int(t.Unit),
			Ratios: t.Secondary, About: t.Transformer, Reads: []string{}, Caveats: filled(t.Caveats),
		}
		for _, g := range t.Registers {
			x.Reads = append(x.Reads, string(g.Quantity))
		}
		out.Templates = append(out.Templates, x)
	}
	return out, nil
}

// tryMeter reads a meter. The same test is asked for each second and stands in the audit
// log once in a while.
func (r *Room) tryMeter(ctx context.Context, v Visit, in *struct{ Body MeterTry }) (MeterShown, error) {
	q := in.Body
	m, err := q.meter()
	if err != nil {
		return MeterShown{}, err
	}
	if err := r.noteTest(ctx, v, q); err != nil {
		return MeterShown{}, err
	}
	began := time.Now()
	reading, lines, err := m.Look(ctx)
	if err != nil {
		p := problem(504, "meter_silent", err.Error(), "look at power, cable, address, port and unit number; nothing was written to it")
		return MeterShown{}, p
	}
	out := shown(reading, lines)
	out.At, out.Millis = v.at.UTC(), time.Since(began).Milliseconds()
	out.Checks = checks(m.Template(), reading)
	return out, nil
}

// noteTest writes a test down unless the same one stands in the log already.
func (r *Room) noteTest(ctx context.Context, v Visit, q MeterTry) error {
	key := strings.Join([]string{v.who.Actor().Person, q.Address, strconv.Itoa(q.Port), strconv.Itoa(q.Unit), q.Template}, " ")
	d := r.bench
	d.mu.Lock()
	last, known := d.tested[key]
	d.mu.Unlock()
	if known && v.at.Sub(last) < auditPause && v.at.Sub(last) >= 0 {
		return nil
	}
	where := fmt.Sprintf("meter %s port %d unit %d by %s, in %s", q.Address, q.Port, q.Unit, q.Template, strings.Join(q.Networks, ", "))
	if err := r.setUp(ctx, v, people.Entry{Subject: q.Address, Reason: q.Reason, Effects: "reads a meter", After: where}); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.tested) > 1000 {
		clear(d.tested)
	}
	d.tested[key] = v.at
	return nil
}

// meter is the meter of a test.
func (q MeterTry) meter() (*modbus.Meter, error) {
	n, _, err := q.open()
	if err != nil {
		return nil, err
	}
	var faults []string
	say := func(at string, err error) {
		if err != nil {
			faults = append(faults, at+" "+err.Error())
		}
	}
	t, err := q.template()
	say("body.template", err)
	current, err := ratioOf(q.Current)
	say("body.current_transformer", err)
	voltage, err := ratioOf(q.Voltage)
	say("body.voltage_transformer", err)
	if _, err := netip.ParseAddr(q.Address); err != nil {
		faults = append(faults, "body.address write an IP address, never a name")
	}
	if faults == nil {
		o := modbus.Options{
			Host: q.Address, Port: q.Port, Unit: uint8(q.Unit), Current: current, Voltage: voltage, Timeout: meterPatience, //nolint:gosec // at most 255
		}
		if q.Rating != nil {
			o.Rating = unit.Power(*q.Rating)
		}
		if o.Port == 0 {
			o.Port = t.Port
		}
		o.Port += q.Offset
		m, err := modbus.New(n, t, o)
		if err == nil {
			return m, nil
		}
		faults = append(faults, "body.address "+err.Error())
	}
	p := wrong("this meter cannot be read", "correct what is named; nothing was contacted")
	p.Faults = faults
	return nil, p
}

func (q MeterTry) template() (modbus.Template, error) {
	if q.Text != "" {
		return modbus.Parse("template.yaml", []byte(q.Text))
	}
	return modbus.Shipped(q.Template)
}

// ratioOf reads "2000/5"; nothing is no ratio.
func ratioOf(text string) (modbus.Transformer, error) {
	if text == "" {
		return modbus.Transformer{}, nil
	}
	a, b, _ := strings.Cut(text, "/")
	p, one := strconv.ParseInt(strings.TrimSpace(a), 10, 64)
	s, two := strconv.ParseInt(strings.TrimSpace(b), 10, 64)
	if one != nil || two != nil || p <= 0 || s <= 0 {
		return modbus.Transformer{}, fmt.Errorf("%.30q: write one such as 2000/5", text)
	}
	return modbus.Transformer{Primary: p, Secondary: s}, nil
}

// shown is a reading for people and programs.
func shown(x modbus.Reading, lines []modbus.Seen) MeterShown {
	out := MeterShown{Voltage: []*int64{}, Serial: x.Serial, Lines: []MeterLine{}}
	if x.Power.Known {
		out.Power = new(int64(x.Power.Value))
	}
	if x.Import.Known {
		out.Import = new(Joules(x.Import.Energy))
	}
	if x.Export.Known {
		out.Export = new(Joules(x.Export.Energy))
	}
	for _, v := range x.Voltage {
		var mv *int64
		if v.Known {
			mv = new(v.Value)
		}
		out.Voltage = append(out.Voltage, mv)
	}
	if x.Frequency.Known {
		out.Hertz = new(x.Frequency.Value)
	}
	for _, l := range lines {
		g := l.Register
		m := MeterLine{Quantity: string(g.Quantity), Kind: string(g.Kind), Address: int(g.Address), Type: string(g.Type), Words: []int{}, Scaled: l.Scaled, Unit: g.Unit}
		for _, w := range l.Words {
			m.Words = append(m.Words, int(w))
		}
		if l.Err != nil {
			m.Fault = l.Err.Error()
		}
		out.Lines = append(out.Lines, m)
	}
	slices.SortFunc(out.Lines, func(a, b MeterLine) int { return strings.Compare(a.Quantity, b.Quantity) })
	return out
}

// checks looks whether what a meter shows can be.
func checks(t modbus.Template, x modbus.Reading) []MeterCheck {
	out := []MeterCheck{{Check: "power_known", Good: x.Power.Known}}
	if x.Power.Known {
		out = append(out, MeterCheck{Check: "power_positive", Good: x.Power.Value >= 0, Says: x.Power.Value.String()})
	}
	out = append(out, MeterCheck{Check: "energy_known", Good: x.Import.Known})
	for i, v := range x.Voltage {
		if v.Known {
			out = append(out, MeterCheck{Check: "voltage_plausible", Good: v.Value > 50_000 && v.Value < 50_000_000, Says: fmt.Sprintf("L%d %.1f V", i+1, float64(v.Value)/1000)})
		}
	}
	if x.Frequency.Known {
		hz := float64(x.Frequency.Value) / 1000
		out = append(out, MeterCheck{Check: "frequency_plausible", Good: hz > 49 && hz < 51 || hz > 59 && hz < 61, Says: fmt.Sprintf("%.2f Hz", hz)})
	}
	return append(out, MeterCheck{Check: "template_proven", Good: t.Standing != modbus.Unverified, Says: string(t.Standing)})
}
