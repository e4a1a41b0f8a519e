// Package antminer serves virtual machines that speak the dialect of Bitmain's
// own firmware, on real sockets: the pages under /cgi-bin behind HTTP digest,
// the cgminer interface, and the page with the watts.
//
// What builds are known to differ in is an option: which key of the mode they
// report and which they obey, modes as texts, success without effect, digest
// with and without qop, and what is left on the cgminer interface while asleep.
package antminer
