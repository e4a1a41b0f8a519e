// Package slurm is a virtual Slurm cluster behind a virtual slurmrestd of parser
// v0.0.45, as Slurm 26.05 brings it: jobs, nodes, partitions, licenses,
// reservations and the accounting, in virtual time, with faults to switch on. It
// keeps the ways of the real one that cost power or time: a requeued job waits
// two minutes, a reservation touches nothing that runs, a node asked to power
// down takes its time, and a powered-down node wakes for the next job unless a
// reservation lies on it.
package slurm
