// Package hosting sells GPU capacity: halls of racks, contracts with tenants, the
// service level that each promises, and what power is worth to each of them. A
// contract states its worth as a bid, like every other use of power.
//
// Power is IT power unless a name says meter. GPU capacity is counted in GPUs,
// use in GPU-seconds; a colocation contract counts kilowatts of critical power.
package hosting
