package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluice/unit"
)

// ccby is how a work under CC BY 4.0 is attributed.
const ccby = "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), attribution: "

// training is the jobs of a shared training cluster, as recorded and simulated
// by the Gavel project: when each came, on how many GPUs, and how long it took.
func training(from string) (table, error) {
	rows, err := source(from, "gavel_msr_jobs.csv", "arrival_s", "gpus", "dur_s_v100")
	if err != nil {
		return table{}, err
	}
	t := table{header: "arrival_s,gpus,duration_s", facts: facts{
		Name:    "gavel_msr_jobs.csv.gz",
		Content: "2,000 training jobs of a shared cluster over 52 days: arrival, GPUs of the gang, duration on V100",
		Units:   "arrival_s: seconds since the first job; gpus: of the whole gang; duration_s: seconds on V100 GPUs, blank where the origin has none",
		Span:    "52.2 days without a calendar; the first ten days are nearly empty",
		Origin:  []string{"stanford-futuredata/gavel (arrivals derived from the Philly trace of Microsoft Research; durations from steps and measured throughputs)"},
		Licence: "MIT, Copyright (c) 2020 Stanford Future Data Systems",
		Done: []string{
			"Arrival, GPUs and duration were kept in whole seconds, model, steps and number left out; no row was left out and none was filled.",
		},
		Notes: []string{
			"373 of the 2,000 rows have no duration, among them every gang of more than 8 GPUs; who uses the file must say what is done about them.",
			"The filled rows come to 112,109 V100 GPU-hours; the median lasts 7.8 hours, a tenth longer than 99 hours.",
			"A trace of one research cluster; no tenant of a hosting hall is in it.",
		},
	}}
	for _, r := range rows {
		row, err := trainingRow(r)
		if err != nil {
			return table{}, err
		}
		t.rows = append(t.rows, row)
	}
	return t, nil
}

func trainingRow(r []string) (string, error) {
	for i, text := range r {
		whole, ok := strings.CutSuffix(text, ".0")
		if _, err := strconv.ParseUint(whole, 10, 32); err != nil && (text != "" || i != 2) || i != 1 && !ok && text != "" {
			return "", fmt.Errorf("job %v: %q is not a number of whole seconds or GPUs", r, text)
		}
		r[i] = whole
	}
	return strings.Join(r, ","), nil
}

// inference is the tokens of two language model services, minute by minute.
func inference(from string) (table, error) {
	t := table{header: "minute,service,requests,context_tokens,generated_tokens", facts: facts{
		Name:    "azure_llm_minutes_2023.csv",
		Content: "Requests and tokens of two language model services by the minute, one hour of one afternoon",
		Units:   "minute: of the clock, UTC; service: code or conversation; requests: begun in the minute; context_tokens, generated_tokens: of those requests",
		Span:    "2023-11-16 18:15 to 19:14 UTC; the first and the last minute of each service are not whole",
		Origin:  []string{"Azure/AzurePublicDataset (AzureLLMInferenceTrace_code and _conv, 2023)"},
		Licence: ccby + "Azure Public Dataset, Microsoft; changed: summed by the minute",
		Done:    []string{"28,185 requests were summed by service and minute of their time stamp; a minute without a request has no row."},
		Notes: []string{
			"One hour shows bursts and neither night nor weekend: whoever stretches it to a week assumes the rest, and must say so.",
		},
	}}
	code, err := source(from, "azure_llm_code_2023.csv", "TIMESTAMP", "ContextTokens", "GeneratedTokens")
	if err != nil {
		return table{}, err
	}
	conversation, err := source(from, "azure_llm_conv_2023.csv", "TIMESTAMP", "ContextTokens", "GeneratedTokens")
	if err != nil {
		return table{}, err
	}
	for _, s := range []struct {
		name string
		rows [][]string
	}{{"code", code}, {"conversation", conversation}} {
		rows, err := byMinute(s.name, s.rows)
		if err != nil {
			return table{}, err
		}
		t.rows = append(t.rows, rows...)
	}
	return t, nil
}

// byMinute sums requests by the minute of their stamp, in order.
func byMinute(service string, requests [][]string) ([]string, error) {
	sums := map[string][3]int64{}
	for _, r := range requests {
		if len(r[0]) < len("2006-01-02 15:04") {
			return nil, fmt.Errorf("%s: %q is no time", service, r[0])
		}
		minute := r[0][:10] + "T" + r[0][11:16] + "Z"
		s := sums[minute]
		s[0]++
		for i := range 2 {
			tokens, err := unit.ParseDecimal(r[1+i], 0)
			if err != nil {
				return nil, fmt.Errorf("%s at %s: %w", service, r[0], err)
			}
			s[1+i] += tokens
		}
		sums[minute] = s
	}
	var out []string
	for minute, s := range sums {
		out = append(out, fmt.Sprintf("%s,%s,%d,%d,%d", minute, service, s[0], s[1], s[2]))
	}
	slices.Sort(out)
	return out, nil
}
