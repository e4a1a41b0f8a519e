// Package engine says what can be known of a compute engine, such as Slurm or
// Kueue, and what can be asked of it. It is the contract between those who decide
// and those who translate.
//
// An engine keeps what is its own: admission, quota, placement, preemption. What
// Sluice asks is narrow: hold or drain a queue, warn a job, evict it, withhold watts,
// switch an empty node off, undo each of these, and say whom to take first where the
// engine must choose. A driver translates one Command into one bounded exchange; it
// decides nothing and remembers nothing that a restart would lose. Every command is
// idempotent under its event and sequence number.
//
// An Answer is never proof: quota is free long before power falls. Proof is what a
// meter shows. Absent is not zero: a value that an engine does not state is not known.
package engine
