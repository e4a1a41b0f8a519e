package gpu

import (
	_ "embed"
	"errors"
	"fmt"

	"sluice/unit"
)

//go:embed catalogue/drawn.csv
var drawnCSV string

// Drawn is how much one kind of equipment drew over months of real use: watts by
// share of time, rising. Rated power says little about it.
type Drawn struct {
	Name   string
	Shares []unit.Ratio // of the time
	Watts  []unit.Power // not exceeded in that share of it
}

// Use is the distributions that ship: GPUs of two clusters, and their servers.
type Use struct {
	Seren, Kalos Drawn // A100 GPUs of two clusters
	Server       Drawn // with eight A100
	CPU          Drawn // servers without GPUs
}

// StandardDrawn is what two clusters of A100 GPUs drew, from AcmeTrace (CC BY 4.0).
// It reads the table anew at every call: keep the result.
func StandardDrawn() (Use, error) { return readDrawn(drawnCSV) }

func readDrawn(text string) (Use, error) {
	names := []string{"seren_a100_gpu_w", "kalos_a100_gpu_w", "gpu_server_w", "cpu_server_w"}
	t := readTable("drawn.csv", text, append([]string{"percentile"}, names...)...)
	all := make([]Drawn, len(names))
	for t.next() {
		micro, err := unit.ParseMicro(t.text("percentile"))
		if err != nil || micro < 0 || micro > 100*int64(unit.One) {
			t.say("percentile %q does not lie between 0 and 100", t.text("percentile"))
			continue
		}
		for i, n := range names {
			d := &all[i]
			d.Name = n
			share, watts := unit.Ratio(micro/100), unit.Power(t.whole(n))
			if k := len(d.Shares); k > 0 && (share <= d.Shares[k-1] || watts < d.Watts[k-1]) {
				t.say("%s does not rise", n)
			}
			d.Shares, d.Watts = append(d.Shares, share), append(d.Watts, watts)
		}
	}
	if len(all[0].Shares) < 2 {
		t.say("a distribution has two rows at least")
	}
	if err := errors.Join(t.faults...); err != nil {
		return Use{}, fmt.Errorf("drawn power: %w", err)
	}
	return Use{Seren: all[0], Kalos: all[1], Server: all[2], CPU: all[3]}, nil
}

// Quantile is the power that is not exceeded in a share of the time, by straight
// lines between the rows; beyond the first and the last row it is theirs.
func (d Drawn) Quantile(share unit.Ratio) unit.Power {
	n := len(d.Shares)
	if n == 0 {
		return 0
	}
	if share <= d.Shares[0] {
		return d.Watts[0]
	}
	for i := 1; i < n; i++ {
		if share <= d.Shares[i] {
			rise := unit.MulDiv(int64(d.Watts[i]-d.Watts[i-1]), int64(share-d.Shares[i-1]), int64(d.Shares[i]-d.Shares[i-1]))
			return d.Watts[i-1] + unit.Power(rise)
		}
	}
	return d.Watts[n-1]
}

// Mean is the power in the mean over all shares of the time.
func (d Drawn) Mean() unit.Power {
	if len(d.Shares) == 0 {
		return 0
	}
	sum := int64(d.Shares[0]) * 2 * int64(d.Watts[0])
	for i := 1; i < len(d.Shares); i++ {
		sum += int64(d.Shares[i]-d.Shares[i-1]) * int64(d.Watts[i]+d.Watts[i-1])
	}
	n := len(d.Shares) - 1
	sum += int64(unit.One-d.Shares[n]) * 2 * int64(d.Watts[n])
	return unit.Power(unit.MulDiv(sum, 1, 2*int64(unit.One)))
}
