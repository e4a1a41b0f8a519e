package scan_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/driver/scan"
	"sluice/driver/wire"
	"sluice/internal/loopback"
)

// book is a driver that knows some addresses by heart and counts its callers.
type book struct {
	family device.Family
	macs   map[string]string
	other  error // what it says of the rest
	asked  atomic.Int64
	busy   atomic.Int64
	most   atomic.Int64
}

func (b *book) Probe(ctx context.Context, a device.Address) (device.Identity, error) {
	b.asked.Add(1)
	at := b.busy.Add(1)
	defer b.busy.Add(-1)
	for {
		most := b.most.Load()
		if at <= most || b.most.CompareAndSwap(most, at) {
			break
		}
	}
	if mac, ok := b.macs[a.Host]; ok {
		return device.Identity{Family: b.family, MAC: mac}, nil
	}
	if errors.Is(b.other, context.DeadlineExceeded) {
		<-ctx.Done()
		return device.Identity{}, ctx.Err()
	}
	return device.Identity{}, fmt.Errorf("probe %s: %w", a.Host, b.other)
}

func (*book) Open(context.Context, device.Address, device.Identity, device.Credential) (device.Device, error) {
	return nil, errors.New("a scan opens nothing")
}

// street opens a port on the addresses of 127.0.0.0/8 and hangs up on everybody.
func street(t *testing.T) int {
	t.Helper()
	return loopback.Serve(t, "0.0.0.0", func(net.Conn) {})
}

func network(t *testing.T, prefix string) *wire.Network {
	t.Helper()
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix(prefix)}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestScan(t *testing.T) {
	t.Parallel()
	first := &book{family: device.LuxOS, other: device.ErrNotMine, macs: map[string]string{"127.9.0.3": "02:00:00:00:00:03", "127.9.0.9": "02:00:00:00:00:03"}}
	second := &book{family: device.Antminer, other: device.ErrNotMine, macs: map[string]string{"127.9.0.3": "02:ff:00:00:00:03", "127.9.0.2": ""}}
	told := 0
	o := scan.Options{Rate: 1 << 20, Parallel: 3, Ports: []int{street(t)}, Progress: func(done, total int) {
		if told++; done != told || total != 14 {
			t.Errorf("told %d of %d after %d", done, total, told)
		}
	}}
	r, err := scan.Scan(t.Context(), network(t, "127.9.0.0/16"), []device.Driver{first, second}, netip.MustParsePrefix("127.9.0.0/28"), o)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	var order []string
	for _, f := range r.Found {
		order = append(order, f.Address.Host)
		if f.Err == nil {
			got[f.Address.Host] = string(f.Identity.Family)
		} else if !errors.Is(f.Err, scan.ErrStranger) || f.Driver != nil {
			t.Errorf("%s: %v", f.Address.Host, f.Err)
		}
	}
	if diff := cmp.Diff(map[string]string{"127.9.0.2": "antminer", "127.9.0.3": "luxos", "127.9.0.9": "luxos"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]scan.Twin{{Key: "02:00:00:00:00:03", Hosts: []string{"127.9.0.3", "127.9.0.9"}}}, r.Twins); diff != "" {
		t.Error(diff)
	}
	inOrder := slices.IsSortedFunc(order, func(a, b string) int { return netip.MustParseAddr(a).Compare(netip.MustParseAddr(b)) })
	if r.Asked != 14 || told != 14 || len(r.Found) != 14 || !inOrder {
		t.Errorf("asked %d, told %d, found %v", r.Asked, told, order)
	}
	if first.asked.Load() != 14 || second.asked.Load() != 12 {
		t.Errorf("the drivers were asked %d and %d times: a certain hit ends the questions", first.asked.Load(), second.asked.Load())
	}
	if first.most.Load() > 3 {
		t.Errorf("%d addresses at once, at most 3", first.most.Load())
	}
}

// TestWhoIsThere: what the drivers say decides what an address is called.
func TestWhoIsThere(t *testing.T) {
	t.Parallel()
	port := street(t)
	for what, c := range map[string]struct {
		ports []int
		says  error
		mute  int
		err   error
	}{
		"nobody":                       {[]int{closed(t)}, device.ErrNotMine, 0, nil},
		"another dialect":              {[]int{port}, device.ErrNotMine, 0, scan.ErrStranger},
		"silence":                      {[]int{closed(t), port}, context.DeadlineExceeded, 0, scan.ErrUnclear},
		"everybody is hung up on":      {[]int{port}, errHungUp, 1, nil},
		"an answer that nobody judges": {[]int{port}, errors.New("starting"), 0, scan.ErrUnclear},
	} {
		b := &book{other: c.says}
		r, err := scan.Scan(t.Context(), network(t, "127.9.1.1/32"), []device.Driver{b}, netip.MustParsePrefix("127.9.1.1/32"), scan.Options{Ports: c.ports, Timeout: 50 * time.Millisecond})
		if err != nil || r.Asked != 1 || r.Mute != c.mute || (len(r.Found) == 1) != (c.err != nil) {
			t.Errorf("%s: %+v, %v", what, r, err)
			continue
		}
		if c.err != nil && !errors.Is(r.Found[0].Err, c.err) {
			t.Errorf("%s: %v", what, r.Found[0].Err)
		}
	}
}

// closed is a port on which nobody listens.
func closed(t *testing.T) int {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // that is the point
	_, p, _ := net.SplitHostPort(l.Addr().String())
	port, _ := strconv.Atoi(p)
	return port
}

// TestBounds: nothing outside the declared networks is asked, nothing endless
// is begun, and an end of the context is one.
func TestBounds(t *testing.T) {
	t.Parallel()
	b := &book{other: device.ErrNotMine}
	drivers := []device.Driver{b}
	for what, c := range map[string]struct {
		prefix string
		limit  int
		err    error
	}{
		"another network":               {"127.8.0.0/30", 0, wire.ErrOutside},
		"a network around the declared": {"127.9.0.0/15", 0, wire.ErrOutside},
		"too many":                      {"127.9.0.0/24", 100, nil},
	} {
		if _, err := scan.Scan(t.Context(), network(t, "127.9.0.0/16"), drivers, netip.MustParsePrefix(c.prefix), scan.Options{Limit: c.limit}); err == nil || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := scan.Scan(t.Context(), network(t, "127.9.0.0/16"), drivers, netip.Prefix{}, scan.Options{}); err == nil {
		t.Error("no prefix was scanned")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := scan.Scan(ctx, network(t, "127.9.0.0/16"), drivers, netip.MustParsePrefix("127.9.0.0/24"), scan.Options{}); !errors.Is(err, context.Canceled) || r.Asked != 0 {
		t.Errorf("after the end: %+v, %v", r, err)
	}
	if b.asked.Load() != 0 {
		t.Errorf("%d addresses were asked", b.asked.Load())
	}
}

// TestRate: so many addresses a second are begun, and no more.
func TestRate(t *testing.T) {
	t.Parallel()
	b := &book{other: device.ErrNotMine}
	begin := time.Now()
	if _, err := scan.Scan(t.Context(), network(t, "127.9.2.0/24"), []device.Driver{b}, netip.MustParsePrefix("127.9.2.0/28"), scan.Options{Rate: 100, Ports: []int{street(t)}}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took < 130*time.Millisecond {
		t.Errorf("14 addresses at 100 a second took %v, at least 130 ms", took)
	}
}

// errHungUp is how an exchange ends when the other side closes at once.
var errHungUp = fmt.Errorf("read: %w", io.EOF)
