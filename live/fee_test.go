package live

import (
	"slices"
	"testing"

	"sluice/device"
	"sluice/loop/verify"
)

// TestDevelopersFeeIsNamedOnce: a slot that the firmware calls its maker's fee is
// told of once for a group and troubles nobody; one that only has such a name is a stranger.
func TestDevelopersFeeIsNamedOnce(t *testing.T) {
	t.Parallel()
	list, err := verify.Allow("pool.example:3333", "site.*")
	if err != nil {
		t.Fatal(err)
	}
	own := device.Pool{URL: "pool.example:3333", Worker: "site.1"}
	for sentence, c := range map[string]struct {
		slot device.Pool
		want Trouble
		told []string
	}{
		"only ours":                    {own, Fine, nil},
		"the maker's":                  {device.Pool{URL: "DevFee", Worker: "DevFee", Fee: true}, Fine, []string{"pool_developer"}},
		"a thief who calls himself so": {device.Pool{URL: "evil.example:3333", Worker: "devfee"}, OtherPool, []string{"pool_developer", "pool_not_allowed"}},
		"a thief":                      {device.Pool{URL: "evil.example:3333", Worker: "x"}, OtherPool, []string{"pool_stranger", "pool_not_allowed"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k, _ := lane(t, 2, Memory{})
			k.cfg.Pools, k.machines[0].trouble, k.out = []verify.Allowed{list}, Fine, nil
			for range 3 { // three readings, told once
				k.pools(0, device.Reading{Pools: []device.Pool{own, c.slot}})
			}
			if c.slot.Fee { // a neighbour of the same group pays it too
				k.pools(1, device.Reading{Pools: []device.Pool{own, c.slot}})
			}
			var told []string
			for _, d := range k.out {
				if a, is := d.(Alarm); is {
					told = append(told, a.Code)
				}
			}
			if k.machines[0].trouble != c.want || !slices.Equal(told, c.told) {
				t.Errorf("state %q, told %v; want %q, %v", k.machines[0].trouble, told, c.want, c.told)
			}
		})
	}
}
