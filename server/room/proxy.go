package room

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// forwarded is the header in which proxies say for whom they ask.
const forwarded = "X-Forwarded-For"

// mostHops is how many addresses of that header are looked at, from its end.
const mostHops = 16

// behind gives each request the address of its visitor where it comes from a proxy that
// was named. Of anybody else the header is not believed: who asks can write it.
func (r *Room) behind(next http.Handler) http.Handler {
	if len(r.cfg.Proxies) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if at, is := visitorBehind(req, r.cfg.Proxies); is {
			own := *req
			own.RemoteAddr = net.JoinHostPort(at.String(), "0")
			req = &own
		}
		next.ServeHTTP(w, req)
	})
}

// visitorBehind is the last address of the header that is no proxy of ours; false: the
// request comes from none, or says nothing that can be read, and is the proxy's own.
func visitorBehind(req *http.Request, proxies []netip.Prefix) (netip.Addr, bool) {
	ours := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	from, err := netip.ParseAddr(addressOf(req.RemoteAddr))
	if err != nil || !ours(from.Unmap().WithZone("")) {
		return netip.Addr{}, false
	}
	said := strings.Split(strings.Join(req.Header.Values(forwarded), ","), ",")
	for i, text := range slices.Backward(said) {
		a, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil || len(said)-i > mostHops {
			return netip.Addr{}, false
		}
		if a = a.Unmap().WithZone(""); !ours(a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}
