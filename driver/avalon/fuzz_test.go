package avalon

import (
	"testing"

	"sluice/device"
	"sluice/driver/wire"
)

// FuzzAnswers reads every kind of answer from any bytes: whatever comes out is
// bounded and makes sense.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"STATUS":[{"STATUS":"S","When":1}],"STATS":[{"MM ID0":"SYSTEMSTATU[Work: In Idle] GHSspd[0] SoftOFF[5] PS[0 1 0 0 0 1 11]"}]}`))
	f.Add([]byte(`{"STATS":{"MM ID0:Summary":"'STATS':{WALLPOWER[12 W] MPO[1e3] Elapsed[-1] Fan1[%]}"},"SUMMARY":[{"MHS 1m":"5"}],"POOLS":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		said(b)
		tree, err := wire.Parse(b)
		if err != nil {
			return
		}
		var r device.Reading
		found := blobOf(tree)
		found.fill(&r)
		fillSummary(tree, &r)
		fillPools(tree, &r)
		if len(found) > keysMax || len(r.Pools) > poolsMax || len(r.Fans) > 8 {
			t.Errorf("%d pairs, %d pools, %d fans", len(found), len(r.Pools), len(r.Fans))
		}
		if r.Power.Value < 0 || r.Hash.Value < 0 || r.Uptime.Value < 0 || r.Limit.Value < 0 {
			t.Errorf("below zero: %+v", r)
		}
		if r.Activity == device.Stated(device.Asleep) && (r.Hash.Value != 0 || r.Intent != r.Activity) {
			t.Errorf("asleep without an order or with an effect: %+v", r)
		}
	})
}

// FuzzPairs splits any text: no value holds a bracket, no key a space.
func FuzzPairs(f *testing.F) {
	f.Add("Ver[1346-110] SYSTEMSTATU[Work: In Work, Hash Board: 3 ] 'X':{A[1]B[2]}")
	f.Add("[[]] ] a[ b]")
	f.Fuzz(func(t *testing.T, s string) {
		for k, v := range pairs(s) {
			for _, c := range k {
				if c == ' ' || c == '[' || c == ']' {
					t.Errorf("%q gave the key %q", s, k)
				}
			}
			for _, c := range v {
				if c == ']' {
					t.Errorf("%q gave the value %q", s, v)
				}
			}
		}
	})
}
