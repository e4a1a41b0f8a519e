// Package whatsminer speaks the dialects of MicroBT's own firmware: API v3 on
// port 4433 and API v2 on port 4028, and it reads API v1 there. Where each fact
// stands: [S] in the source of a public project, [H] seen on one machine,
// [V] the maker says so, [A] our assumption, [U] not known.
//
// Which dialect. Firmware with API v3 still answers a poorer v2 [S], so 4433 is
// asked first. On 4028 the first eight digits of the firmware version are a
// date: before 2022-07-29 the API is v1, and v1 is only read here.
//
// Writing is switched off in the factory, until the operator has changed the
// password and switched the API on [V]. A machine says so with code 45 (v2) or
// -4 (v3), and the driver says Locked. It knows no way around the lock.
//
// v2 seals its orders. A login token comes from md5crypt of the password, the
// order is encrypted block by block, and the answer comes back encrypted or, for
// a refusal, plain. Tokens live 30 minutes and their places are few: one is kept
// and used again, and thrown away when the machine no longer takes it (135, or
// 23: it could not decrypt, so the password is another) [S]. The caller may ask
// once more. 136 says that all places are taken: Busy, for a minute or more.
//
// v3 signs its orders with the time. Its clock must agree with ours, and a
// refusal names by how much the two differ.
//
// Answers that are not what they seem: "mineroff" is text, not a boolean;
// summary and status disagree about limit and mode (summary is believed: it is
// what holds now); "MHS av" counts since the start and is never read; a stopped
// machine may answer "btminer process is down err" to reads [H], which is a
// state and no fault; a changed mode, and at times power_off, goes unanswered
// although carried out [S].
//
// Levels. A percentage of the limit is changed hot, lasts until the next start,
// and is taken only when the ramp is done (Upfreq Complete, up-freq-finish) [S];
// down to how few percent a model follows it is [U] and must be read back. The
// limit itself in watts costs a restart and is meant for long holds.
package whatsminer
