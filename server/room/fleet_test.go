package room

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/device"
	"sluice/live"
	"sluice/unit"
)

// aMachine draws a machine.
func aMachine(t *rapid.T, name string) live.MachineRow {
	return live.MachineRow{
		Plate: live.Plate{Name: name, Family: device.Antminer, Model: rapid.SampledFrom([]string{"S21", "S19 XP"}).Draw(t, "model"), Hall: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "hall"), Group: "g"},
		Shown: live.Shown{
			State: rapid.SampledFrom([]live.MachineState{live.MachineRunning, live.MachineAsleep, live.MachineUnknown}).Draw(t, "state"),
			Power: unit.Power(rapid.IntRange(0, 5000).Draw(t, "power")), PowerKnown: rapid.Bool().Draw(t, "known"),
			Trouble: rapid.SampledFrom([]live.Trouble{"", "silent"}).Draw(t, "trouble"),
		},
	}
}

// TestFleetPages holds pages of a query against a plain reading of all machines.
func TestFleetPages(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, all := newFleet(), map[string]live.MachineRow{}
		for rev := range rapid.Int64Range(1, 5).Draw(t, "rounds") {
			l := live.MachineList{Rev: rev + 1, All: rev == 0 || rapid.IntRange(0, 5).Draw(t, "anew") == 0}
			if l.All {
				clear(all)
			}
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 30), 0, 20, rapid.ID).Draw(t, "changed") {
				m := aMachine(t, fmt.Sprintf("10.0.0.%d", i))
				all[m.Name] = m
				l.Machines = append(l.Machines, m)
			}
			f.take(l, noon)
		}
		q := FleetQuery{
			Search: rapid.SampledFrom([]string{"", "s21", "XP 10.0", "nothing"}).Draw(t, "search"), State: rapid.SampledFrom([]string{"", "running", "trouble"}).Draw(t, "state"),
			Hall: rapid.SampledFrom([]string{"", "a"}).Draw(t, "hall"), Sort: rapid.SampledFrom([]string{"name", "power", "model"}).Draw(t, "sort"), Down: rapid.Bool().Draw(t, "down"), Limit: 7,
		}
		want, sum := 0, int64(0)
		for _, m := range all {
			if fits(q, m) {
				want++
				if m.PowerKnown {
					sum += int64(m.Power)
				}
			}
		}
		var got []live.MachineRow
		for {
			p := f.find(q)
			got = append(got, p.Machines...)
			if p.Found != want || p.All != len(all) || p.Power != sum {
				t.Fatalf("found %d of %d with %d W, want %d of %d with %d W", p.Found, p.All, p.Power, want, len(all), sum)
			}
			if p.Next == nil {
				break
			}
			q.Offset = *p.Next
		}
		names := map[string]bool{}
		for _, m := range got {
			names[m.Name] = true
			if !fits(q, m) || all[m.Name] != m {
				t.Fatalf("%+v does not fit %+v, or is old", m, q)
			}
		}
		if len(got) != want || len(names) != want {
			t.Fatalf("%d machines on all pages, %d of them different, want %d", len(got), len(names), want)
		}
		if q.Sort == "power" && !slices.IsSortedFunc(got, func(a, b live.MachineRow) int {
			x, y := known(int64(a.Power), a.PowerKnown), known(int64(b.Power), b.PowerKnown)
			if q.Down {
				x, y = y, x
			}
			return int(min(1, max(-1, x/2-y/2)))
		}) {
			t.Fatal("not in order")
		}
	})
}

// fits says plainly what a query means.
func fits(q FleetQuery, m live.MachineRow) bool {
	for word := range strings.FieldsSeq(q.Search) {
		if !strings.Contains(m.Name, word) && !strings.Contains(m.Model, strings.ToUpper(word)) {
			return false
		}
	}
	return (q.State == "" || q.State == string(m.State) || q.State == "trouble" && m.Trouble != "") && (q.Hall == "" || q.Hall == m.Hall)
}

// BenchmarkFleet filters and sorts 100,000 machines.
func BenchmarkFleet(b *testing.B) {
	f, l := newFleet(), live.MachineList{Rev: 1, All: true}
	for i := range 100_000 {
		l.Machines = append(l.Machines, live.MachineRow{
			Plate: live.Plate{Name: fmt.Sprintf("10.%d.%d.%d", i/65536, i/256%256, i%256), Family: device.Antminer, Model: "Antminer S21", Serial: fmt.Sprintf("SN%08d", i), Hall: fmt.Sprintf("hall-%d", i/5000)},
			Shown: live.Shown{State: live.MachineRunning, Power: unit.Power(3000 + i%700), PowerKnown: true},
		})
	}
	f.take(l, noon)
	for _, q := range []FleetQuery{{Search: "sn0009", Sort: "name"}, {Search: "s21 hall-1", Sort: "power", Down: true}, {Sort: "power"}} {
		b.Run(q.Search+"/"+q.Sort, func(b *testing.B) {
			q.Limit = 100
			for b.Loop() {
				if p := f.find(q); p.Found == 0 {
					b.Fatal("nothing was found")
				}
			}
		})
	}
}
