package report_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"sluice/replay/report"
	"sluice/unit"
)

// letSample is the sample of a data centre: tenants, and not one machine.
func letSample(tb testing.TB) report.Report {
	tb.Helper()
	r := sample(tb, 45, 60)
	r.Site.Groups = nil
	keep := []string{report.Always, report.Sluice, report.Hindsight}
	for k := len(r.Policies) - 1; k >= 0; k-- {
		p := &r.Policies[k]
		if !slices.Contains(keep, p.ID) {
			r.Policies = slices.Delete(r.Policies, k, k+1)
			for i := range r.Months {
				r.Months[i].Net = slices.Delete(slices.Clone(r.Months[i].Net), k, k+1)
			}
			continue
		}
		p.Bitcoin, p.Off, p.Starts, p.Idle, p.EnergyCostPerBTC = 0, 0, 0, 0, 0
		for i := range p.Money {
			if p.Money[i].Source == report.Mining {
				p.Money[i].Source = report.Tenants
			}
		}
	}
	for i := range r.Months {
		r.Months[i].Off = 0
	}
	r.Period.Value, r.Decisions = 0, nil
	r.Sources = slices.DeleteFunc(r.Sources, func(s report.Source) bool {
		return s.Role == report.HashpriceRole || s.Role == report.MachineRole
	})
	r.Notes = nil
	r.Capture = report.CaptureOf(r.Policies)
	w := r.Hosting.Ways
	w[1].ID, w[0].Mined, w[1].Mined, w[3].Mined = report.Unheld, 0, 0, 0
	r.Hosting.Ways = []report.Way{w[0], w[1], w[3]}
	return r
}

// TestTenantsAlone: of a site without machines the report says nothing of any, in no
// language, and what it says instead is there.
func TestTenantsAlone(t *testing.T) {
	t.Parallel()
	r, mixed := letSample(t), sample(t, 45, 60)
	for l, words := range map[report.Language]struct{ silent, said []string }{
		report.English: {
			[]string{"BTC", "Bitcoin", "J/TH", "machines off", "Starts of a group", "Not drawn by choice", "Miners", "Fixed share"},
			[]string{"GPU halls and their tenants", "Nobody held back", "Steering earns more by", "Paid by tenants, Sluice", "Tenants paid ", "Steering the halls brought "},
		},
		report.Arabic: {
			[]string{"BTC", "البيتكوين", "J/TH", "كل الأجهزة متوقفة", "مرات تشغيل المجموعات", "لم تُسحب اختيارًا", "المعدِّنون", "حصة ثابتة"},
			[]string{"قاعات معالجات الرسوميات ومستأجروها", "دون تقييد", "فضل التوجيه", "ما دفعه المستأجرون، Sluice", "دفع المستأجرون ", "جلب توجيه القاعات ", "تدع كل مستأجر يسحب ما يريد"},
		},
		report.Portuguese: {
			[]string{"BTC", "Bitcoin", "J/TH", "máquinas desligadas", "Arranques de um grupo", "Não consumida por escolha", "mineradores", "Quota fixa"},
			[]string{"Salas de GPU e seus inquilinos", "Ninguém limitado", "Vantagem de comandar", "Pago por inquilinos, Sluice", "Os inquilinos pagaram ", "Comandar as salas rendeu ", "Deixa cada inquilino consumir"},
		},
	} {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			page := strings.Replace(pageOf(t, r, l), library(t), "", 1)
			machines := strings.Replace(pageOf(t, mixed, l), library(t), "", 1)
			for _, w := range words.silent {
				if strings.Contains(page, w) {
					t.Errorf("%q is on the page", w)
				}
				if !strings.Contains(machines, w) {
					t.Errorf("%q is not on a page with machines: the test proves nothing", w)
				}
			}
			for _, w := range words.said {
				if !strings.Contains(page, w) {
					t.Errorf("%q is missing on the page", w)
				}
			}
		})
	}
}

// TestTextOfTenantsAlone: the same in the terminal, with months of as many columns as
// they have heads.
func TestTextOfTenantsAlone(t *testing.T) {
	t.Parallel()
	r := letSample(t)
	p, _ := r.Policy(report.Sluice)
	var paid unit.Amount
	for _, m := range p.Money {
		if m.Source == report.Tenants {
			paid += m.Amount
		}
	}
	if paid <= 0 {
		t.Fatal("nobody pays: the test proves nothing")
	}
	var out bytes.Buffer
	if err := report.Text(&out, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "tenants.txt", out.Bytes())
}
