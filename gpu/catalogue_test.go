package gpu

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/unit"
)

func TestModels(t *testing.T) {
	t.Parallel()
	models, err := StandardModels()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a driver's name finds its model", func(t *testing.T) {
		t.Parallel()
		for name, want := range map[string]string{
			"NVIDIA H100 80GB HBM3": "H100 SXM", "nvidia  h100": "H100 SXM", "Tesla V100-PCIE-32GB": "V100 PCIe", "NVIDIA A40": "A40",
			"NVIDIA B200": "B200", "Quadro RTX 6000": "RTX 6000", "NVIDIA A100-SXM4-80GB": "A100 SXM", "GB300": "GB300",
		} {
			if m, err := models.Lookup(name); err != nil || m.Name != want {
				t.Errorf("%q is %q (%v), want %q", name, m.Name, err, want)
			}
		}
	})
	t.Run("an unknown name is an error that says what to do", func(t *testing.T) {
		t.Parallel()
		if _, err := models.Lookup("RTX 6000 Ada Generation"); err == nil || !strings.Contains(err.Error(), "declare it") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("what is not known stays zero", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"GB200", "Rubin"} {
			if m, err := models.Lookup(name); err != nil || m.TDP != 0 {
				t.Errorf("%s: a TDP of %v, %v", name, m.TDP, err)
			}
		}
	})
	t.Run("system maxima are the published ones", func(t *testing.T) {
		t.Parallel()
		for name, want := range map[string]unit.Power{"H100 SXM": 10_200, "H200 SXM": 10_200, "B200": 14_300, "GB200": 125_000, "GB300": 142_000, "Rubin": 230_000} {
			if m, _ := models.Lookup(name); m.Node != want {
				t.Errorf("%s: %d W, want %d", name, m.Node, want)
			}
		}
	})
	t.Run("an own model takes the place of one of its name", func(t *testing.T) {
		t.Parallel()
		own, err := models.With(Model{Name: "B200", TDP: 900}, Model{Name: "house card", TDP: 300, Min: 100})
		if err != nil {
			t.Fatal(err)
		}
		b, _ := own.Lookup("NVIDIA B200")
		h, err := own.Lookup("House Card")
		if b.TDP != 900 || h.Min != 100 || err != nil {
			t.Errorf("%v %v %v", b, h, err)
		}
		if old, _ := models.Lookup("B200"); old.TDP != 1000 {
			t.Error("the catalogue before it was changed")
		}
	})
	t.Run("every fault is named at once", func(t *testing.T) {
		t.Parallel()
		_, err := models.With(Model{Name: "a", TDP: 300, Min: 400}, Model{Name: " "}, Model{Name: "a", Cooling: "steam", Node: 1, Empty: 2, PerNode: -1, Idle: -1})
		if err == nil {
			t.Fatal("taken")
		}
		for _, want := range []string{"lowest limit", "has no name", "declared twice", "steam", "an empty server", "-1 GPUs", "-1 W"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is missing in %v", want, err)
			}
		}
	})
}

func TestBrokenTables(t *testing.T) {
	t.Parallel()
	models, _ := StandardModels()
	const heads = "model,class,limit_w,speed,speed_low,speed_worst,power,energy,draw_w,settings,source\n"
	for sentence, c := range map[string]struct{ text, says string }{
		"other columns":          {"a,b\n", "columns"},
		"an unknown model":       {heads + "X9,training,250,1,1,1,1,1,1,1,s\n", "curves.csv:2"},
		"a share without number": {heads + "A40,training,300,fast,1,1,1,1,1,1,s\n", `speed "fast"`},
		"a negative limit":       {heads + "A40,training,-300,1,1,1,1,1,1,1,s\n", "positive whole number"},
		"a field too few":        {heads + "A40,training\n", "wrong number of fields"},
		"limits that rise":       {heads + "A40,training,300,1,1,1,1,1,1,1,s\nA40,training,310,1,1,1,1,1,1,1,s\n", "limits are positive and fall"},
		"no full point":          {heads + "A40,training,300,0.9,1,1,1,1,1,1,s\n", "first point"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if _, err := ReadCurves(c.text, models); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
	if _, err := ReadModels("model\n"); err == nil {
		t.Error("a table of models without columns was taken")
	}
	if _, err := readDrawn("percentile,seren_a100_gpu_w,kalos_a100_gpu_w,gpu_server_w,cpu_server_w\n50,1,1,1,1\n40,1,1,1,1\n200,1,1,1,1\n"); err == nil ||
		!strings.Contains(err.Error(), "does not rise") || !strings.Contains(err.Error(), "between 0 and 100") {
		t.Errorf("a distribution that falls: %v", err)
	}
}

func TestDrawn(t *testing.T) {
	t.Parallel()
	u, err := StandardDrawn()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the published percentiles are there", func(t *testing.T) {
		t.Parallel()
		for _, row := range []struct {
			at   unit.Ratio
			want [4]unit.Power
		}{
			{1_000, [4]unit.Power{58, 58, 1386, 516}},
			{100_000, [4]unit.Power{63, 63, 1512, 522}},
			{250_000, [4]unit.Power{66, 66, 1696, 540}},
			{500_000, [4]unit.Power{96, 101, 2520, 546}},
			{750_000, [4]unit.Power{290, 372, 4284, 648}},
			{900_000, [4]unit.Power{395, 404, 4851, 678}},
			{990_000, [4]unit.Power{437, 440, 5418, 732}},
			{unit.One, [4]unit.Power{558, 600, 6554, 960}},
		} {
			got := [4]unit.Power{u.Seren.Quantile(row.at), u.Kalos.Quantile(row.at), u.Server.Quantile(row.at), u.CPU.Quantile(row.at)}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("at %v: %s", row.at.Float(), diff)
			}
		}
	})
	t.Run("the means of the short tables are those of the long ones, within 1 %", func(t *testing.T) {
		t.Parallel()
		for want, d := range map[unit.Power]Drawn{169: u.Seren, 192: u.Kalos, 2930: u.Server, 581: u.CPU} {
			if got := d.Mean(); got < want.Scale(990_000) || got > want.ScaleUp(1_010_000) {
				t.Errorf("%s: %d W in the mean, want %d", d.Name, got, want)
			}
		}
	})
	t.Run("between rows it is a straight line, and nothing known is nothing", func(t *testing.T) {
		t.Parallel()
		if got := u.Seren.Quantile(725_000); got != 251 {
			t.Errorf("%d W between 211 and 290", got)
		}
		if (Drawn{}).Quantile(1) != 0 || (Drawn{}).Mean() != 0 {
			t.Error("an empty distribution draws something")
		}
	})
}
