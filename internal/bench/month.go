package main

import (
	"fmt"
	"strconv"
	"strings"

	"sluice/replay/report"
)

// month is a local month, put together from the years that hold parts of it.
type month struct {
	label                   string
	hours                   float64
	ours, always, byRevenue float64
}

// months joins the parts of every month. A UTC year begins and ends inside a
// local month, so that its ends are a few hours long.
func months(all []season) []month {
	var out []month
	for _, s := range all {
		ours, always := -1, -1
		for i, p := range s.r.Policies {
			switch p.ID {
			case report.Sluice:
				ours = i
			case report.Always:
				always = i
			}
		}
		for i, m := range s.r.Months {
			end := s.r.Period.To
			if i+1 < len(s.r.Months) {
				end = s.r.Months[i+1].Start
			}
			if len(out) == 0 || out[len(out)-1].label != m.Label {
				out = append(out, month{label: m.Label})
			}
			last := &out[len(out)-1]
			last.hours += end.Sub(m.Start).Hours()
			last.ours, last.always = last.ours+m.Net[ours].Float(), last.always+m.Net[always].Float()
			last.byRevenue += m.Revenue.Float()
		}
	}
	return out
}

// short is by how many percent of its revenue a month earned less than always on.
func (m month) short() float64 {
	if m.byRevenue == 0 {
		return 0
	}
	return 100 * (m.always - m.ours) / m.byRevenue
}

// monthFigures hold every month against always on. A part of less than a day
// whose rest was not replayed is no month.
func monthFigures(all []season) []figure {
	var worst month
	var below, left []string
	n := 0
	for _, m := range months(all) {
		if m.hours < 24 {
			left = append(left, fmt.Sprintf("%s (%.0f h)", m.label, m.hours))
			continue
		}
		if n == 0 || m.short() > worst.short() {
			worst = m
		}
		if m.short() > monthShort {
			below = append(below, fmt.Sprintf("%s by %.3f %%", m.label, m.short()))
		}
		n++
	}
	span := strconv.Itoa(all[0].year)
	if last := all[len(all)-1].year; last != all[0].year {
		span += fmt.Sprintf("-%d", last)
	}
	pack := span + " " + all[0].pack + " "
	how := fmt.Sprintf("%d local months, Sluice against always on", n)
	if len(left) > 0 {
		how += "; left out: " + strings.Join(left, ", ")
	}
	count := figure{Name: pack + "months below", Value: float64(len(below)), Unit: fmt.Sprintf("of %d months", n), How: how + "; " + strings.Join(below, ", ")}
	short := figure{Name: pack + "worst month " + worst.label, Value: worst.short(), Unit: "% of revenue short", How: how + "; negative: Sluice earned more in every month"}
	return []figure{count.atMost(0), short.atMost(monthShort)}
}
