package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"sluice/driver/gpu/node"
)

// service is what serve is told.
type service struct {
	*common

	listen, token, cert, key string
	plain, restore           bool
	every                    time.Duration
}

func newServe(o *common) *cobra.Command {
	s := &service{common: o}
	c := &cobra.Command{
		Use: "serve --token-file FILE", Short: "Serve this node to Sluice, and keep its limits", Args: cobra.NoArgs,
		Long: `Serve this node to those who show the token, and keep its limits: those lost to a
reload of the driver or a reboot are set again. It listens on loopback unless told
otherwise, and on other addresses in the clear only with --plain.
` + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.with(func(a *node.Agent) error { return s.run(c.Context(), a, c.OutOrStdout(), c.ErrOrStderr()) })
		},
	}
	f := c.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:9410", "IP address and port")
	f.StringVar(&s.token, "token-file", "", "file with the token, readable by its owner only")
	f.StringVar(&s.cert, "cert", "", "certificate for TLS")
	f.StringVar(&s.key, "key", "", "its key")
	f.BoolVar(&s.plain, "plain", false, "serve other addresses than loopback in the clear: who listens there learns the token")
	f.BoolVar(&s.restore, "restore", false, "put back the limits that were found when it ends")
	f.DurationVar(&s.every, "every", 10*time.Second, "how often limits are looked after")
	return c
}

// run serves until ctx ends.
func (s *service) run(ctx context.Context, a *node.Agent, out, errs io.Writer) error {
	at, err := netip.ParseAddrPort(s.listen)
	switch {
	case err != nil:
		return badInput{fmt.Errorf("--listen %q: %w: give an IP address and a port", s.listen, err)}
	case (s.cert == "") != (s.key == ""):
		return badInput{errors.New("TLS needs both --cert and --key")}
	case !at.Addr().IsLoopback() && s.cert == "" && !s.plain:
		return badInput{fmt.Errorf("%s is not loopback: give --cert and --key, or --plain where nobody can listen", s.listen)}
	case s.every < time.Second:
		return badInput{errors.New("--every is a second at least")}
	}
	token, err := node.Token(s.token)
	if err != nil {
		return badInput{err}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	if s.cert != "" {
		pair, err := tls.LoadX509KeyPair(s.cert, s.key)
		if err != nil {
			return badInput{errors.Join(fmt.Errorf("TLS: %w", err), l.Close())}
		}
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	}
	fmt.Fprintf(out, "serving on %s\n", l.Addr())
	return s.turn(ctx, a, l, token, errs)
}

// turn serves and keeps until ctx ends or the server fails; then limits are put
// back, where that was asked.
func (s *service) turn(ctx context.Context, a *node.Agent, l net.Listener, token []byte, errs io.Writer) error {
	server := node.Server(node.Handler(a, token))
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	var last string
	for {
		said := ""
		if err := a.Keep(ctx); err != nil && ctx.Err() == nil {
			said = err.Error()
		}
		if said != "" && said != last {
			complain(errs, errors.New(said))
		}
		last = said
		select {
		case err := <-failed:
			return errors.Join(fmt.Errorf("serve: %w", err), s.leave(ctx, a))
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			err := server.Shutdown(end)
			<-failed //nolint:errcheck // it says that it was shut down
			return errors.Join(err, s.leave(ctx, a))
		case <-tick.C:
		}
	}
}

// leave puts back what was found, at the end.
func (s *service) leave(ctx context.Context, a *node.Agent) error {
	if !s.restore {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	answer, err := a.Retire(ctx)
	if err == nil && !answer.Taken {
		err = refused(answer.Why)
	}
	return err
}
