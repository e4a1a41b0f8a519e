// Package slurm drives a Slurm cluster as an engine.Engine. It speaks to
// slurmrestd, to the commands scontrol, sacct and sacctmgr, or to both: where one
// lacks a verb the other does it, and where neither can, Capabilities leaves it out.
//
// It remembers nothing. What it did is written into Slurm itself, as a mark: in a
// job's AdminComment, in the name of a reservation, and in a partition's list of
// denied accounts, where an account of no such name denies nobody. A restart of
// ours finds its own marks and nothing else, so that it never starts a job that
// somebody else held.
//
// Watts are licences: one of the configured name stands for so many watts, jobs
// ask for theirs, and what is withheld is reserved. Slurm answers; the meter proves.
package slurm
