// Package antminer speaks the dialect of Bitmain's own firmware: pages under
// /cgi-bin behind HTTP digest, and a read-only cgminer interface on port 4028.
//
// What the dialect hides, with its standing (M measured, S read in the source
// of public projects, H seen on single devices by others, U unknown):
//
//   - There is no target in watts. A machine has named modes, and which ones
//     depends on the model (H); a mode that the model's own page does not offer
//     is never sent.
//   - The configuration is read and written under different names, and builds
//     disagree about which of two keys they obey, so both are written (S, H).
//     Pools, fan and frequency settings travel with every write; what is left
//     out is wiped, a pool's password first of all (S, H).
//   - A yes is not an effect: some builds say success and do nothing (S), and
//     many apply the mode and never answer (H).
//   - Some builds want the mode as a text, some under one key only (S). This
//     package never tries one after the other; the caller picks a Style.
//   - Asleep, port 4028 leaves out its data, answers zeros, or is silent,
//     depending on the model (H). "Mode" in its answers is not the mode (H).
//   - Watts are stated by newer builds under several names, by others on the
//     undocumented port 6060, by the rest not at all (S). Who measures them is
//     not known (U), so they count as the firmware's.
//   - The flag new_api must stand beside the command; inside its parameter it is
//     ignored and the old answer looks like success (S).
//   - Without a password a machine tells neither its MAC nor its serial, so the
//     identity of a probe is weak; Miner.Identify asks for them with one.
package antminer
