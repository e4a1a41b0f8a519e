// Package crew reaches many machines at once through few hands. It knows no
// dialect: a job is a function, and the crew decides when it begins.
//
// What it promises:
//   - at most so many jobs at once, at most so many in one network of a switch,
//     and never two on one machine;
//   - commands go before reads, the heaviest first, and part of the crew is kept
//     free of reads, so that an order never queues behind slow machines;
//   - a command for a machine that is being read lets the read go on for a short
//     grace and then ends it;
//   - a newer command takes the place of an older one that has not begun;
//   - reads go on, slowly, under any number of commands;
//   - every job that was taken is called exactly once, and has ended when Run
//     returns.
package crew
