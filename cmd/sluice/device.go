package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/spf13/cobra"

	"sluice/device"
	"sluice/driver/antminer"
	"sluice/driver/avalon"
	"sluice/driver/braiins"
	"sluice/driver/epic"
	"sluice/driver/luxos"
	"sluice/driver/scan"
	"sluice/driver/seal"
	"sluice/driver/vnish"
	"sluice/driver/whatsminer"
	"sluice/driver/wire"
)

// deviceFlags is what every command that touches a machine needs.
type deviceFlags struct {
	networks []string
	secrets  string
	sealKey  string
	writes   bool // machines may be told something: credentials that others can read are refused
	warn     func() io.Writer
	offset   int
	timeout  time.Duration
	rate     int
	parallel int
	asJSON   bool
}

func newDevice() *cobra.Command {
	c := &cobra.Command{Use: "device", Short: "Find, read and command single machines by hand", Args: cobra.NoArgs}
	c.AddCommand(
		newDeviceScan(), newDeviceTest(), newDeviceCurtail(), newDeviceRestore(), newDeviceImport(),
		newDeviceCommission(), newDeviceCurves(), newDeviceSeal(), newDeviceAudit(),
	)
	return c
}

const deviceHelp = `
No address outside --network is ever contacted. Credentials come from
--credentials, a file of lines "family,user,password" in which the family * stands
for all others, or "@address,user,password" for one machine or network; the most
specific line counts. What the file leaves out, SLUICE_DEVICE_USER and
SLUICE_DEVICE_PASSWORD fill in. A file made by sluice device seal is opened with
--seal-key FILE, SLUICE_SEAL_PASSPHRASE, or the systemd credential sluice-seal.
Credentials are never printed.
`

// bind declares the flags that all these commands share.
func (f *deviceFlags) bind(c *cobra.Command) {
	c.Flags().StringSliceVar(&f.networks, "network", nil, "declared device networks, such as 10.20.0.0/16 (required)")
	f.warn = c.ErrOrStderr
	c.Flags().StringVar(&f.secrets, "credentials", "", "file of lines family,user,password, sealed or in the clear")
	c.Flags().StringVar(&f.sealKey, "seal-key", "", "file with the key or the passphrase that opens sealed credentials")
	c.Flags().IntVar(&f.offset, "port-offset", 0, "added to every port, for virtual machines")
	c.Flags().DurationVar(&f.timeout, "timeout", 10*time.Second, "longest wait for one answer")
	c.Flags().IntVar(&f.rate, "rate", 50, "addresses begun a second in a scan")
	c.Flags().IntVar(&f.parallel, "parallel", 32, "machines asked at once")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	_ = c.MarkFlagRequired("network")
}

// bench is what a command works with.
type bench struct {
	network *wire.Network
	drivers []device.Driver
	book    seal.Book
	flags   *deviceFlags
}

// bench checks the flags.
func (f *deviceFlags) bench() (*bench, error) {
	var allowed []netip.Prefix
	for _, text := range f.networks {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, input(fmt.Errorf("--network %q: write one such as 10.20.0.0/16", text))
		}
		allowed = append(allowed, p)
	}
	n, err := wire.NewNetwork(allowed, min(f.timeout, 3*time.Second))
	if err != nil {
		return nil, input(fmt.Errorf("--network: %w", err))
	}
	book, warning, err := seal.Load(seal.Source{File: f.secrets, KeyFile: f.sealKey, Env: os.Getenv, Families: families(), Writes: f.writes})
	if err != nil {
		return nil, input(err)
	}
	if warning != "" {
		fmt.Fprintf(f.warn(), "sluice: warning: %s\n", warning)
	}
	if f.timeout <= 0 || f.parallel < 1 || f.rate < 1 || f.offset < 0 || f.offset > 59_000 {
		return nil, input(errors.New("--timeout, --parallel and --rate are above zero, --port-offset is from 0 to 59000"))
	}
	return &bench{network: n, drivers: drivers(n, f.offset, f.timeout), book: book, flags: f}, nil
}

// drivers lists all dialects in the order in which they are tried: those that
// prove themselves first, and the original makers after those who build on them.
func drivers(n *wire.Network, offset int, timeout time.Duration) []device.Driver {
	return []device.Driver{
		whatsminer.New(n, whatsminer.Options{PortV2: 4028 + offset, PortV3: 4433 + offset, Read: min(timeout, 5*time.Second)}),
		epic.New(n, epic.Options{Port: 4028 + offset}), // its web server would let the next ones wait in vain
		luxos.New(n, luxos.Options{Port: 4028 + offset}),
		avalon.New(n, avalon.Options{Port: 4028 + offset}),
		vnish.New(n, vnish.Options{WebPort: 80 + offset, RPCPort: 4028 + offset}),
		braiins.New(n, braiins.Options{Port: 80 + offset}),
		antminer.New(n, antminer.Options{Web: 80 + offset, Miner: 4028 + offset, Power: 6060 + offset}),
	}
}

// families lists the dialects that can be commanded.
func families() []device.Family {
	return []device.Family{device.Antminer, device.WhatsMiner, device.LuxOS, device.Braiins, device.VNish, device.Avalon, device.EPIC}
}

// key is the credential for a machine that answers at an address.
func (b *bench) key(id device.Identity, a device.Address) (device.Credential, error) {
	return b.book.For(id, a)
}

// target reads an address or a network and refuses what lies outside the declared ones.
func (b *bench) target(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, wrong := netip.ParseAddr(text)
		if wrong != nil {
			return p, input(fmt.Errorf("%q: write an IP address or a network such as 10.20.1.0/24; names are never looked up", text))
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	if !b.network.Holds(p.Masked().Addr().String()) {
		return p, input(fmt.Errorf("%s: %w: declare its network with --network or correct the address", text, wire.ErrOutside))
	}
	return p, nil
}

// look scans one target.
func (b *bench) look(ctx context.Context, text string, progress func(done, total int)) (scan.Report, error) {
	p, err := b.target(text)
	if err != nil {
		return scan.Report{}, err
	}
	o := b.flags.offset
	r, err := scan.Scan(ctx, b.network, b.drivers, p, scan.Options{
		Rate: b.flags.rate, Parallel: b.flags.parallel, Timeout: b.flags.timeout, Ports: []int{4028 + o, 80 + o, 4433 + o}, Progress: progress,
	})
	if errors.Is(err, wire.ErrOutside) {
		err = input(err)
	}
	return r, err
}

// encode prints v as JSON.
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
