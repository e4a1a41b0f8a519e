// Package gpu asks many nodes for the power of their GPUs and sets their limits.
//
// Agents speaks to the agents on the nodes (package node below, program sluice-gpu);
// Exporters only reads, from the DCGM exporter where that runs already. Both reach
// addresses in declared networks only, take no more than a bound from anybody, and
// believe nothing that a GPU cannot be.
package gpu
