// Package live runs a real site: it is the loop with sockets, disks and a clock
// around it.
//
//	Core      what one site knows of its machines and meters, and what shall be
//	          done next. A state machine: events in, deeds out; no clock, no socket
//	Site      the shell: one goroutine owns the Core and carries its deeds out
//	          through drivers, meters and the store
//	Turn      once in every settlement interval the wheel of package loop plans on
//	          what the Core knows, and the plan is shared out over the machines
//	Shadow    a simulated plant that follows every plan at once: what it earns is
//	          what full trust would have earned
//	Door      the local socket at which a person stops, locks, instructs and promotes
//	Remote    the client of that socket, for programs that look at a running site
//
// Between two turns the kernel of loop/actuate holds the site under its limits.
// An order that raises is on disk before it goes out; one that lowers goes out
// even when the disk refuses. Deciding happens below this package; here it is
// only brought together. docs/live.md says how a site is run.
package live
