package main

import "strings"

// houston is the real-time price of the hub of Houston, as recorded.
func houston(from string) (table, error) {
	rows, err := source(from, "ercot_hb_houston_rt15_2021-2025.csv.gz", "interval_start_utc", "price_usd_mwh")
	if err != nil {
		return table{}, err
	}
	t := table{header: "interval_start_utc,price_usd_mwh", facts: facts{
		Name:    "houston_rt15_2021-2025.csv.gz",
		Content: "ERCOT real-time settlement point price at the hub HB_HOUSTON, 15 minutes",
		Units:   "interval_start_utc: start of the interval, UTC; price_usd_mwh: USD per MWh",
		Span:    "2021-01-08T06:00Z to 2026-01-01T06:00Z (local years to the end of 2025), without a gap",
		Origin:  []string{"sammikhaylov/ercot-battery-dispatch : outputs/cache_variables (ERCOT public report NP6-785-ER)"},
		Licence: "MIT, Copyright (c) 2026 sammikhaylov",
		Done:    []string{"Every row and every digit as in the origin; the intervals were named by their start in UTC.", "No value was filled, changed or left out."},
		Notes: []string{
			"Compared with an independent copy: 26,304 of 26,304 overlapping intervals of nine months are equal to the cent.",
			"The order inside the repeated hour of autumn (8 intervals a year) is uncertain.",
			"A load in ERCOT settles at its load zone, not at the hub; the difference (basis) is not in this file.",
			"The storm of February 2021 is in it: 383 intervals at 8,000 USD/MWh and more.",
		},
	}}
	for _, r := range rows {
		t.rows = append(t.rows, strings.Join(r, ","))
	}
	return t, nil
}

// air is the air temperature of Houston, as modelled by the weather service.
func air(from string) (table, error) {
	rows, err := source(from, "weather_houston_hourly_2021-2025.csv.gz", "hour_utc", "temp_c")
	if err != nil {
		return table{}, err
	}
	t := table{header: "hour_start_utc,temp_c", facts: facts{
		Name:    "houston_air_2021-2025.csv.gz",
		Content: "Air temperature two metres above ground at Houston (29.77 N, 95.33 W), hourly",
		Units:   "hour_start_utc: the hour, UTC; temp_c: degrees Celsius",
		Span:    "2021-01-01T00:00Z to 2026-01-01T00:00Z, without a gap",
		Origin:  []string{"Weather data by Open-Meteo.com (https://open-meteo.com/), by way of sammikhaylov/ercot-battery-dispatch"},
		Licence: "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), attribution: Weather data by Open-Meteo.com",
		Done:    []string{"The temperature was kept, the five other variables of the origin left out; no value was changed."},
		Notes: []string{
			"A reanalysis of a grid cell, not a reading of a thermometer at a site. It spans -10.9 to 41.7 degrees.",
			"The value of the instant is used for the hour that begins with it.",
		},
	}}
	for _, r := range rows {
		t.rows = append(t.rows, strings.Join(r, ","))
	}
	return t, nil
}
