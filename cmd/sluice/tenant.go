package main

import (
	"github.com/spf13/cobra"
)

func tenantCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "tenant", Short: "Tenants of GPU halls: their tokens, and what they ask and see over HTTP", Args: cobra.NoArgs,
		Long: `For the operator, on the data directory: who the tenants are, their tokens, what
they asked for, and the server that answers them.

For a tenant, against that server: prices, reservations, where jobs stand and why,
use, service, coming curtailments, and the way into the engine. A tenant sees its
own and nothing else. docs/tenants.md walks through both.
` + exitHelp,
	}
	c.AddCommand(
		newTenantAdd(), newTenantToken(), newTenantRevoke(), newTenantClose(), newTenantList(), newTenantAccept(), newTenantRefuse(), newTenantServe(),
		newTenantQuote(), newTenantReserve(), newTenantCancel(), newTenantReservations(), newTenantQueue(), newTenantUsage(), newTenantLevel(), newTenantNotices(), newTenantAccess(),
	)
	return c
}
