// Package node is the agent of one node with GPUs: it reads them, limits their
// power, and puts back what it found.
//
// It touches a limit only after it knows the range of every GPU concerned and has
// written to the disk what stood there before. All GPUs of a setting take it or none
// does. It never raises a limit by itself, and when limits are lost to a reload of the
// driver or a reboot it sets its own again.
//
// Two routes lead to the GPUs: the maker's library NVML, in binaries built with cgo,
// and the program nvidia-smi, everywhere.
package node
