// Package gpu knows graphics processors as power sees them: models and the servers
// that hold them as data, what one states about its power, what can be asked of
// it, and how speed and power follow its power limit.
//
// The power of a GPU is what its own sensor states, in watts. The power of a node
// is more: processors, memory, fans and network belong to it.
package gpu
