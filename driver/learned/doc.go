// Package learned keeps what commissioning taught: a file with one line of JSON
// for each machine that was tried, and what follows from all of them for a model
// under a firmware. Lines are only ever added. The curves that come out can be
// pasted into a site file, so that the steps of a plan are those that were measured.
package learned
