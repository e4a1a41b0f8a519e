package object_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluice/object"
)

// spec is a value from JSON.
func spec(tb testing.TB, text string) object.Value {
	tb.Helper()
	var v object.Value
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return v
}

func made(tb testing.TB, k object.Kind, name, site, text string) object.Object {
	tb.Helper()
	return object.Object{APIVersion: object.APIVersion, Kind: k, Metadata: object.Metadata{Name: name, Site: site}, Spec: spec(tb, text)}
}

// TestRisk: what changes, and how many people it takes.
func TestRisk(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		kind          object.Kind
		before, after string
		want          object.Class
	}{
		"nothing":                                {object.Site, `{"a":1}`, `{"a":1.0}`, object.None},
		"the connection is raised":               {object.Site, `{"connection":{"import_limit_mw":60}}`, `{"connection":{"import_limit_mw":60.000001}}`, object.Raise},
		"the connection is lowered":              {object.Site, `{"connection":{"import_limit_mw":60}}`, `{"connection":{"import_limit_mw":9}}`, object.Lower},
		"feeding in is allowed":                  {object.Site, `{"connection":{"import_limit_mw":60}}`, `{"connection":{"import_limit_mw":60,"export_limit_mw":1}}`, object.Raise},
		"feeding in is forbidden":                {object.Site, `{"connection":{"export_limit_mw":5}}`, `{"connection":{}}`, object.Lower},
		"the rating is left out":                 {object.Site, `{"connection":{"rating_mw":60}}`, `{"connection":{}}`, object.Raise},
		"a feeder is raised among others":        {object.Site, `{"feeders":[{"name":"a","limit_mw":5},{"name":"b","limit_mw":5}]}`, `{"feeders":[{"name":"b","limit_mw":6},{"name":"a","limit_mw":5}]}`, object.Raise},
		"a hall is lowered":                      {object.Site, `{"halls":[{"name":"a","limit_mw":5}]}`, `{"halls":[{"name":"a","limit_mw":4}]}`, object.Lower},
		"a hall gets another name and more":      {object.Site, `{"halls":[{"name":"a","limit_mw":5}]}`, `{"halls":[{"name":"b","limit_mw":9}]}`, object.Raise},
		"a hall hangs on another feeder":         {object.Site, `{"halls":[{"name":"a","feeder":"x"}]}`, `{"halls":[{"name":"a","feeder":"y"}]}`, object.Raise},
		"a group ramps faster":                   {object.Site, `{"groups":[{"name":"a","ramp_mw_per_minute":1}]}`, `{"groups":[{"name":"a","ramp_mw_per_minute":2}]}`, object.Raise},
		"a ramp without bound":                   {object.Site, `{"groups":[{"name":"a","ramp_mw_per_minute":1}]}`, `{"groups":[{"name":"a","ramp_mw_per_minute":0}]}`, object.Raise},
		"a ramp gets a bound":                    {object.Site, `{"groups":[{"name":"a"}]}`, `{"groups":[{"name":"a","ramp_mw_per_minute":3}]}`, object.Lower},
		"more machines wake":                     {object.Site, `{"control":{}}`, `{"control":{"wakes_per_feeder":51}}`, object.Raise},
		"fewer machines wake":                    {object.Site, `{"control":{}}`, `{"control":{"wakes_per_feeder":49}}`, object.Lower},
		"power falls slower":                     {object.Site, `{"control":{"shed_seconds":60}}`, `{"control":{"shed_seconds":90}}`, object.Raise},
		"power falls faster":                     {object.Site, `{"control":{"shed_seconds":60}}`, `{"control":{"shed_seconds":30}}`, object.SetUp},
		"machines are overclocked":               {object.Site, `{"groups":[{"name":"a"}]}`, `{"groups":[{"name":"a","overclock":true}]}`, object.Raise},
		"a group comes":                          {object.Site, `{"groups":[{"name":"a"}]}`, `{"groups":[{"name":"a"},{"name":"b","max_power_w":3500,"count":9}]}`, object.SetUp},
		"a group has more machines":              {object.Site, `{"groups":[{"name":"a","count":9}]}`, `{"groups":[{"name":"a","count":10}]}`, object.SetUp},
		"a machine may draw more":                {object.Site, `{"groups":[{"name":"a","max_power_w":9}]}`, `{"groups":[{"name":"a","max_power_w":10}]}`, object.Raise},
		"a transformer ratio":                    {object.Site, `{"control":{"meters":[{"name":"r","current_transformer":"2000/5"}]}}`, `{"control":{"meters":[{"name":"r","current_transformer":"1000/5"}]}}`, object.Raise},
		"another pool":                           {object.Site, `{"control":{"pools":[{"url":"a","worker":"w"}]}}`, `{"control":{"pools":[{"url":"b","worker":"w"}]}}`, object.Payee},
		"another worker, and a lower limit":      {object.Site, `{"control":{"pools":[{"url":"a","worker":"w"}]},"must_run_mw":2}`, `{"control":{"pools":[{"url":"a","worker":"v"}]},"must_run_mw":1}`, object.Payee},
		"a price":                                {object.Site, `{"contracts":{"spot":{"import_adder_per_mwh":1}}}`, `{"contracts":{"spot":{"import_adder_per_mwh":2}}}`, object.SetUp},
		"a cap on carbon goes":                   {object.Site, `{"contracts":{"carbon":{"cap_kg_per_plan":9}}}`, `{"contracts":{"carbon":{}}}`, object.Raise},
		"a limit that nobody classed rises":      {object.Site, `{"battery":{"charge_limit_mw":1}}`, `{"battery":{"charge_limit_mw":2}}`, object.Raise},
		"one that is no number changes":          {object.Site, `{"battery":{"chargeLimit":"low"}}`, `{"battery":{"chargeLimit":"high"}}`, object.Raise},
		"a limit that nobody classed falls":      {object.Site, `{"battery":{"max_power_mw":2}}`, `{"battery":{"max_power_mw":"1"}}`, object.Lower},
		"a payee that nobody classed":            {object.Site, `{"fees":{"payee":"a"}}`, `{"fees":{"payee":"b"}}`, object.Payee},
		"a bank":                                 {object.Entity, `{"bank":"a"}`, `{"bank":"b"}`, object.Payee},
		"who lends":                              {object.Entity, `{"debt":[{"name":"x","lender":"a","limit":"1"}]}`, `{"debt":[{"name":"x","lender":"b","limit":"1"}]}`, object.Payee},
		"how much is lent":                       {object.Entity, `{"debt":[{"name":"x","limit":"1"}]}`, `{"debt":[{"name":"x","limit":"2"}]}`, object.SetUp},
		"a scale of a meter":                     {object.MeterTemplate, `{"reads":{"active_power":{"scale":0.1}}}`, `{"reads":{"active_power":{"scale":0.01}}}`, object.Raise},
		"what is odd of a meter":                 {object.MeterTemplate, `{"caveats":["a"]}`, `{"caveats":["a","b"]}`, object.SetUp},
		"an input of a quote":                    {object.Quote, `{"inputs":{"gpu_kw":1}}`, `{"inputs":{"gpu_kw":2}}`, object.SetUp},
		"a mailbox":                              {object.Contact, `{"address":"a@b"}`, `{"address":"c@b"}`, object.SetUp},
		"a flood":                                {object.Policy, `{"alarms":{"flood_per_10_minutes":10}}`, `{"alarms":{"flood_per_10_minutes":20}}`, object.SetUp},
		"a role":                                 {object.GroupRole, `{"role":"admin"}`, `{"role":"viewer"}`, object.Grant},
		"a kind that nobody knows":               {"Rig", `{"a":1}`, `{"a":2}`, object.Grant},
		"an entry without name before the other": {object.Site, `{"hosting":{"halls":[{"servers":[{"name":"s","rack_limit_w":9}]}]}}`, `{"hosting":{"halls":[{"servers":[{"name":"s","rack_limit_w":10}]}]}}`, object.Raise},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			fields := object.Diff(made(t, c.kind, "a", "", c.before), made(t, c.kind, "a", "", c.after))
			if got := object.Risk(c.kind, object.Update, fields); got != c.want {
				t.Errorf("%v, want %v: %+v", got, c.want, fields)
			}
			for i := range fields { // as they come back from a page: path and texts alone
				fields[i] = object.Field{Path: fields[i].Path, Before: fields[i].Before, After: fields[i].After}
			}
			if got := object.Risk(c.kind, object.Update, fields); got < c.want {
				t.Errorf("without its shape it is %v, want %v: %+v", got, c.want, fields)
			}
		})
	}
}

// TestDiffNamesFields: by the names of entries, and with the order where it changed.
func TestDiffNamesFields(t *testing.T) {
	t.Parallel()
	before := made(t, object.Site, "a", "", `{"feeders":[{"name":"x","limit_mw":5},{"name":"y","limit_mw":5}],"notes":["old"],"currency":"USD","off":[]}`)
	after := made(t, object.Site, "a", "", `{"feeders":[{"name":"y","limit_mw":4.50},{"name":"x","limit_mw":5}],"notes":["old","12:30"],"currency":"EUR","off":[]}`)
	after.Metadata.Labels, after.Metadata.Version = map[string]string{"team": "a"}, 9
	var got []string
	for _, f := range object.Diff(before, after) {
		got = append(got, fmt.Sprintf("%s: %s -> %s (%s)", f.Path, f.Before, f.After, f.Risk))
	}
	want := []string{
		"metadata.labels.team:  -> a (setup)", "spec.currency: USD -> EUR (setup)", "spec.feeders[y].limit_mw: 5 -> 4.5 (lower)",
		"spec.feeders.order: x, y -> y, x (setup)", `spec.notes[12:30]:  -> "12:30" (setup)`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
