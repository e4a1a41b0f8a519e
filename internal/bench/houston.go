package main

import (
	"bytes"
	"errors"
	"time"

	"sluice/data"
	"sluice/driver/history"
	"sluice/driver/sitefile"
	"sluice/replay"
	"sluice/world"
)

// houston is the setup of the shipped site over a period, as the product makes
// it, for a run inside this process.
func houston(from, to string) (*replay.Setup, error) {
	text, err := sitefile.Example("houston")
	if err != nil {
		return nil, err
	}
	file, err := sitefile.Read(bytes.NewReader(text), "houston")
	if err != nil {
		return nil, err
	}
	rigs, err := file.Rigs()
	if err != nil {
		return nil, err
	}
	s := &replay.Setup{
		Site: file.Site, Contracts: file.Contracts, Rigs: rigs, Step: 15 * time.Minute, Lag: 1,
		Horizon: file.Horizon, Fine: file.Fine, Made: "bench", Failures: map[string]world.Failures{}, Digest: "bench " + from + " " + to,
	}
	for name, f := range file.Failures {
		s.Failures[name] = world.Failures(f)
	}
	var errFrom, errTo error
	s.From, errFrom = time.Parse(time.RFC3339, from)
	s.To, errTo = time.Parse(time.RFC3339, to)
	return s, errors.Join(errFrom, errTo, readPack(s, file))
}

// readPack reads the three histories from the shipped pack.
func readPack(s *replay.Setup, file *sitefile.File) error {
	prices, err1 := data.Open(file.Prices.File)
	air, err2 := data.Open(file.Air.File)
	bitcoin, err3 := data.Open("bitcoin_daily_2021-2025.csv")
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	p, err1 := history.ReadPrices(prices, file.Prices.File, history.Columns{Zone: file.Prices.Zone}, history.Options{Step: s.Step})
	t, err2 := history.ReadTemperatures(air, file.Air.File, history.Columns{}, history.Options{})
	n, _, err3 := history.ReadBitcoin(bitcoin, "bitcoin_daily_2021-2025.csv", "USD")
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	s.Prices, s.Air, s.Networks = p.Series, t.Series, n
	return nil
}
