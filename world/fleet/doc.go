// Package fleet serves a whole site of virtual machines on loopback addresses:
// every family, each machine at an address of its own, on the ports that real
// ones use. The local address of a connection is the machine that was meant. A
// large fleet has one listener a port for all addresses, so that ports which a
// machine has not are opened and hung up on instead of refused; a small one has
// exactly the ports that its machines have.
//
// A fleet may stand behind feeders and Modbus meters that show what its machines
// truly draw (Behind), and that site writes the site file for itself (SiteFile).
//
// A fleet is seeded: the same Config, the same machines with the same faults at
// the same addresses. Only the ramps can be made faster; clocks stay the
// computer's, because machines and drivers compare theirs.
package fleet
