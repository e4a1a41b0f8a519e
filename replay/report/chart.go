package report

import (
	"fmt"
	"math"
	"slices"
	"time"

	"sluice/unit"
)

// charts is what the script on the page draws. All sums are made here; the
// script only divides by a scale at the moment of drawing.
type charts struct {
	Locale   string            `json:"locale"`
	RTL      bool              `json:"rtl"`
	Currency string            `json:"currency"`
	Start    int64             `json:"start_ms"`
	Step     int64             `json:"step_ms"`
	N        int               `json:"n"`
	Price    string            `json:"price_cents"`
	Power    string            `json:"power_kw"`
	Site     string            `json:"site_cents"`
	Even     []evenLine        `json:"breakeven"`
	Clocks   [][2]int64        `json:"clocks_ms"` // instant, offset of local time from then on
	View     axis              `json:"view_cents"`
	Limit    int64             `json:"limit_kw"`
	Duration durationCurve     `json:"duration"`
	Bridge   []bridgeBar       `json:"bridge"`
	Span     axis              `json:"bridge_span_micro"`
	Heat     heatMap           `json:"heat"`
	Months   []string          `json:"months"`
	Gains    []unit.Amount     `json:"gains_micro"`
	Words    map[string]string `json:"words"`
}

// axis is a range that begins and ends on a multiple of its step.
type axis struct {
	Low  int64 `json:"low"`
	High int64 `json:"high"`
	Step int64 `json:"step"`
}

// axisOver returns the axis of about so many steps that holds low and high.
func axisOver(low, high int64, steps int64) axis {
	step := roundStep(max(1, (high-low)/steps))
	return axis{Low: floorTo(low, step), High: -floorTo(-high, step), Step: step}
}

// roundStep returns the least of 1, 2, 5, 10, 20 ... that is not below v.
func roundStep(v int64) int64 {
	for ten := int64(1); ; ten *= 10 {
		for _, digit := range []int64{1, 2, 5} {
			if digit*ten >= v {
				return digit * ten
			}
		}
	}
}

type evenLine struct {
	Name  string `json:"name"`
	Start int64  `json:"start_ms"`
	Daily string `json:"daily_cents"`
	Mean  int64  `json:"mean_cents"`
}

type durationCurve struct {
	Share []int64 `json:"share_ppm"`
	Price []int64 `json:"price_cents"`
}

type bridgeBar struct {
	Name  string      `json:"name"`
	Kind  string      `json:"kind"` // total, gain, loss, left
	Low   unit.Amount `json:"low_micro"`
	High  unit.Amount `json:"high_micro"`
	Label unit.Amount `json:"label_micro"`
}

type heatMap struct {
	Months []string   `json:"months"`
	Cells  [][3]int64 `json:"cells_kw"` // hour, month, mean kW
	Low    int64      `json:"low_kw"`
	High   int64      `json:"high_kw"`
}

// wordsOfCharts are the texts that the script itself writes.
func wordsOfCharts() []string {
	return []string{
		"series.price", "series.site", "series.power", "series.breakeven", "duration.axis", "heat.unit",
		"heat.hour", "month.gain", "policy.sluice",
	}
}

func (s scribe) charts() (charts, error) {
	t := s.r.Timeline
	sorted := sortedKnown(t.Price)
	c := charts{
		Locale: string(s.language), RTL: s.language == Arabic, Currency: s.currency(),
		Start: t.Start.UnixMilli(), Step: int64(t.Minutes) * 60_000, N: t.Len(),
		Price: pack(t.Price), Power: pack(t.Power), Site: pack(t.SitePrice),
		Even: s.evenLines(), Clocks: s.clocks(), Limit: int64(s.r.Site.Limit / unit.Kilowatt),
		Duration: duration(sorted), Heat: s.heat(), Words: map[string]string{},
	}
	if s.language == Arabic {
		c.Locale = "ar-u-nu-latn" // the digits that Arabic spreadsheets use
	}
	c.View = view(sorted, c.Even)
	c.Bridge = s.bridge()
	c.Span = bridgeSpan(c.Bridge)
	for i, m := range s.r.Months {
		c.Months = append(c.Months, m.Label)
		c.Gains = append(c.Gains, s.monthGain(i))
	}
	for _, id := range wordsOfCharts() {
		text, err := s.say(id)
		if err != nil {
			return charts{}, err
		}
		c.Words[id] = text
	}
	return c, nil
}

func (s scribe) monthGain(i int) unit.Amount {
	net := s.r.Months[i].Net
	return net[s.r.index(Sluice)] - net[s.r.index(Always)]
}

func sortedKnown(t Trace) []int32 {
	known := slices.DeleteFunc(slices.Clone(t), func(v int32) bool { return v == Gap })
	slices.Sort(known)
	return known
}

func (s scribe) evenLines() []evenLine {
	var lines []evenLine
	for _, g := range s.r.Site.Groups {
		if mean, ok := meanOf(g.BreakEven); ok {
			start := s.r.Period.From.UTC().Truncate(24 * time.Hour)
			lines = append(lines, evenLine{Name: g.Name, Start: start.UnixMilli(), Daily: pack(g.BreakEven), Mean: mean})
		}
	}
	return lines
}

// clocks lists the offsets of local time that hold in the period, so that the
// page needs no time zone data of its own.
func (s scribe) clocks() [][2]int64 {
	var list [][2]int64
	for at := s.r.Period.From; at.Before(s.r.Period.To); {
		local := at.In(s.zone)
		_, offset := local.Zone()
		list = append(list, [2]int64{at.UnixMilli(), int64(offset) * 1000})
		_, end := local.ZoneBounds()
		if end.IsZero() {
			break
		}
		at = end
	}
	return list
}

// view is the range of prices in which decisions fall: without it one scarcity
// hour at 5000 would press a whole year flat. The page says what is cut off.
func view(sorted []int32, even []evenLine) axis {
	const ten = 1000 // ten currency units
	if len(sorted) == 0 {
		return axisOver(0, ten, 5)
	}
	low, high := int64(quantile(sorted, 2)), int64(quantile(sorted, 995))
	dearest := int64(0)
	for _, e := range even {
		dearest = max(dearest, e.Mean)
	}
	if dearest > 0 { // the break-even lines belong into the middle of the picture
		high = max(min(high, 3*dearest), dearest*17/10)
	}
	high = min(high, int64(sorted[len(sorted)-1]))
	return axisOver(min(low, 0), max(high, ten), 6)
}

func floorTo(v, step int64) int64 {
	rest := ((v % step) + step) % step
	return v - rest
}

// quantile returns the value below which so many thousandths of all lie.
func quantile(sorted []int32, thousandths int) int32 {
	i := len(sorted) * thousandths / 1000
	return sorted[min(i, len(sorted)-1)]
}

// duration picks points of the duration curve: every value of both tails,
// where the curve is steep, and an even thousand between them.
func duration(sorted []int32) durationCurve {
	const tail, middle = 150, 1000
	var d durationCurve
	n := len(sorted)
	stride := max(1, n/middle)
	for i := range n { // i counts from the dearest
		if i < tail || i >= n-tail || i%stride == 0 {
			d.Share = append(d.Share, unit.MulDiv(int64(i), 1_000_000, int64(n)))
			d.Price = append(d.Price, int64(sorted[n-1-i]))
		}
	}
	return d
}

// above returns in how many of the known prices a price is exceeded.
func above(sorted []int32, price int64) int {
	i, _ := slices.BinarySearchFunc(sorted, price, func(v int32, p int64) int {
		if int64(v) <= p {
			return -1
		}
		return 1
	})
	return len(sorted) - i
}

// bridge leads from always-on over every source of money to Sluice, and from
// there to hindsight.
func (s scribe) bridge() []bridgeBar {
	always, _ := s.r.Policy(Always)
	own, _ := s.r.Policy(Sluice)
	bars := []bridgeBar{totalBar(s.policyName(always), always.Net)}
	at := always.Net
	for _, source := range s.moneySources() {
		if d := moneyOf(own, source) - moneyOf(always, source); d != 0 {
			bars = append(bars, stepBar(s.or("money."+source, source), at, d))
			at += d
		}
	}
	bars = append(bars, totalBar(s.policyName(own), own.Net))
	best, ok := s.r.Policy(Hindsight)
	if !ok {
		return bars
	}
	left := stepBar(s.words["bridge.left"], own.Net, best.Net-own.Net)
	left.Kind = "left"
	if best.Net < own.Net {
		left.Name = s.words["bridge.over"]
	}
	return append(bars, left, totalBar(s.policyName(best), best.Net))
}

func totalBar(name string, a unit.Amount) bridgeBar {
	return bridgeBar{Name: name, Kind: "total", Low: min(0, a), High: max(0, a), Label: a}
}

func stepBar(name string, at, d unit.Amount) bridgeBar {
	kind := "gain"
	if d < 0 {
		kind = "loss"
	}
	return bridgeBar{Name: name, Kind: kind, Low: min(at, at+d), High: max(at, at+d), Label: d}
}

// bridgeSpan returns the axis of the bridge. It begins at zero, unless every
// bar stands so high that the steps between them would be too thin to see.
func bridgeSpan(bars []bridgeBar) axis {
	low, high := unit.Amount(math.MaxInt64), unit.Amount(math.MinInt64)
	for _, b := range bars {
		if b.Kind == "total" {
			low, high = min(low, b.Label), max(high, b.Label)
		} else {
			low, high = min(low, b.Low), max(high, b.High)
		}
	}
	const visible = 10_000 // a spread below this part of the whole is noise, and is not blown up
	if cut := low - (high-low)/4; cut > high/4 && high-low > high/visible {
		return axisOver(int64(cut), int64(high), 5)
	}
	return axisOver(int64(min(low, 0)), int64(max(high, 0)), 5)
}

// heat returns the mean draw by month and local hour.
func (s scribe) heat() heatMap {
	type slot struct{ sum, n int64 }
	slots := map[[2]int]*slot{}
	var h heatMap
	row := map[string]int{}
	for i, v := range s.r.Timeline.Power {
		if v == Gap {
			continue
		}
		local := s.r.Timeline.At(i).In(s.zone)
		label := fmt.Sprintf("%d-%02d", local.Year(), local.Month())
		m, ok := row[label]
		if !ok {
			m = len(h.Months)
			row[label] = m
			h.Months = append(h.Months, label)
		}
		key := [2]int{local.Hour(), m}
		if slots[key] == nil {
			slots[key] = &slot{}
		}
		slots[key].sum += int64(v)
		slots[key].n++
	}
	h.Low, h.High = math.MaxInt64, math.MinInt64
	for m := range h.Months {
		for hour := range 24 {
			if c := slots[[2]int{hour, m}]; c != nil {
				mean := unit.MulDiv(c.sum, 1, c.n)
				h.Cells = append(h.Cells, [3]int64{int64(hour), int64(m), mean})
				h.Low, h.High = min(h.Low, mean), max(h.High, mean)
			}
		}
	}
	return h
}
