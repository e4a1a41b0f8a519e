// Package braiins lets virtual machines speak the REST dialect of Braiins OS on
// a network: a login whose token lives while it is used and goes along without
// "Bearer", bare booleans for answers, errors as text, ids as text, numbers with
// their unit for a key, errors dated before the clock was set, and power targets
// that are tuned or start a tuning run.
//
// It also has the port of cgminer, with boards counted from 1 and the name BOSer,
// and as much of gRPC as other programs need to pause and resume: calls under
// HTTP/2 whose answers carry their code behind them, fields known by number only.
//
// No recording shows a paused machine or a refused target; those answers follow
// the published interface description.
package braiins
