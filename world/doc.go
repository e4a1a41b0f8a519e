// Package world is a simulated operator: the machines, meters, weather and
// faults of a site in virtual time, behind the same ports as the real ones.
//
// Nothing in it decides anything. It carries orders out the way machines do:
// with ramps, with minutes of boot in which power is drawn and nothing is
// hashed, with heat that derates and with machines that fail by a seed. What
// fails and how warm it is does not depend on the orders, so different policies
// meet the same world.
package world
