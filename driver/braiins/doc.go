// Package braiins speaks the REST dialect of Braiins OS from 25.07 on: JSON over
// HTTP under /api/v1 on port 80. Older firmware speaks GraphQL and is not ours
// to command; the gRPC interface is not used.
//
// Where it stands, and how well that is known:
//
//   - A login gives a token that goes into the Authorization header as it is,
//     without "Bearer", and lives on while it is used; a 401 is answered by one
//     new login, which is no retry of an order: a 401 did nothing.
//   - Nothing but the front page and the model is to be had without a login, so
//     a probe finds neither MAC nor serial: the identity is weak, and Open takes
//     the MAC as proof where the caller knows one.
//   - Pause and resume answer with a bare boolean that means "was already so";
//     false is the ordinary success.
//   - A power target without a tuned profile starts a tuning run of minutes to
//     hours; the tuned ones are the presets of the capabilities. A target beyond
//     the constraints is refused, here before the machine is asked. Steps up and
//     down are said to report a target and not to ramp; only absolute targets
//     are sent.
//   - The draw may exceed the target (recorded: 3137 W at 3031 W) and is an
//     estimate. Rates come as GH/s; last_5s is the shortest window, since_restart
//     is of no use.
//   - The miner's status is 2 when it works, 3 paused, 4 suspended, 5 restricted;
//     1 says that its process has not started, which may be a boot or a stop.
//   - Dynamic scaling (DPS) may lower the target by itself; the ack of a target
//     says when it is on.
//   - Times of errors are those of a clock that may not be set (recorded: 2015)
//     and are not used.
package braiins
