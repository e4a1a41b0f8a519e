// Package tenant answers tenants over HTTP: what they agreed, what they may reserve
// and at what price, where their jobs stand and why, what they used, how they were
// served, which curtailments come, and how they reach the engine. It decides nothing:
// whether a wish fits is said by hosting.Calendar, what a price is by capital/quote.
//
// Who asks follows from the token and from nothing else: every answer is made with the
// tenants.Tenant that the token proves, and the store gives nothing of another one. Of
// what does not come from that store (jobs of engines, contracts of the site file) only
// what is bound to the tenant is taken. What a tenant is told of the others is only
// this: whether a reservation fits, the place of its job in a queue that it shares, and
// that GPUs or power are short.
//
//	Server   the handler for tenants; its routes are one table, of which the
//	         description in OpenAPI and the test of isolation are made
//	Office   what the operator orders, over a socket that nobody else can open
//	Station  a compute engine as tenants see it
//	Tariffs  prices by capital/quote
//
// An error is a problem (RFC 9457) with a code from a closed list, what is wrong and
// what to do. No answer may be kept by a cache.
package tenant
