package machine_test

import (
	"testing"

	"sluice/world/machine"
)

func TestParseQuestion(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		q  machine.Question
		ok bool
	}{
		`version`:                                  {machine.Question{Command: "version"}, true},
		"summary|\n":                               {machine.Question{Command: "summary"}, true},
		`ascset|0,softoff,1:5`:                     {machine.Question{Command: "ascset", Parameter: "0,softoff,1:5"}, true},
		`{"command":"stats","new_api":true}`:       {machine.Question{Command: "stats", NewAPI: true}, true},
		`{"command":"a","parameter":"0,1"}`:        {machine.Question{Command: "a", Parameter: "0,1"}, true},
		`{"command":"a","parameter":7}`:            {machine.Question{Command: "a", Parameter: "7"}, true},
		`{"command":"a","parameter":{"b":[1, 2]}}`: {machine.Question{Command: "a", Parameter: `{"b":[1, 2]}`}, true},
		`{}`:              {machine.Question{}, true},
		``:                {machine.Question{}, true},
		`{"command":`:     {machine.Question{}, false},
		`{"command":[1]}`: {machine.Question{}, false},
	} {
		q, err := machine.ParseQuestion([]byte(in))
		if (err == nil) != want.ok || q != want.q {
			t.Errorf("%q: %+v, %v; want %+v", in, q, err, want)
		}
	}
}
