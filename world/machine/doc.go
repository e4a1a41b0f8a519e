// Package machine is the inside of a virtual miner: how it ramps, boots, sleeps,
// heats up, fails and lies, whatever dialect its firmware speaks. The dialects
// stand in packages beside it and serve machines on the network.
//
// A machine is seeded: the same seed, the same orders at the same times, the
// same life. Time is handed in. A machine may be asked from many goroutines.
package machine
