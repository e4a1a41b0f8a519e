// Package whatsminer serves virtual machines in the dialects of MicroBT's own
// firmware: API v2 on one listener and API v3 on another, with the framing, the
// logins, the locks and the odd spellings that drivers meet in the field. A
// machine with both listeners has v3 firmware, whose v2 is poorer: it leaves out
// the chip temperatures of boards.
//
// What is served as facts and what is assumed stands in package
// driver/whatsminer. Assumed here: how many logins a machine gives out, that
// signatures may be a minute old, and that a locked machine still gives logins.
package whatsminer
