package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"sluice/unit"
)

// The parts of the page. The chart library is copied next to this file by
// make, from the version that ui/package-lock.json names; its licence header
// travels with it into every report.
var (
	//go:embed page.html
	pageFile string
	//go:embed page.css
	styleFile string
	//go:embed page.js
	scriptFile string
	//go:embed echarts.min.js
	libraryFile string
)

// HTML writes r as one page that needs no network: texts, numbers, style,
// charts and their data are inside, and its content policy forbids the browser
// to load anything else. Numbers are the same in every language.
func HTML(w io.Writer, r Report, l Language) error {
	s, err := newScribe(r, l)
	if err != nil {
		return err
	}
	page, err := s.page()
	if err != nil {
		return fmt.Errorf("write report of %q as HTML: %w", r.Site.Name, err)
	}
	t, err := template.New("page").Funcs(template.FuncMap{"say": s.say}).Parse(pageFile)
	if err != nil {
		return fmt.Errorf("read the page of the report: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, page); err != nil {
		return fmt.Errorf("write report of %q as HTML: %w", r.Site.Name, err)
	}
	if _, err := out.WriteTo(w); err != nil {
		return fmt.Errorf("write report of %q as HTML: %w", r.Site.Name, err)
	}
	return nil
}

// page is what the template shows, already in words.
type page struct {
	Lang      Language
	Dir       string
	Policy    string // content security policy
	Title     string
	Made      string
	Site      string
	When      template.HTML
	Headline  template.HTML
	Banners   []banner
	Standing  template.HTML
	Price     mark
	Result    mark
	Tiles     []tile
	Policies  table
	Rules     []rule
	Bridge    template.HTML
	BridgeCut bool
	Decisions []decisionRow
	Timeline  *timelinePart
	Duration  []template.HTML
	Heat      template.HTML
	Months    *monthsPart
	Tenants   *tenantsPart
	Facts     []fact
	Groups    table
	Sources   table
	Forecast  *table
	Proof     []template.HTML
	SHA256    string
	Notes     []note
	Meanings  []fact
	Style     template.CSS
	Library   template.JS
	Data      template.JS
	Script    template.JS
}

type banner struct{ Text, More template.HTML }

// mark is a standing as a small label, of what when it is not of everything.
type mark struct {
	ID   Standing
	Of   string
	Name string
}

type tile struct {
	Name  string
	Value template.HTML
	Mark  mark
	Note  template.HTML
	Lead  bool
}

type rule struct {
	Name, Says string
	Only       bool // cannot be executed
	English    bool // the text is the report's own
}

type fact struct {
	Name  string
	Value template.HTML
}

type note struct {
	Text    string
	English bool
}

type decisionRow struct {
	From, To        int64 // ms
	When            string
	What, Why, Gain string
}

type timelinePart struct {
	Marks           []mark
	Says, Help, Cut template.HTML
}

type monthsPart struct {
	Says  template.HTML
	Table table
}

// table is any table of the page; its first column names the row.
type table struct {
	Caption template.HTML
	Tight   bool // the names of its rows stay on one line
	Mark    mark
	Head    []head
	Rows    []tableRow
}

type head struct {
	Text string
	Num  bool
	Note string
	Own  bool // the column of Sluice
}

type tableRow struct {
	Head  string
	Unit  string
	Group bool // a heading over the rows below
	Sum   bool
	Cells []td
}

type td struct {
	Text string
	Note string
	Num  bool
	Own  bool
	Bad  bool
	Free bool // the report's own words, in English
	Code bool
	Mark mark
}

func (s scribe) page() (page, error) {
	c, err := s.charts()
	if err != nil {
		return page{}, err
	}
	data, err := json.Marshal(c)
	if err != nil {
		return page{}, fmt.Errorf("pack the charts: %w", err)
	}
	p := page{
		Lang: s.language, Dir: "ltr", Title: s.words["title"], Made: s.r.Made,
		Site: join(" · ", s.r.Site.Name, s.r.Site.Place), When: s.when(),
		Price: s.mark(s.r.StandingOf(PriceRole)), Result: s.mark(s.r.Standing()), Banners: s.banners(),
		Standing: s.html("result.standing", map[string]string{"standing": s.words["standing."+string(s.r.Standing())]}),
		Tiles:    s.tiles(), Policies: s.policyTable(), Rules: s.rules(),
		Bridge: s.bridgeSays(), BridgeCut: c.Span.Low > 0, Decisions: s.decisionRows(),
		Facts: s.facts(), Groups: s.groupTable(), Sources: s.sourceTable(),
		Proof: s.proofHTML(), SHA256: s.r.Papers.SHA256, Notes: s.notes(), Meanings: s.meanings(),
		Style: template.CSS(styleFile), Library: template.JS(libraryFile), //nolint:gosec // our own files
		Data: template.JS(data), Script: template.JS(scriptFile), //nolint:gosec // json.Marshal escapes <, > and &
	}
	if s.language == Arabic {
		p.Dir = "rtl"
	}
	headline, err := s.write(s.headline(), template.HTMLEscapeString, isolate)
	p.Headline = template.HTML(headline) //nolint:gosec // every part is escaped above
	s.charted(&p, c)
	p.Policy = contentPolicy(libraryFile, scriptFile)
	return p, err
}

// charted adds the parts that exist only where the report kept their data.
func (s scribe) charted(p *page, c charts) {
	if c.N > 0 {
		p.Timeline = s.timelinePart(c)
		p.Duration = s.durationSays()
		p.Heat = s.heatSays(c.Heat)
	}
	if len(s.r.Months) > 0 {
		p.Months = s.monthsPart()
	}
	p.Tenants = s.tenantsPart()
	if len(s.r.Forecast) > 0 {
		t := s.forecastTable()
		p.Forecast = &t
	}
}

// contentPolicy allows the two scripts by their digest and nothing from anywhere.
func contentPolicy(scripts ...string) string {
	var allowed strings.Builder
	for _, text := range scripts {
		digest := sha256.Sum256([]byte(text))
		allowed.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'")
	}
	return "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src" + allowed.String()
}

// isolate keeps a value apart from the direction of the text around it. A
// value without right-to-left letters reads from left to right, signs and
// percent marks included. Space before it stays outside.
func isolate(v string) string {
	text := strings.TrimLeft(v, " ")
	open := `<bdi dir="ltr">`
	if strings.ContainsFunc(text, func(r rune) bool { return r >= 0x590 && r < 0x900 }) {
		open = "<bdi>"
	}
	return v[:len(v)-len(text)] + open + template.HTMLEscapeString(text) + "</bdi>"
}

// html writes the sentence of an id with its values isolated. Ids are proven
// to exist by the test that reads them from the source.
func (s scribe) html(id string, values map[string]string) template.HTML {
	return template.HTML(fill(s.words[id], values, template.HTMLEscapeString, isolate)) //nolint:gosec // both parts are escaped
}

func (s scribe) mark(id Standing) mark { return mark{ID: id, Name: s.words["standing."+string(id)]} }

func (s scribe) when() template.HTML {
	p := s.r.Period
	return template.HTML(isolate(day(p.From, s.zone)+" – "+day(p.To.Add(-1), s.zone)) + " · " + //nolint:gosec // escaped by isolate
		isolate(s.r.zoneName()) + " · " + isolate(fmt.Sprintf("%d min", p.Minutes)) + " · " + isolate(s.currency()))
}

func (s scribe) banners() []banner {
	var list []banner
	if names := s.r.Synthetic(); len(names) > 0 {
		list = append(list, banner{s.html("banner.synthetic", nil), s.html("banner.inputs", map[string]string{"names": join(", ", names...)})})
	}
	if p, _ := s.r.Policy(Sluice); p.Violations > 0 {
		list = append(list, banner{Text: s.html("banner.violations", map[string]string{"count": s.whole(int64(p.Violations))})})
	}
	return list
}

func (s scribe) tiles() []tile {
	p, _ := s.r.Policy(Sluice)
	always, _ := s.r.Policy(Always)
	gain, cur, made := s.r.Gain(Sluice), s.r.Period.Currency, s.mark(s.r.Standing())
	tiles := []tile{
		{s.words["tile.gain"], s.value(plus(gain, s.amount(gain)), string(cur)), made, s.against("always", s.money(always.Net, cur)), true},
		{s.words["tile.capture"], s.value("–", ""), made, s.html(s.captureSays().id, nil), false},
		{s.words["tile.net"], s.value(s.amount(p.Net), string(cur)), made, s.against("always", s.money(always.Net, cur)), false},
	}
	if c := s.r.Capture; c.Defined {
		tiles[1].Value = s.value(s.scaled(int64(c.Sluice), 10_000, 1), "%")
		tiles[1].Note = ""
		if s.has(Lagged) {
			tiles[1].Note = s.against("lagged", s.percent(c.Lagged))
		}
	}
	if always.Net >= unit.Unit {
		tiles[0].Note = s.against("always.share", plus(gain, s.percent(unit.Ratio(unit.MulDiv(int64(gain), int64(unit.One), int64(always.Net))))))
	}
	if s.r.tenantsAlone() {
		return append(tiles, s.tenantTiles(p, always)...)
	}
	return append(tiles, s.machineTiles(p, always)...)
}

// value is the number of a tile with its unit.
func (s scribe) value(v, u string) template.HTML {
	return template.HTML(`<bdi dir="ltr"><b>` + template.HTMLEscapeString(v) + "</b> <span class=\"unit\">" + template.HTMLEscapeString(u) + "</span></bdi>") //nolint:gosec // escaped here
}

// against is what a number of a tile is held against.
func (s scribe) against(id, v string) template.HTML {
	return s.html("tile.against."+id, map[string]string{"value": v})
}

// machineTiles are what machines came to.
func (s scribe) machineTiles(p, always Policy) []tile {
	cur, made := s.currency(), s.mark(s.r.Standing())
	return []tile{
		{s.words["tile.off"], s.value(s.hours(p.Off), "h"), made, s.against("share", s.share(int64(p.Off), int64(s.r.Period.To.Sub(s.r.Period.From)))), false},
		{s.words["tile.bitcoin"], s.value(s.bitcoin(p.Bitcoin), "BTC"), made, s.against("always", s.bitcoin(always.Bitcoin)+thin+"BTC"), false},
		{s.words["tile.cost"], s.value(s.costCell(p), cur), made, s.against("always", s.costCell(always)+thin+cur), false},
	}
}

// tenantTiles are what tenants came to, where nothing mines.
func (s scribe) tenantTiles(p, always Policy) []tile {
	cur, made := s.r.Period.Currency, s.mark(s.r.Standing())
	return []tile{
		{s.words["tile.tenants"], s.value(s.amount(moneyOf(p, Tenants)), string(cur)), made, s.against("always", s.money(moneyOf(always, Tenants), cur)), false},
		{s.words["tile.credits"], s.value(s.amount(-moneyOf(p, Credits)), string(cur)), made, s.against("always", s.money(-moneyOf(always, Credits), cur)), false},
		{s.words["tile.energy"], s.value(s.energy(p.Energy), "MWh"), made, s.against("always", s.energy(always.Energy)+thin+"MWh"), false},
	}
}

func (s scribe) bridgeSays() template.HTML {
	always, _ := s.r.Policy(Always)
	own, _ := s.r.Policy(Sluice)
	cur, left := s.r.Period.Currency, "–"
	if best, ok := s.r.Policy(Hindsight); ok {
		left = s.money(best.Net-own.Net, s.r.Period.Currency)
	}
	return s.html("bridge.says", map[string]string{
		"always": s.money(always.Net, cur), "sluice": s.money(own.Net, cur), "left": left,
	})
}
