// Package vnish speaks the dialect of VNish (also AnthillOS): JSON over HTTP
// under /api/v1 on port 80, and reports on TCP port 4028 that only serve to
// recognise a machine whose web interface is down.
//
// Where it stands, and how well that is known:
//
//   - "unlock" trades a password for a token, which goes along as a bearer; when
//     it has expired the machine says 401 and is asked for a new one once, which
//     is no retry of an order: a 401 did nothing.
//   - Identity comes from /info alone. Port 4028 is dark while the machine starts
//     and names the model differently, so mixing both makes two machines of one
//     (observed by third parties).
//   - "stop" is the sleep and "start" the wake that others use with success;
//     whether pause and resume save time is unknown, so they are an option.
//     Whether a stop outlives a power cut is a setting of the machine.
//   - A preset that was never tuned starts a tuning run of minutes to hours. Where
//     some presets are tuned only those are levels. From 1.3 on a throttle in
//     percent regulates without a restart and is the level instead.
//   - A preset is set by sending the whole overclock object back with one field
//     changed; all numbers go back as they came. The machine then says whether it
//     wants a restart, and gets it unless it sleeps.
//   - The preset switcher of the firmware may move the preset with temperature;
//     the ack of a level says when it is on.
//   - hr_realtime, hr_nominal and hr_stock count in the unit that /info calls
//     hr_measure, while instant_hashrate beside them counts in TH/s (recorded).
//     hr_average runs since the start and is not used.
//   - A pool of the developers is in the list of pools, without a real address. It
//     is marked as a fee, and its shares are not counted.
package vnish
