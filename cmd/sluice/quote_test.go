package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"sluice/capital/quote"
	"sluice/driver/quotefile"
)

// quoted prices something that can be priced.
func quoted(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := call(t, append([]string{"quote"}, args...)...)
	if code != exitOK || errs != "" {
		t.Fatalf("%v: exit code %d: %s", args, code, errs)
	}
	return out
}

// blocks are the fenced texts of a page, in order, each with the word behind its fence.
func blocks(t *testing.T, page string) (out [][2]string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split("\n"+string(text), "\n```")
	for i := 1; i < len(parts); i += 2 {
		word, body, _ := strings.Cut(parts[i], "\n")
		out = append(out, [2]string{word, body + "\n"})
	}
	return out
}

// TestQuotePage: what docs/quote.md says that a command prints is what it prints.
func TestQuotePage(t *testing.T) {
	t.Parallel()
	all := blocks(t, "../../docs/quote.md")
	files, ran := map[string]string{}, 0
	for i, b := range all {
		if b[0] == "yaml" {
			name, _, _ := strings.Cut(strings.TrimPrefix(b[1], "# "), "\n")
			files[name] = write(t, name, b[1])
		}
		line, ok := strings.CutPrefix(b[1], "sluice quote ")
		if !ok || i+1 == len(all) || strings.Contains(line, ">") {
			continue
		}
		args := strings.Fields(line)
		for k, a := range args {
			if path, known := files[a]; known {
				args[k] = path
			}
		}
		ran++
		code, out, errs := call(t, append([]string{"quote"}, args...)...)
		for name, path := range files {
			errs = strings.ReplaceAll(errs, path, name)
		}
		// A page may show the begin of what is printed, or a part between dots.
		for part := range strings.SplitSeq(all[i+1][1], "...\n") {
			if !strings.Contains(out+errs, part) {
				t.Errorf("sluice quote %s: exit code %d, printed\n%s%s\nand the page says\n%s", line, code, out, errs, part)
			}
		}
	}
	if ran < 4 {
		t.Errorf("%d commands stand on the page", ran)
	}
}

// TestQuoteBase: the worked case, to the cent and further, for people and programs.
func TestQuoteBase(t *testing.T) {
	t.Parallel()
	text := quoted(t, "--file", "gb300")
	var got quoteJSON
	if err := json.Unmarshal([]byte(quoted(t, "--file", "gb300", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "Least price 3.9676 USD for a GPU-hour; 3.7600 where no mining") || got.GPU.Least != "3.967629" || *got.GPU.Beats || got.GPUs != "303.030303" {
		t.Errorf("%+v\n%s", got.GPU, text)
	}
	sum, shownSum := 0.0, 0.0
	for _, p := range got.GPU.Parts {
		v, err := strconv.ParseFloat(p.Of, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += v
		for line := range strings.Lines(text[:strings.Index(text, "Three prices")]) {
			if rest, ok := strings.CutPrefix(line, "  "+p.Name+" "); ok {
				if v, err = strconv.ParseFloat(strings.Fields(rest)[0], 64); err != nil {
					t.Fatal(err)
				}
				shownSum += v
			}
		}
	}
	if strconv.FormatFloat(sum, 'f', 6, 64) != got.GPU.Least || strconv.FormatFloat(shownSum, 'f', 4, 64) != "3.9676" {
		t.Errorf("the parts sum to %v, those shown to %v", sum, shownSum)
	}
	if len(got.GPU.Compared) != len(quote.Usual()) || len(got.Inputs) != len(quote.Fields()) || got.Inputs[0].Assumed || !got.Inputs[1].Assumed {
		t.Errorf("%+v", got.Inputs)
	}
	if s := got.GPU.Distribution; s.Paths != 10_000 || s.Seed != 1 || !s.Assumed || len(s.Within) != 2 || s.Within[0] >= s.Share || s.Share >= s.Within[1] {
		t.Errorf("%+v", s)
	}
	if got.GPU.Probability != "0.400000" || got.Floor.MiningGross != "0.343750" || got.Headline[0].Return != "0.027847" || got.Headline[2].Return != "0.126112" || got.Flexibility.Gain != "495.000000" {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{"assumed", "seed 1", "10,000 paths", "2.8 % a year", "9.3 % a year", "12.6 % a year", "0.3438: 104.17 before it"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// TestQuoteSaid: flags alone price the same, and count more than a file; an example
// that was printed and saved is the example.
func TestQuoteSaid(t *testing.T) {
	t.Parallel()
	var args []string
	f, err := quotefile.Load("gb300", "", quotefile.Said{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range quote.Fields() {
		args = append(args, "--"+quotefile.Flag(x.Key), x.Text(x.Of(f.Terms)))
	}
	if out := quoted(t, args...); !strings.Contains(out, "Least price 3.9676") || strings.Contains(out, "assumed") || strings.Count(out, "command line") != 17 {
		t.Error(out)
	}
	if out := quoted(t, "--file", "gb300", "--price", "4.2", "--facility-mw", "12"); !strings.Contains(out, "0.2324 more than mining needs") || !strings.Contains(out, "USD for 12.000 MW") {
		t.Error(out)
	}
	if out := quoted(t, "--help"); !strings.Contains(out, "Exit codes:") || !strings.Contains(out, "--hashprice-usd-per-ph-day") {
		t.Error(out)
	}
	saved := write(t, "quote.yaml", quoted(t, "--example", "gb300"))
	if a, b := quoted(t, "--file", saved), quoted(t, "--file", "gb300"); a != b {
		t.Error("the example that was saved is another")
	}
	one, two := quoted(t, "--file", "gb300", "--seed", "2", "--paths", "300"), quoted(t, "--file", "gb300", "--seed", "2", "--paths", "300")
	if one != two || one == quoted(t, "--file", "gb300", "--seed", "3", "--paths", "300") || !strings.Contains(one, "300 paths around \"as today\", seed 2") {
		t.Error("a seed does not decide what is drawn")
	}
	if out := quoted(t, "--file", "h100"); strings.Contains(out, "Monte Carlo") || strings.Contains(out, "Asked") || !strings.Contains(out, "left on and idle at 0.18 kW") {
		t.Error(out)
	}
}

// TestQuoteRefused: what makes no price is told, one fault a line, with what to do.
func TestQuoteRefused(t *testing.T) {
	t.Parallel()
	whole := quoted(t, "--example", "gb300")
	bad := write(t, "bad.yaml", strings.NewReplacer("pue: 1.25", "pue: 0.9", "gpu_life_years: 5", "gpu_life_years: -5", "probability: 40 %", "probability: 41 %", "load: 100 %", "load: full").Replace(whole))
	for sentence, c := range map[string]struct {
		args []string
		says []string
	}{
		"nothing":                   {nil, []string{"name what is to be priced"}},
		"a file that is not there":  {[]string{"--file", "./nowhere.yaml"}, []string{"nowhere.yaml"}},
		"an example that is none":   {[]string{"--file", "gb200"}, []string{`named "gb200": there is gb300 and h100`}},
		"to print one that is none": {[]string{"--example", "x"}, []string{"there is gb300 and h100"}},
		"a flag without a file":     {[]string{"--pue", "1.2"}, []string{"--hashprice-usd-per-ph-day: is missing: what a PH/s earns in a day, in USD"}},
		"an argument":               {[]string{"gb300"}, []string{"unknown command"}},
		"several in a file":         {[]string{"--file", bad}, []string{"bad.yaml: line 9: inputs.pue", "line 11: inputs.gpu_life_years", "line 18: inputs.load", "scenarios: scenarios do not serve: their probabilities are 101 %"}},
		"several flags":             {[]string{"--file", "gb300", "--utilisation", "0%", "--price", "-1", "--paths", "7", "--seed", "x"}, []string{"--utilisation: 0 % is not between", "--price: -1 is not", "--paths: 7 is not", `--seed: "x"`}},
		"a walk that is not there":  {[]string{"--file", "h100", "--seed", "3"}, []string{"there is no walk"}},
		"colocation not offered":    {[]string{"--file", "h100", "--colo-price", "150"}, []string{"nothing is offered by the kW"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			code, out, errs := call(t, append([]string{"quote"}, c.args...)...)
			if code != exitBadInput || out != "" {
				t.Errorf("exit code %d, printed %q", code, out)
			}
			for line := range strings.Lines(errs) {
				if !strings.HasPrefix(line, "sluice: ") {
					t.Errorf("a line without the program: %s", line)
				}
			}
			for _, want := range c.says {
				if !strings.Contains(errs, want) {
					t.Errorf("%q is missing in:\n%s", want, errs)
				}
			}
		})
	}
}

// TestQuoteInterrupted: a long walk ends when it is told to.
func TestQuoteInterrupted(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"quote", "--file", "gb300", "--paths", "1000000"}, &out, &errs); code != exitInterrupted || out.Len() > 0 {
		t.Errorf("exit code %d: %s%s", code, out.String(), errs.String())
	}
}
