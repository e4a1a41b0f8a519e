package report

import (
	"html/template"
	"slices"

	"sluice/unit"
)

// Hosting is what GPU halls came to, and what it is worth to run them in one
// market with the miners.
type Hosting struct {
	Ways      []Way     `json:"ways"`      // together, apart, mining, foreseen; without miners together, unheld, foreseen. The first is what was replayed
	Contracts []Tenancy `json:"contracts"` // in the order of the site
}

// The identities of the ways of running a hall.
const (
	Together = "together" // in one market with the miners
	Apart    = "apart"    // with a fixed share of the connection, whether used or not
	NoHall   = "mining"   // not at all: the miners have the whole connection
	Unheld   = "unheld"   // of a site without miners: nobody is ever held back
	Foreseen = "foreseen" // together, by a program that knows everything beforehand
)

// tenantsAlone reports whether the site serves tenants and mines nothing: what is
// said of machines is then left out.
func (r Report) tenantsAlone() bool { return r.Hosting != nil && len(r.Site.Groups) == 0 }

// Way is what one way of running a hall came to.
type Way struct {
	ID      string      `json:"id"`
	Net     unit.Amount `json:"net_micro"`
	Mined   unit.Amount `json:"mined_micro"`
	Tenants unit.Amount `json:"tenants_micro"`
	Credits unit.Amount `json:"credits_micro"` // granted, positive
	Bill    unit.Amount `json:"bill_micro"`    // what power cost, positive
	Energy  unit.Energy `json:"energy_j"`
	Down    int64       `json:"firm_down_s"` // GPU-seconds that were promised and not there, unless excused
	Missed  int         `json:"missed"`      // months of a contract in which its service level was missed
}

// Tenancy is what one contract came to. Counts are GPU-seconds, of a colocation
// contract kilowatt-seconds.
type Tenancy struct {
	Name      string      `json:"name"`
	Kind      string      `json:"kind"`
	Size      int64       `json:"size"` // GPUs, or kilowatts
	Served    int64       `json:"served_s"`
	Committed int64       `json:"committed_s"`
	Down      int64       `json:"down_s"`
	Excused   int64       `json:"excused_s"`
	Slowed    int64       `json:"slowed_s"`
	Lost      int64       `json:"lost_s"`
	Late      int64       `json:"late_s"`
	Evictions int64       `json:"evictions"`
	IT        unit.Energy `json:"it_j"`
	Meter     unit.Energy `json:"meter_j"`
	Earned    unit.Amount `json:"earned_micro"`
	Credits   unit.Amount `json:"credits_micro"`
	Power     unit.Amount `json:"power_micro"` // what its energy cost
}

// Available is the share of what was committed that could be used, or the excuse
// was agreed; one where nothing was committed.
func (t Tenancy) Available() unit.Ratio {
	base := t.Committed - t.Excused
	if base <= 0 {
		return unit.One
	}
	return unit.One - unit.Ratio(unit.MulDiv(t.Down-t.Excused, int64(unit.One), base))
}

// plain is a table as text, for every medium; its first column names the row.
type plain struct {
	head []string
	rows [][]string
}

// wayTable holds the ways side by side.
func (s scribe) wayTable() plain {
	t := plain{head: []string{""}}
	row := func(id string, of func(Way) string) {
		cells := []string{s.words[id]}
		for _, w := range s.r.Hosting.Ways {
			cells = append(cells, of(w))
		}
		t.rows = append(t.rows, cells)
	}
	for _, w := range s.r.Hosting.Ways {
		t.head = append(t.head, s.wayName(w))
	}
	first := s.r.Hosting.Ways[0]
	row("row.net", func(w Way) string { return s.amount(w.Net) })
	row(s.mining("way.more", "way.steered.more"), func(w Way) string {
		if w.ID == first.ID {
			return "–"
		}
		return plus(first.Net-w.Net, s.amount(first.Net-w.Net))
	})
	if !s.r.tenantsAlone() {
		row("money.mining", func(w Way) string { return s.amount(w.Mined) })
	}
	row("money.tenants", func(w Way) string { return s.amount(w.Tenants) })
	row("money.credits", func(w Way) string { return s.amount(-w.Credits) })
	row("way.bill", func(w Way) string { return s.amount(-w.Bill) })
	row("way.down", func(w Way) string { return s.whole(w.Down / 3600) })
	row("way.missed", func(w Way) string { return s.whole(int64(w.Missed)) })
	row("row.energy", func(w Way) string { return s.energy(w.Energy) })
	t.rows[len(t.rows)-1][0] += ", MWh"
	return t
}

// mining is the id of a text: the first where the site mines, the second where it
// serves tenants alone.
func (s scribe) mining(id, alone string) string {
	if s.r.tenantsAlone() {
		return alone
	}
	return id
}

// wayName heads the column of a way. Without miners there is no market to share: the
// hall is steered, or it is not.
func (s scribe) wayName(w Way) string {
	if w.ID == Together {
		return s.words[s.mining("way.together", "way.steered")]
	}
	return s.words["way."+w.ID]
}

// contractTable is what each contract came to.
func (s scribe) contractTable() plain {
	t := plain{head: []string{
		s.words["contract"], s.words["contract.kind"], s.words["contract.size"], s.words["contract.used"], s.words["contract.available"],
		s.words["contract.slowed"], s.words["contract.evicted"], "MWh", s.words["contract.earned"], s.words["contract.credits"],
	}}
	for _, c := range s.r.Hosting.Contracts {
		available := "–"
		if c.Committed > 0 {
			available = s.scaled(int64(c.Available()), 10_000, 3) + thin + "%"
		}
		t.rows = append(t.rows, []string{
			c.Name, s.words["kind."+c.Kind], s.whole(c.Size), s.whole(c.Served / 3600), available,
			s.whole(c.Slowed / 3600), s.whole(c.Evictions), s.energy(c.Meter), s.amount(c.Earned), s.amount(-c.Credits),
		})
	}
	return t
}

// tenants writes the halls for a terminal.
func (p *paper) tenants() {
	if p.r.Hosting == nil {
		return
	}
	title := "GPU halls and miners: together, apart, or miners alone, "
	if p.r.tenantsAlone() {
		title = "GPU halls: steered or not, "
	}
	p.section(title + p.currency())
	for i, t := range []plain{p.wayTable(), p.contractTable()} {
		if i > 0 {
			p.line("")
		}
		g := grid{right: numbers(1+i, len(t.head))}
		g.add(t.head...)
		for _, r := range t.rows {
			g.add(r...)
		}
		p.table(g)
	}
}

// tenantsPart is the halls on the page.
type tenantsPart struct {
	Title           string
	Ways, Contracts table
	Says            template.HTML
}

func (s scribe) tenantsPart() *tenantsPart {
	if s.r.Hosting == nil {
		return nil
	}
	out := &tenantsPart{
		Title: s.words[s.mining("section.tenants", "section.halls")],
		Ways:  s.onPage(s.wayTable(), s.mining("caption.ways", "caption.steered")), Contracts: s.onPage(s.contractTable(), "caption.contracts"),
	}
	w := s.r.Hosting.Ways
	if i := slices.IndexFunc(w, func(x Way) bool { return x.ID == Apart || x.ID == Unheld }); i > 0 {
		more := w[0].Net - w[i].Net
		out.Says = s.html(s.mining("tenants.says", "halls.says"), map[string]string{"more": plus(more, s.money(more, s.r.Period.Currency))})
	}
	return out
}

// onPage is a plain table as the page shows tables.
func (s scribe) onPage(t plain, caption string) table {
	out := table{Caption: s.html(caption, map[string]string{"currency": s.currency()}), Mark: s.mark(s.r.Standing())}
	for i, h := range t.head {
		out.Head = append(out.Head, head{Text: h, Num: i > 0})
	}
	for _, r := range t.rows {
		row := tableRow{Head: r[0]}
		for _, c := range r[1:] {
			row.Cells = append(row.Cells, td{Text: c, Num: true})
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
