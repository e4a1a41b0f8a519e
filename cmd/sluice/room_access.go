package main

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sluice/server/room"
)

// accessFlags say how people come to a control room: by whom they sign in, and what
// stands before it.
type accessFlags struct {
	oidc, sealKey string
	behindTLS     bool
	proxies       []string
}

// bind declares them, with those of certificates.
func (f *accessFlags) bind(c *cobra.Command, at *room.Address) {
	l := c.Flags()
	l.StringVar(&at.Cache, "acme-cache", "", "folder in which fetched certificates are kept (default: acme in --data)")
	l.StringVar(&at.Directory, "acme-directory", "", "URL of the authority that gives them, by RFC 8555 (default: Let's Encrypt)")
	l.StringVar(&f.oidc, "oidc", "", "YAML file with the providers by which people may sign in (docs/people.md); takes --public")
	l.StringVar(&f.sealKey, "seal-key", "", "file with the key or the passphrase that opens their sealed secrets")
	l.BoolVar(&f.behindTLS, "behind-tls", false, "a proxy before it ends TLS: cookies are sent by TLS alone; takes --public")
	l.StringSliceVar(&f.proxies, "proxy", nil, "addresses or networks of proxies that say for whom they ask (X-Forwarded-For); nobody else is believed")
}

// access is how people come to a control room.
type access struct {
	hosts     []string
	providers []room.Provider
	proxies   []netip.Prefix
	behind    bool // a proxy ends TLS
}

// reached reads what the flags say. Every fault is named.
func (f *roomFlags) reached() (access, error) {
	a := access{hosts: f.hosts, behind: f.access.behindTLS}
	var all []error
	if len(f.address.ACME) > 0 && f.address.Cache == "" {
		f.address.Cache = filepath.Join(f.data, "acme")
	}
	if len(f.address.ACME) == 0 && (f.address.Cache != "" || f.address.Directory != "" || f.address.Mail != "") {
		all = append(all, errors.New("--acme-cache, --acme-directory and --acme-mail go with --acme NAME: say for which name a certificate is fetched"))
	}
	public, err := url.Parse(f.public)
	if err == nil && public.Host != "" && !slices.Contains(a.hosts, public.Host) {
		a.hosts = append(slices.Clone(a.hosts), public.Host)
	}
	if a.behind && f.address.TLS() {
		all = append(all, errors.New("--behind-tls: a proxy ends TLS, or this program does by --certificate or --acme, not both"))
	}
	if a.behind && (err != nil || public.Scheme != "https" || public.Host == "") {
		all = append(all, fmt.Errorf("--behind-tls: --public %q: write the address by which browsers reach the proxy, such as https://room.example", f.public))
	}
	a.proxies, err = proxyNetworks(f.access.proxies)
	all = append(all, err)
	if f.access.oidc != "" {
		a.providers, err = providersFile(f.access.oidc, f.access.sealKey)
		all = append(all, err)
	}
	if f.access.oidc != "" && !room.Secured(f.public) {
		all = append(all, fmt.Errorf("--oidc: --public %q: providers send browsers back to it: write it with https://, such as https://room.example", f.public))
	}
	return a, errors.Join(all...)
}

// proxyNetworks reads --proxy.
func proxyNetworks(all []string) (out []netip.Prefix, err error) {
	var faults []error
	for _, text := range all {
		p, err := netip.ParsePrefix(text)
		if a, no := netip.ParseAddr(text); no == nil && !strings.Contains(text, "/") {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil || p.Addr().Is4In6() || p.Addr().Zone() != "" {
			faults = append(faults, fmt.Errorf("--proxy %q: write the address or the network of a proxy, such as 127.0.0.1 or 10.0.0.0/24", text))
			continue
		}
		out = append(out, p.Masked())
	}
	return out, errors.Join(faults...)
}
