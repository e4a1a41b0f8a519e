// Package avalon speaks the dialect of Canaan's firmware: the cgminer interface
// on port 4028, without a password, one question at a time.
//
// What the dialect hides, with its standing (S read in the source of public
// projects, H seen on single devices by others, V said by the maker, A inferred,
// U unknown):
//
//   - The interface has one thread: a second connection waits or is reset (V).
//   - The values stand in a text of KEY[value] pairs inside the JSON, called
//     MM ID0 or MM ID0:Summary; some models answer stats with an empty one while
//     estats is whole (S).
//   - PS is a list: status, control voltage, output voltage, ampere, output watts,
//     voltage setpoint, watts at the wall. A peer takes the setpoint for watts, so
//     that a sleeping machine draws over a thousand (A from the arithmetic of
//     public replies). Older models state no watts at the wall.
//   - SoftOFF 4 or 5 is an order to sleep; 6 is a machine at the beginning of its
//     start, which looks the same otherwise (H). The order shows at once, the
//     output falls some nine seconds later (H).
//   - GHSspd is the rate now. GHSavg, GHSmm and the rates of summary stay up while
//     the machine sleeps (H).
//   - There are two ways of saying sleep and wake (H): at once and woken by a
//     reboot, or scheduled for a time of the machine's own clock. A wake closes
//     the connection without an answer.
//   - Levels in watts are not understood (U) and not offered. A mode set while
//     asleep is refused by some (S).
package avalon
