package main

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sluice/people"
	counter "sluice/server/tenant"
)

// demoTerms prices the GPU-hours of the demonstration.
//
//go:embed demo_quote.yaml
var demoTerms []byte

// The tenant of the demonstration's hall that has a person in its cast.
const (
	demoTenant      = "firm"
	demoTenantLabel = "Lone Star Models"
)

// tenantGrant is what somebody of a tenant has in the demonstration.
func tenantGrant(role people.Role) people.Grant {
	g := people.Grant{Role: role}
	if role.OfTenant() {
		g.Tenant = demoTenant
	}
	return g
}

// tenantArguments have the hall of a site answer its tenants, for whom the control room
// asks through the hall's own door. What has to be listened at as well is this computer.
func tenantArguments() []string {
	return []string{"--tenants", "127.0.0.1:0", "--terms", "quote.yaml", "--accept", "on-demand,spot"}
}

// priced writes the terms beside a site.
func priced(dir string) error {
	return os.WriteFile(filepath.Join(dir, "quote.yaml"), demoTerms, 0o600)
}

// enrolTenant makes the tenant known to the hall as soon as that answers.
func enrolTenant(ctx context.Context, programs *sync.WaitGroup, note func(string), dir string) {
	programs.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			_, err := counter.Tell(ctx, dir, counter.Order{Do: "add", By: "demonstration", Tenant: demoTenant, Label: demoTenantLabel})
			switch {
			case err == nil:
				return
			case !errors.Is(err, counter.ErrNobody) && ctx.Err() == nil:
				note("the tenant of the demonstration is not known to its hall: " + err.Error())
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
}
