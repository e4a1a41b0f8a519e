package people

import "time"

// pace is how logins that fail are slowed down.
type pace struct {
	free int           // failures in a row that cost nothing
	most time.Duration // the longest wait
}

// Who guesses at one account is slowed to a try in half a minute. Addresses from which
// its owner came in are counted apart, so that guessers elsewhere do not lock them out.
// Who guesses from one address at many accounts waits longer: nobody else sits there.
const (
	accountFree = 4
	addressFree = 10
	accountMost = 30 * time.Second
	addressMost = 15 * time.Minute
	firstWait   = time.Second
	forgotten   = 24 * time.Hour // after which failures are forgotten
	mostTries   = 10_000         // accounts, and addresses, that are remembered
)

// tries are failures in a row.
type tries struct {
	count int
	last  time.Time
}

// Throttle slows guessing down, by account and by address. It is a plain state and is
// for one goroutine; its zero value remembers nothing. Who uses it gives networks of IPv6
// as one address, such as their first 64 bits.
type Throttle struct {
	accounts, addresses map[string]tries
	homes               map[string]bool // account and address from which its owner came in
}

// Try asks whether a login may be tried now. Zero: it may, and it counts as failed until
// Passed says otherwise, so that many at once are not one. Else it is how long to wait,
// and nothing is counted.
func (t *Throttle) Try(account, address string, now time.Time) time.Duration {
	if t.accounts == nil {
		*t = Throttle{map[string]tries{}, map[string]tries{}, map[string]bool{}}
	}
	account = t.counted(account, address)
	byAccount, byAddress := paces()
	wait := max(byAccount.wait(t.accounts[account], now), byAddress.wait(t.addresses[address], now))
	if wait <= 0 {
		byAccount.count(t.accounts, account, now)
		byAddress.count(t.addresses, address, now)
	}
	return wait
}

// counted is under what the tries at an account from an address are counted.
func (t *Throttle) counted(account, address string) string {
	if home := account + "\x00" + address; t.homes[home] {
		return home
	}
	return account
}

// Passed takes the last try back: it was the right person. The account begins anew; of
// the address only this try is forgotten, so that an account of one's own does not help
// to guess at others.
func (t *Throttle) Passed(account, address string) {
	delete(t.accounts, t.counted(account, address))
	if len(t.homes) >= mostTries {
		clear(t.homes) // the next logins fill it again
	}
	t.homes[account+"\x00"+address] = true
	if x, ok := t.addresses[address]; ok {
		x.count--
		t.addresses[address] = x
		if x.count <= 0 {
			delete(t.addresses, address)
		}
	}
}

func paces() (account, address pace) {
	return pace{accountFree, accountMost}, pace{addressFree, addressMost}
}

// wait is how long is left to wait. A clock that was set back makes it no longer than
// the longest wait.
func (p pace) wait(x tries, now time.Time) time.Duration {
	if x.count < p.free || now.Sub(x.last) >= forgotten {
		return 0
	}
	delay := p.most
	if n := x.count - p.free; n < 16 {
		delay = min(p.most, firstWait<<n)
	}
	return min(delay, max(0, delay-now.Sub(x.last)))
}

func (p pace) count(all map[string]tries, key string, now time.Time) {
	x := all[key]
	if now.Sub(x.last) >= forgotten {
		x.count = 0
	}
	if _, known := all[key]; !known && len(all) >= mostTries {
		p.forget(all)
	}
	all[key] = tries{count: min(x.count+1, 1<<20), last: now}
}

// forget drops who is free soonest, so that who guesses a lot is remembered.
func (p pace) forget(all map[string]tries) {
	var which string
	var soonest time.Time
	for key, x := range all {
		free := x.last.Add(p.wait(x, x.last))
		if which == "" || free.Before(soonest) || free.Equal(soonest) && key < which {
			which, soonest = key, free
		}
	}
	delete(all, which)
}
