package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"sluice/capital/model"
	"sluice/data"
	"sluice/driver/history"
	"sluice/driver/planfile"
	"sluice/series"
)

// historyTold is what a report says of a history of power prices.
type historyTold struct {
	name, file string
	weeks      planfile.Weeks
	source     history.Source
	synthetic  bool
}

// readPlanHistories reads the power prices that a plan names.
func readPlanHistories(f *planfile.File) (map[string]*model.Hours, []historyTold, error) {
	hours, told := map[string]*model.Hours{}, []historyTold{}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(f.Histories)) {
		t, err := readPlanHistory(f, name)
		if err != nil {
			faults = append(faults, f.Fault("$.histories."+name, err))
			continue
		}
		hours[name], told = t.weeks.Hours, append(told, t)
	}
	return hours, told, errors.Join(faults...)
}

func readPlanHistory(f *planfile.File, name string) (historyTold, error) {
	t := historyTold{name: name}
	var inside bool
	t.file, inside = f.Prices(name)
	if inside {
		facts, err := data.Facts(t.file)
		if err != nil {
			return t, err
		}
		t.synthetic = facts.Synthetic
	}
	o, err := open(t.file)
	if err != nil {
		return t, err
	}
	p, err := history.ReadPrices(o, t.file, history.Columns{}, history.Options{Fill: series.HoldLast})
	if err := errors.Join(err, o.close()); err != nil {
		return t, err
	}
	t.source = p.Source
	rate := 1.0
	if c := string(p.Source.Currency); c != "" && c != f.Plan.Currency {
		if rate = f.Plan.Rates[c]; rate == 0 {
			return t, fmt.Errorf("its prices are in %s and there is no rate for it: add rates: {%s: units of %s for one}", c, c, f.Plan.Currency)
		}
	}
	t.weeks, err = planfile.Cut(name, p.Series, rate)
	return t, err
}
