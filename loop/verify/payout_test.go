package verify

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	gocmp "github.com/google/go-cmp/cmp"

	"sluice/device"
)

func allowed(t *testing.T, address, worker string, fee bool) Allowed {
	t.Helper()
	a, err := Allow(address, worker)
	if err != nil {
		t.Fatal(err)
	}
	a.Fee = fee
	return a
}

func TestPools(t *testing.T) {
	t.Parallel()
	list := []Allowed{
		allowed(t, "stratum+tcp://pool.example:3333", "site.*", false),
		allowed(t, "stratum+ssl://sealed.example", "site.*", false),
		allowed(t, "any.example:700", "*", false),
		allowed(t, "stratum2+tcp://v2.example:3336/9abc", "*", false),
		allowed(t, "stratum+tcp://fee.example:3333", "*", true),
	}
	for sentence, c := range map[string]struct {
		url, worker string
		want        Code
	}{
		"as on the list":                       {"stratum+tcp://pool.example:3333", "site.a1", ""},
		"host in capitals, last dot":           {"STRATUM+TCP://Pool.Example.:3333", "site.a1", ""},
		"no scheme":                            {"pool.example:3333", "site.a1", ""},
		"the usual port is left out":           {"stratum+tcp://pool.example", "site.a1", ""},
		"a path that v1 ignores":               {"stratum+tcp://pool.example:3333/#xnsub", "site.a1", ""},
		"list without scheme":                  {"stratum+ssl://any.example:700", "who", ""},
		"sealed, its usual port":               {"ssl://sealed.example:443", "site.a1", ""},
		"stratum 2 with its key":               {"stratum2+tcp://v2.example:3336/9abc", "x", ""},
		"stratum 2 with another key":           {"stratum2+tcp://v2.example:3336/evil", "x", PoolStranger},
		"plain where sealed is asked":          {"stratum+tcp://sealed.example:443", "site.a1", PoolStranger},
		"another port":                         {"stratum+tcp://pool.example:3334", "site.a1", PoolStranger},
		"another worker":                       {"stratum+tcp://pool.example:3333", "thief.a1", PoolStranger},
		"a worker in capitals is another":      {"stratum+tcp://pool.example:3333", "Site.a1", PoolStranger},
		"a worker that only contains ours":     {"stratum+tcp://pool.example:3333", "x.site.a1", PoolStranger},
		"the worker is not stated":             {"stratum+tcp://pool.example:3333", "", PoolUnstated},
		"a longer host":                        {"stratum+tcp://pool.example.evil.example:3333", "site.a1", PoolStranger},
		"our pool as a user before the host":   {"stratum+tcp://pool.example:3333@evil.example:3333", "site.a1", PoolUnreadable},
		"our pool, then a backslash":           {`stratum+tcp://pool.example\.evil.example:3333`, "site.a1", PoolUnreadable},
		"a letter that looks like another":     {"stratum+tcp://pооl.example:3333", "site.a1", PoolUnreadable},
		"escapes":                              {"stratum+tcp://pool%2eexample:3333", "site.a1", PoolUnreadable},
		"a line end":                           {"stratum+tcp://pool.example:3333\nX", "site.a1", PoolUnreadable},
		"a port beyond all":                    {"stratum+tcp://pool.example:93333", "site.a1", PoolUnreadable},
		"the web":                              {"http://pool.example:3333", "site.a1", PoolUnreadable},
		"an empty slot":                        {"", "", ""},
		"an empty slot with a worker left":     {" ", "site.a1", ""},
		"the maker's, as it calls itself":      {"DevFee", "DevFee", PoolDeveloper},
		"a thief who calls himself a fee":      {"stratum+tcp://evil.example:3333", "dev-fee", PoolDeveloper},
		"the maker's, on the list":             {"stratum+tcp://fee.example:3333", "x", PoolDeveloper},
		"megabytes of worker":                  {"stratum+tcp://any.example:700", strings.Repeat("x", 1<<20), PoolStranger},
		"a bare scheme":                        {"stratum+tcp://", "site.a1", PoolUnreadable},
		"version 6":                            {"stratum+tcp://[2001:DB8::1]:3333", "site.a1", PoolStranger},
		"version 6 without a bracket":          {"stratum+tcp://2001:db8::1:3333", "site.a1", PoolUnreadable},
		"a plus before the port":               {"stratum+tcp://pool.example:+3333", "site.a1", PoolUnreadable},
		"a fee whose name only starts like it": {"stratum+tcp://evil.example:3333", "device-1", PoolStranger},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			var got Code
			found := Pools([]device.Pool{{URL: "pool.example:3333", Worker: "site.x"}, {URL: c.url, Worker: c.worker}}, list)
			if len(found) > 0 {
				got = found[0].Code
				if found[0].Evidence.Slot != 1 || len(found[0].Evidence.Text) > 900 {
					t.Errorf("slot %d, %d bytes of text", found[0].Evidence.Slot, len(found[0].Evidence.Text))
				}
			}
			if got != c.want || len(found) > 1 {
				t.Errorf("found %v, want %q", found, c.want)
			}
		})
	}
	if got := Pools([]device.Pool{{URL: "DevPool", Worker: "x", Fee: true}, {URL: "pool.example:3333", Worker: "site.x", Fee: true}}, list); len(got) != 1 || got[0].Code != PoolDeveloper {
		t.Errorf("a slot that the firmware calls a fee, and one of ours that it calls so: %v", got)
	}
	if got := Pools(nil, list); len(got) != 1 || got[0].Code != PoolUnstated {
		t.Errorf("a machine that states no pools: %v", got)
	}
	if got := Pools([]device.Pool{{URL: "pool.example:3333", Worker: "site.x"}}, nil); len(got) != 1 || got[0].Code != PoolStranger {
		t.Errorf("an empty list allows nothing: %v", got)
	}
}

// TestSimplerPoolChecksFail: each hostile address passes a check that is often
// seen, and not this one.
func TestSimplerPoolChecksFail(t *testing.T) {
	t.Parallel()
	list := []Allowed{allowed(t, "stratum+tcp://pool.example:3333", "site.*", false)}
	for url, naive := range map[string]func(string) bool{
		"stratum+tcp://pool.example:3333.evil.example:3333": func(u string) bool { return strings.HasPrefix(u, "stratum+tcp://pool.example:3333") },
		"stratum+tcp://evil.example:3333/pool.example:3333": func(u string) bool { return strings.Contains(u, "pool.example:3333") },
	} {
		if !naive(url) {
			t.Errorf("%s does not deceive the simple check", url)
		}
		if len(Pools([]device.Pool{{URL: url, Worker: "site.a"}}, list)) == 0 {
			t.Errorf("%s passes", url)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true},
		{"*", "a", true},
		{"a*", "a", true},
		{"a*c", "abbc", true},
		{"a*c", "abcb", false},
		{"*.x.*", "a.x.b", true},
		{"a**b", "ab", true},
		{"a", "ab", false},
		{"ab", "a", false},
		{"*a*a*a*b", strings.Repeat("a", 500), false},
	} {
		if got := matches(c.pattern, c.name); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.name, got)
		}
	}
}

func TestAllowRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"", "x"}, {"ftp://x", "x"}, {"x:1", ""}, {"*.example:1", "x"}, {"x:1", strings.Repeat("x", 1000)}} {
		if _, err := Allow(c[0], c[1]); err == nil {
			t.Errorf("%v is allowed", c)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	got := Clean("a\x1b[31m\u202eb\n\xff" + strings.Repeat("é", 5000))
	if !strings.HasPrefix(got, "a?[31m?b??é") || len([]rune(got)) != textMost+3 || strings.ContainsFunc(got, unicode.IsControl) {
		t.Errorf("%q", got)
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"stratum+tcp://pool.example:3333", "ssl://[::1]:1", "a", "stratum2+tcp://x/9a?b#c", "a@b:1", "://", "[", "[:]x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAddress(text)
		if err != nil {
			if strings.ContainsFunc(err.Error(), unicode.IsControl) || len(err.Error()) > 1500 {
				t.Errorf("the error is not safe to print: %q", err)
			}
			return
		}
		again, err := ParseAddress(a.String())
		if err != nil || !gocmp.Equal(again, a) {
			t.Errorf("%q is %+v, and read back %+v, %v", text, a, again, err)
		}
		if a.Host == "" || a.Port < 1 || a.Port > 65535 || a.Host != strings.ToLower(a.Host) {
			t.Errorf("%q is %+v", text, a)
		}
		if slices.Contains([]byte(text), '@') {
			t.Errorf("%q has a name before the host", text)
		}
		if !a.allows(again) {
			t.Errorf("%+v does not allow itself", a)
		}
	})
}
