package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"strings"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/path"
	"sluice/capital/risk"
	"sluice/driver/planfile"
)

// The conversion of the reference: 18 MW gross at a PUE of 1.25 for 128 million USD,
// by years, the first payment a year after the money is spent.
const (
	conversionCapex = 128e6
	conversionGross = 18.0
	conversionIT    = conversionGross / 1.25
	rateClose       = 1e-6 // of returns, absolute
	moneyClose      = 1e-9 // of present values, relative
)

// converted is the payments of the conversion over ten years: EBITDA that grows by 3 %
// less what mining at a hashprice, USD/PH/day, would have left, which falls by 3 %.
func converted(hashprice, last float64) []float64 {
	flows := []float64{-conversionCapex}
	for y := range 10 {
		f := 1.05e6 * conversionIT * math.Pow(1.03, float64(y))
		if hashprice > 0 {
			f -= (hashprice/(0.024*conversionGross) - 45) * 8760 * conversionGross * math.Pow(0.97, float64(y))
		}
		flows = append(flows, f)
	}
	flows[10] += last * flows[10]
	return flows
}

// workedCase reproduces the conversion of the reference, and works the shipped plan of
// it out with the product: returns, what contradicts what was said, and delay.
func (b *bench) workedCase(ctx context.Context, t *table) error {
	if err := reference(t); err != nil {
		return err
	}
	if err := b.announced(ctx, t); err != nil {
		return err
	}
	return b.delay(ctx, t)
}

// reference holds returns and present values of the worked example against those that
// were published with it.
func reference(t *table) error {
	how := "128 M USD at once, 14.4 critical MW, ten years by years, 10 %%; capital.Return and capital.Present; NPV %.0f USD, published %.0f"
	for _, c := range []struct {
		name            string
		hashprice, last float64
		irr, npv        float64
	}{
		{"colocation, nothing after", 0, 0, 0.0564919442682309, -23917795.38788079},
		{"colocation, 6 x last EBITDA", 0, 6, 0.12744016490895949, 21718587.197468627},
		{"over the mining displaced at 28", 28, 0, 0.023162176259325373, -41118604.61205286},
		{"over the mining displaced at 35", 35, 0, -0.005812847779140318, -55184686.921539344},
		{"over the mining displaced at 45", 45, 0, -0.050931236476386366, -75279090.2208058},
		{"over the mining displaced at 56", 56, 0, -0.10833630535810707, -97382933.84999885},
	} {
		flows := converted(c.hashprice, c.last)
		irr, _, err := capital.Return(flows)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		npv := capital.Present(0.1, flows)
		same := math.Abs(irr-c.irr) <= rateClose && math.Abs(npv-c.npv) <= moneyClose*math.Abs(c.npv)
		t.add(figure{Name: "worked example, " + c.name, Value: 100 * irr, Unit: "% a year", How: fmt.Sprintf(how, npv, c.npv)}.
			above("published", 100*c.irr).promised("the same, NPV too", same))
	}
	return nil
}

// announcement is what the product says of a plan, as far as it is read here.
type announcement struct {
	Projects []struct {
		Ready   float64 `json:"ready_months"`
		Alone   worths  `json:"alone"`
		Against worths  `json:"against_the_plan_without_it"`
	} `json:"projects"`
	Published []struct {
		What     string   `json:"what"`
		Contrary bool     `json:"contradicted"`
		Findings []string `json:"findings"`
	} `json:"published"`
}

// worths is a project's worth with and without what is left at the end.
type worths struct {
	Bare     returned `json:"without_terminal_value"`
	Multiple returned `json:"with_ebitda_multiple"`
}

type returned struct {
	IRR *float64 `json:"irr"`
	NPV float64  `json:"npv"`
}

// figure is a return as it is shown.
func (r returned) figure(name, how string) figure {
	f := figure{Name: name, Unit: "% a year", How: how + fmt.Sprintf("; NPV %.1f million USD", r.NPV/1e6)}
	if r.IRR == nil {
		f.Text = "none"
		return f
	}
	f.Value = 100 * *r.IRR
	return f
}

// announced works the shipped plan out with the product.
func (b *bench) announced(ctx context.Context, t *table) error {
	sluice, err := b.build(ctx)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	c := exec.CommandContext(ctx, sluice, "plan", "--file", announcedPlan, "--json")
	c.Stdout = &out
	if _, err := execute(c); err != nil {
		return err
	}
	var said announcement
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		return fmt.Errorf("read what sluice plan says: %w", err)
	}
	if len(said.Projects) != 1 || len(said.Published) == 0 {
		return fmt.Errorf("sluice plan says %d projects and %d published figures: %w", len(said.Projects), len(said.Published), errBroken)
	}
	x := said.Projects[0]
	how := "sluice plan --file " + announcedPlan + ", by months, money spent as it is built; not promised to equal the example by years"
	t.add(
		x.Alone.Bare.figure("announced conversion, nothing after", how).above("example by years", 5.649),
		x.Alone.Multiple.figure("announced conversion, 6 x last EBITDA", how).above("example by years", 12.744),
		x.Against.Bare.figure("announced conversion over the mining displaced", how),
		x.Against.Multiple.figure("announced conversion over the mining displaced, 6 x last EBITDA", how),
	)
	contrary, silent := 0, 0
	for _, p := range said.Published {
		if len(p.Findings) == 0 {
			silent++
		}
		if p.Contrary {
			contrary++
			t.note("Contradicted: %s: %s.", p.What, strings.Join(p.Findings, "; "))
		}
	}
	t.add(
		figure{Name: "published figures contradicted", Value: float64(contrary), Unit: fmt.Sprintf("of %d", len(said.Published)), How: "listed below with their answers"}.promised("> 0", contrary > 0),
		figure{Name: "published figures without an answer", Value: float64(silent), Unit: "figures", How: "what the plan makes of each"}.atMost(0),
	)
	return nil
}

// announcedPlan is the shipped plan of the conversion.
const announcedPlan = "washington"

// delay is how late the conversion may be, and the multiplier that this rests on.
func (b *bench) delay(ctx context.Context, t *table) error {
	x, err := path.Slip(1.34, 0.1)
	if err != nil {
		return err
	}
	t.add(figure{Name: "reference class of delays, P90", Value: x.Quantile(0.9), Unit: "times", How: "lognormal with a mean of 1.34 and one in ten on time: path.Slip"}.
		above("published", 1.7174).promised("to 0.0001", math.Abs(x.Quantile(0.9)-1.7174) <= 1e-4))
	f, err := planfile.Load(announcedPlan)
	if err != nil {
		return err
	}
	m, err := model.New(f.Plan, model.Weekly(f.Plan), nil)
	if err != nil {
		return err
	}
	h, what, err := b.weeks()
	if err != nil {
		return err
	}
	futures, err := risk.NewFutures(m, h, nil, risk.Usual(1))
	if err != nil {
		return err
	}
	r, err := risk.Analyse(ctx, m, futures, b.paths)
	if err != nil {
		return err
	}
	how := fmt.Sprintf("%d futures of the shipped plan, each of its three phases with a slip of its own and a common one, bitcoin from %s", b.paths, what)
	late := func(q float64) float64 { return q - m.Planned(0) }
	t.add(
		figure{Name: "announced conversion, delay P50", Value: late(r.Ready[0].P50), Unit: "months", How: how},
		figure{Name: "announced conversion, delay P90", Value: late(r.Ready[0].P90), Unit: "months", How: how}.below("one phase of as many months", m.Planned(0)*(x.Quantile(0.9)-1)),
		figure{Name: "announced conversion, NPV P10, P50, P90", Text: fmt.Sprintf("%.1f, %.1f, %.1f", r.NPV.P10/1e6, r.NPV.P50/1e6, r.NPV.P90/1e6), Unit: "million USD", How: how + "; 6 x last EBITDA at the end"},
	)
	for _, c := range r.Covenants {
		t.add(figure{Name: "announced conversion, probability that " + c.Name + " breaks", Value: c.Ever, Unit: "share", How: how})
	}
	return nil
}
