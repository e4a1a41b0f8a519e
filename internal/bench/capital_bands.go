package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sluice/capital/path"
	"sluice/data"
	"sluice/driver/history"
	"sluice/unit"
)

// shippedDays is the history of bitcoin inside the program.
const shippedDays = "bitcoin_daily_2021-2025.csv"

// claimedShare is what a band that is printed as one of 80 % claims; noise is what
// about seven independent years leave open.
const (
	claimedShare = 0.80
	noise        = 0.10
)

// bands holds the bands of the futures against what came.
func (b *bench) bands(_ context.Context, t *table) error {
	h, what, err := b.weeks()
	if err != nil {
		return err
	}
	study := path.UsualStudy()
	study.From, study.To = time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC), h[len(h)-1].Begin.AddDate(0, 0, 7)
	study.Horizons = []int{13, 52}
	found, err := path.Coverage(h, study)
	if err != nil {
		return err
	}
	for _, c := range found {
		if c.Model != path.Joint && c.Model != path.Normal {
			continue
		}
		share, band := c.Inner, "P10 to P90"
		if low, _ := path.Band(c.Weeks); low < 0.10 {
			share, band = c.Outer, "P5 to P95"
		}
		f := figure{
			Name: fmt.Sprintf("band of 80 %% at %d weeks, %s: held", c.Weeks, c.Model), Value: share, Unit: "share",
			How: fmt.Sprintf("%s, %d forecasts, one every %d weeks, from %s", band, c.Origins, study.Every, what),
		}.above("claim", claimedShare)
		if c.Model == path.Joint {
			f = f.promised(fmt.Sprintf("%.2f give or take %.2f", claimedShare, noise), share >= claimedShare-noise && share <= claimedShare+noise)
		}
		t.add(f, figure{Name: fmt.Sprintf("the same, beyond P95 and P5, %d weeks, %s", c.Weeks, c.Model), Text: fmt.Sprintf("%.2f and %.2f", c.Above, c.Below), Unit: "shares", How: "what came was more, and less"})
	}
	return nil
}

// weeks is the fuller history where it is beside the checkout, else the shipped one.
func (b *bench) weeks() (h path.History, what string, err error) {
	fuller := filepath.Join(b.shared, "btc_daily.csv")
	f, err := os.Open(fuller) //nolint:gosec // the caller named the folder
	if err == nil {
		h, err = weeksOf(f, fuller)
		return h, "btc_daily.csv, from 2018 on", errors.Join(err, f.Close())
	}
	r, err := data.Open(shippedDays)
	if err != nil {
		return nil, "", err
	}
	h, err = weeksOf(r, shippedDays)
	return h, "the shipped days of 2021 to 2025, because " + fuller + " is not there: only from 2024 on are three years before", err
}

func weeksOf(r io.Reader, name string) (path.History, error) {
	all, _, err := history.ReadBitcoin(r, name, "USD")
	if err != nil {
		return nil, err
	}
	days := make([]path.Day, len(all))
	for i, n := range all {
		days[i] = path.Day{Day: n.Day, Price: float64(n.Price) / float64(unit.Unit), Difficulty: float64(n.Difficulty)}
		if name != shippedDays { // which knows no fees
			days[i].Reward = float64(n.Reward) / float64(unit.Bitcoin)
		}
	}
	return path.Weekly(days)
}
