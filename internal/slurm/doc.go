// Package slurm starts a real Slurm on one host, for tests and measurements: two
// nodes of eight GPUs that are empty files, a controller, accounting in MariaDB
// and the REST daemon, all in one folder, with ports of their own. It needs
// Debian's packages and root, because Slurm starts jobs as other users.
package slurm
