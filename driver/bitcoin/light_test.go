package bitcoin

import (
	"context"
	"errors"
	"testing"
	"time"

	node "sluice/internal/regtest"
)

// TestLightAlone: what was read is there after a restart without any peer; what
// was not is waited for until the caller gives up; after Close nothing hangs.
func TestLightAlone(t *testing.T) {
	t.Parallel()
	pool, folder := poolPurse(t), t.TempDir()
	g := startBtcd(t, pool.addr)
	last := g.mine(5)
	open := func(peer string) *Light {
		l, err := OpenLight(t.Context(), LightConfig{Network: Regtest, Folder: folder, Peers: []string{peer}})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := open(g.peer)
	eventually(t, "the light client has read five headers", func() bool { tip, err := l.Tip(t.Context()); return err == nil && tip.Hash == last })
	eventually(t, "it says so", l.Current)
	if n := l.Peers(); n != 1 {
		t.Errorf("%d peers", n)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(node.Port(t)) // nobody is there
	if tip, err := l.Tip(t.Context()); err != nil || tip.Hash != last {
		t.Errorf("after a restart the tip is %v: %v", tip, err)
	}
	target, err := ParseTarget(pool.addr.EncodeAddress(), Regtest)
	if err != nil {
		t.Fatal(err)
	}
	w := Watch{Network: Regtest, Targets: []Target{target}}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := Update(ctx, l, w, Seen{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without peers: %v", err)
	}
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Error(err)
	}
	if _, _, err := Update(t.Context(), l, w, Seen{}); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}
