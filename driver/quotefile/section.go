package quotefile

import (
	"fmt"

	"sluice/capital/quote"
	"sluice/unit"
)

// share bounds a share from a least to 100 %.
func share(least int64, remedy string) quote.Field {
	return quote.Field{Unit: "%", Decimals: 4, Least: least, Most: int64(unit.One), Remedy: remedy}
}

// large bounds an amount of a deal.
func large(least int64, remedy string) quote.Field {
	return quote.Field{Unit: "USD", Decimals: 6, Least: least, Most: 1_000_000_000_000 * int64(unit.Unit), Remedy: remedy}
}

func (b *builder) colocation(f *File) {
	x := b.in.Colocation
	if x == nil {
		return
	}
	const at = "$.colocation"
	c := Colocation{Source: b.word(at+".source", x.Source)}
	operations, _ := quote.FieldOf("operations_usd_per_mw_year")
	c.Operations = unit.Amount(b.number(at+".operations_usd_per_mw_year", x.Operations, operations))
	c.Occupancy = unit.Ratio(b.number(at+".occupancy", x.Occupancy, share(10_000, "kW that are billed, of those of the hall: write 1 % to 100 %")))
	switch x.Energy {
	case "included":
		c.Energy = true
	case "passed through":
	default:
		b.fault(at+".energy", "%.40q: write 'passed through' where the tenant pays what the meter says, or 'included'", x.Energy)
	}
	asked := quote.Field{Unit: "USD", Decimals: 6, Least: int64(unit.Unit), Most: 100_000 * int64(unit.Unit), Remedy: "it is in dollars for a kW of IT and month, such as 150"}
	c.Asked = unit.Amount(b.optional(at+".asked_usd_per_kw_month", x.Asked, asked))
	f.Colocation = &c
}

// markets reads what others ask, what a clause is worth, and what a headline says.
func (b *builder) markets(f *File) {
	for i, x := range b.in.Market {
		at := fmt.Sprintf("$.market[%d]", i)
		power, _ := quote.FieldOf("gpu_kw")
		m := Market{Name: b.word(at+".name", x.Name), Source: b.word(at+".source", x.Source), Price: unit.Amount(b.number(at+".usd_per_gpu_hour", x.Price, rental())), Power: f.Terms.GPU}
		if x.Power != "" {
			m.Power = unit.Power(b.number(at+".gpu_kw", x.Power, power))
		}
		if x.Name == "" || x.Source == "" {
			b.fault(at, "a price of the market has a name and a source: where it was read, and when")
		}
		f.Market = append(f.Market, m)
	}
	if x := b.in.Flexibility; x != nil {
		const at = "$.flexibility"
		energy, _ := quote.FieldOf("energy_usd_per_mwh")
		energy.Least, energy.Remedy = 0, "what a MWh is worth in the hours of the calls, in dollars"
		peak := quote.Field{Unit: "USD", Decimals: 6, Most: 10_000_000 * int64(unit.Unit), Remedy: "charges for coincident peaks avoided, dollars a megawatt and year"}
		f.Flexibility = &Flexibility{Source: b.word(at+".source", x.Source), Flexibility: quote.Flexibility{
			Hours: b.number(at+".hours_per_year", x.Hours, quote.Field{Most: 8760, Remedy: "write 0 to 8760 whole hours a year"}),
			Value: unit.Price(b.number(at+".value_usd_per_mwh", x.Value, energy)), Peak: unit.Amount(b.optional(at+".peak_usd_per_mw_year", x.Peak, peak)),
		}}
	}
	if b.in.Headline != nil {
		b.headline(f, *b.in.Headline)
	}
}

func (b *builder) headline(f *File, x rawHeadline) {
	const at = "$.headline"
	h := Headline{Name: b.word(at+".name", x.Name), Source: b.word(at+".source", x.Source), Deal: quote.Deal{
		Revenue:    unit.Amount(b.number(at+".revenue_usd", x.Revenue, large(int64(unit.Unit), "of the whole term, in dollars"))),
		Years:      int(b.number(at+".years", x.Years, quote.Field{Least: 1, Most: 60, Remedy: "write 1 to 60 whole years"})),
		Equipment:  unit.Amount(b.number(at+".equipment_usd", x.Equipment, large(0, "GPUs and what belongs to them, in dollars"))),
		Hall:       unit.Amount(b.number(at+".datacentre_usd", x.Hall, large(0, "the data centre, in dollars"))),
		Prepayment: unit.Amount(b.optional(at+".prepayment_usd", x.Prepayment, large(0, "of the revenue, paid at the begin, in dollars"))),
		Credited:   int(b.optional(at+".prepayment_set_off_from_year", x.Credited, quote.Field{Least: 1, Most: 60, Remedy: "the first year in which less is paid for it"})),
		Margin:     unit.Ratio(b.number(at+".margin", x.Margin, share(1, "earnings before interest, tax and depreciation, of the revenue"))),
	}}
	h.Left = []quote.Rest{{Name: "nothing is left"}}
	for i, r := range x.Left {
		at := fmt.Sprintf("%s.left_at_end[%d]", at, i)
		h.Left = append(h.Left, quote.Rest{
			Name: b.word(at+".name", r.Name), Hall: unit.Ratio(b.optional(at+".datacentre", r.Hall, share(0, "worth at the end, of its price"))),
			Equipment: unit.Ratio(b.optional(at+".equipment", r.Equipment, share(0, "worth at the end, of its price"))),
		})
	}
	if err := h.Validate(); err != nil && len(b.faults) == 0 {
		b.fault(at, "%w", err)
	}
	f.Headline = &h
}

// around reads where the markets may go.
func (b *builder) around(f *File) {
	if len(b.in.Outlook.Scenarios) == 0 && b.in.Outlook.Walk == nil {
		return
	}
	if b.in.Term == "" {
		b.fault("$.term_years", "is missing: scenarios are judged over the term of the contract; give --term-years or add it to the file")
		return
	}
	before := len(b.faults)
	for i, x := range b.in.Outlook.Scenarios {
		f.Scenarios = append(f.Scenarios, b.scenario(fmt.Sprintf("$.scenarios[%d]", i), x))
		f.Outlook = append(f.Outlook, x.Source)
	}
	if len(b.faults) == before && f.Term > 0 && len(f.Scenarios) > 0 {
		b.all("$.scenarios", quote.CheckScenarios(f.Scenarios, f.Term))
	}
	if b.in.Outlook.Walk != nil {
		b.walk(f, *b.in.Outlook.Walk)
	}
}

// all notes every error of several.
func (b *builder) all(path string, err error) {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			b.fault(path, "%w", e)
		}
	} else if err != nil {
		b.fault(path, "%w", err)
	}
}

func (b *builder) scenario(at string, x rawScenario) quote.Scenario {
	s := quote.Scenario{Name: b.word(at+".name", x.Name), Probability: unit.Ratio(b.number(at+".probability", x.Probability, share(0, "how likely it is: 0 % to 100 %")))}
	if x.Name == "" {
		b.fault(at+".name", "is missing")
	}
	b.word(at+".source", x.Source)
	times := 12
	switch x.By {
	case "", "year":
	case "month":
		times = 1
	default:
		b.fault(at+".by", "%.40q: write year or month", x.By)
	}
	energy, _ := quote.FieldOf("energy_usd_per_mwh")
	hashprice, _ := quote.FieldOf("hashprice_usd_per_ph_day")
	for _, v := range b.curve(at+".energy_usd_per_mwh", x.Energy, energy, times) {
		s.Energy = append(s.Energy, unit.Price(v))
	}
	for _, v := range b.curve(at+".hashprice_usd_per_ph_day", x.Hashprice, hashprice, times) {
		s.Hashprice = append(s.Hashprice, unit.Hashprice(v))
	}
	return s
}

// monthsMost bounds a curve.
const monthsMost = 1200

// curve reads values and repeats each so many times.
func (b *builder) curve(path string, texts []string, f quote.Field, times int) (out []int64) {
	if len(texts) == 0 {
		b.fault(path, "is missing: a list, one number for each year of the term, or for each month with 'by: month'")
	}
	if len(texts)*times > monthsMost {
		b.fault(path, "has more than %d months", monthsMost)
		return nil
	}
	for i, text := range texts {
		v := b.number(fmt.Sprintf("%s[%d]", path, i), text, f)
		for range times {
			out = append(out, v)
		}
	}
	return out
}

// What a walk does where the file does not say.
const (
	pathsUsual = 10_000
	seedUsual  = 1
)

func (b *builder) walk(f *File, x rawWalk) {
	const at = "$.monte_carlo"
	before := len(b.faults)
	w := Walk{Source: b.word(at+".source", x.Source), Walk: quote.Walk{
		HashVolatility:  unit.Ratio(b.number(at+".hashprice_volatility", x.HashVolatility, quote.Field{Unit: "%", Decimals: 4, Most: 3 * int64(unit.One), Remedy: "of a year: 0 % to 300 %"})),
		PowerVolatility: unit.Price(b.number(at+".energy_volatility_usd_per_mwh", x.PowerVolatility, quote.Field{Decimals: 6, Most: 1000 * int64(unit.PerMWh), Remedy: "of a year, in dollars for a MWh"})),
		HalfLife:        quote.Months(b.number(at+".energy_half_life_months", x.HalfLife, quote.Field{Least: 1, Most: 720, Remedy: "whole months after which half of a deviation is gone"})),
		Correlation:     unit.Ratio(b.optional(at+".correlation", x.Correlation, quote.Field{Unit: "%", Decimals: 4, Least: -int64(unit.One), Most: int64(unit.One), Remedy: "write -100 % to 100 %"})),
		Paths:           pathsUsual, Seed: seedUsual,
	}}
	if x.Paths != "" {
		w.Paths = int(b.number(at+".paths", x.Paths, quote.Field{Least: 100, Most: 1_000_000, Remedy: "write 100 to 1000000"}))
	}
	if x.Seed != "" {
		w.Seed = uint64(b.number(at+".seed", x.Seed, quote.Field{Most: 1 << 62, Remedy: "write a whole number that is not negative"})) //nolint:gosec // a number within bounds is not negative; another is a fault
	}
	w.Around = quote.Flat(f.Terms, f.Term)
	if x.Around != "" && x.Around != w.Around.Name {
		found := false
		for _, s := range f.Scenarios {
			if s.Name == x.Around {
				w.Around, found = s, true
			}
		}
		if !found {
			b.fault(at+".around", "%.40q: name one of the scenarios, or %s", x.Around, w.Around.Name)
		}
	}
	if len(b.faults) == before && f.Term > 0 {
		b.all(at, w.Validate(f.Term))
	}
	f.Walk = &w
}
