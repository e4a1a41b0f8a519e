package tenant

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"sluice/use/hosting/meter"
)

// JobUse is what one job used in a stretch of time. It explains a bill and is none.
type JobUse struct {
	Contract     string `json:"contract"`
	Job          string `json:"job" doc:"Empty: GPUs of your nodes on which no job ran."`
	GPUSeconds   int64  `json:"gpu_seconds"`
	GPUHours     string `json:"gpu_hours"`
	SliceSeconds int64  `json:"slice_seconds" doc:"Of GPUs that are shared."`
	ITJoules     int64  `json:"it_j" doc:"Energy of machines."`
	AllJoules    int64  `json:"facility_j" doc:"With its part of cooling and losses."`
	AllKWh       string `json:"facility_kwh"`
	Estimated    bool   `json:"estimated" doc:"Some of it was not read."`
}

// usageOfJobs adds up the intervals that begin in the stretch.
func usageOfJobs(c call) (any, error) {
	from, to, err := c.stretch(day, mostUsage)
	if err != nil {
		return nil, err
	}
	only, err := c.wanted()
	if err != nil {
		return nil, err
	}
	all, err := c.server.c.Desk.Work(c.ctx, c.who, from, to)
	if err != nil {
		return nil, err
	}
	out := []JobUse{}
	for _, w := range all {
		if only == "" || only == w.Contract {
			out = append(out, JobUse{
				w.Contract, w.Job, w.GPUSeconds, inHours(w.GPUSeconds, meter.GPUSeconds), w.SliceSeconds, int64(w.IT), int64(w.Facility), inHours(int64(w.Facility), meter.Joules), w.Estimated,
			})
		}
	}
	if c.csv {
		return csvJobs(out)
	}
	return out, nil
}

func csvJobs(all []JobUse) (any, error) {
	rows := [][]string{{"contract", "job", "gpu_seconds", "slice_seconds", "it_j", "facility_j", "estimated"}}
	for _, j := range all {
		rows = append(rows, []string{
			j.Contract, cell(j.Job), strconv.FormatInt(j.GPUSeconds, 10), strconv.FormatInt(j.SliceSeconds, 10), strconv.FormatInt(j.ITJoules, 10), strconv.FormatInt(j.AllJoules, 10), strconv.FormatBool(j.Estimated),
		})
	}
	var b bytes.Buffer
	err := csv.NewWriter(&b).WriteAll(rows)
	return table(b.Bytes()), err
}

// cell keeps a spreadsheet from taking a name for a formula.
func cell(text string) string {
	if strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r") {
		return "'" + text
	}
	return text
}
