// Package hosting sells GPU capacity: halls of racks, contracts with tenants, the
// service level that each promises, and what power is worth to each of them. A
// contract states its worth as a bid, like every other use of power.
//
// Power is IT power unless a name says meter. GPU capacity is counted in GPUs,
// use in GPU-seconds; a colocation contract counts kilowatts of critical power.
//
//	contract.go what is sold, and the halls that serve it
//	validate.go what a contract and a hall must be
//	term.go     committed time, month by month of the site's clock
//	value.go    what a GPU-hour is worth as power, and an eviction
//	tenancy.go  a contract joined to its servers and their curve: its steps
//	bid.go      its bid: floor, what is due, where it stands
//	worth.go    what its steps are worth, and what breaking its floor costs
//	earn.go     what it earned, and what downtime gives back
//	counts.go   what happened with it
//	state.go    the month of its promise so far
//	flex.go     calls within its flexible terms
//	call.go     the call that a plan needs announced
//	calendar.go what is sold, held and free over time
//	forecast.go what it is expected to draw
//
// Every symbol and rule: docs/formula/hosting.md.
package hosting
