package slurm

import (
	"context"
	"math"
	"slices"
	"time"

	"sluice/engine"
)

// backend is one way to talk to a cluster.
type backend interface {
	// about says what is there; it also finds out what the backend can do.
	about(ctx context.Context) (about, error)
	// takes reports whether a change can be made this way.
	takes(k kind) bool
	load(ctx context.Context, p part) (state, error)
	change(ctx context.Context, c change) error
	// runs lists runs that overlap a stretch of time, with all other runs of the same jobs.
	runs(ctx context.Context, from, to time.Time) ([]run, error)
}

type about struct{ version, dialect string }

// part is a part of a cluster's state.
type part string

const (
	allJobs         part = "jobs"
	allNodes        part = "nodes"
	allPartitions   part = "partitions"
	allReservations part = "reservations"
	allLicenses     part = "licenses"
)

// kind is what can be changed, and recordRuns what can be read of the past.
type kind string

const (
	markJob         kind = "write a job's AdminComment"
	signalJob       kind = "signal a job's batch script"
	requeueJob      kind = "requeue a job" // the command line holds it, too
	holdJob         kind = "hold a job"
	freeJob         kind = "release a job"
	setPartition    kind = "change a partition"
	putReservation  kind = "write a reservation"
	dropReservation kind = "delete a reservation"
	sinkNode        kind = "power a node down when it is empty"
	raiseNode       kind = "power a node up"
	keepNode        kind = "let jobs on a node again that is to be powered down"
	recordRuns      kind = "read records of jobs"
	writeTenants    kind = "write accounts"
)

// change is one change of a cluster.
type change struct {
	kind  kind
	name  string // of the job, partition, reservation or node
	text  string // comment, signal, reason, or state of a partition
	deny  list   // of a partition
	put   reservation
	fresh bool // the reservation is not there yet
}

// list is a list of accounts under its key, such as "denyaccounts".
type list struct {
	key   string
	names []string
}

// state is what was loaded.
type state struct {
	jobs         []job
	nodes        []node
	partitions   []partition
	reservations []reservation
	licenses     []license
}

type job struct {
	id, name, account, partition   string
	comment, admin                 string
	reason, describe               string
	states                         []string // base state first, upper case
	priority                       int64
	held                           bool
	gpus                           int
	share                          []int // GPUs on each of nodes, where stated
	nodes                          []string
	licenses                       map[string]int64
	submitted, started, ended, due time.Time
	limit                          time.Duration
	restarts                       int64
}

func (j job) is(states ...string) bool { return hasAny(j.states, states...) }

type node struct {
	name, gres, reason string
	states             []string
	watts              int64
	metered            bool // watts are stated
}

type partition struct {
	name, state     string // state in upper case
	allowed, denied []string
	gpus            int
}

type reservation struct {
	name     string
	from     time.Time
	until    time.Time
	licenses map[string]int64
	nodes    []string
	flags    []string
	users    string
}

type license struct {
	name                  string
	total, used, reserved int64
}

type run struct {
	job, account, partition string
	state                   string
	from, to                time.Time // to is zero: runs
	gpus                    int
	nodes                   []string
}

// active reports whether a reservation keeps something away now.
func (r reservation) active(now time.Time) bool { return !r.from.After(now) && r.until.After(now) }

func hasAny(have []string, want ...string) bool {
	return slices.ContainsFunc(have, func(h string) bool { return slices.Contains(want, h) })
}

// whole is a count that fits an int.
func whole(n int64) int { return int(min(max(n, 0), math.MaxInt32)) }

// verbs lists the verbs that need these kinds of change.
func verbs() map[engine.Verb][]kind {
	stop := []kind{markJob, requeueJob, holdJob}
	return map[engine.Verb][]kind{
		engine.Hold: {setPartition}, engine.Release: {setPartition}, engine.Warn: {signalJob, markJob},
		engine.Evict: stop, engine.Restore: {markJob, freeJob},
		engine.Withhold: {putReservation, dropReservation}, engine.GiveBack: {putReservation, dropReservation},
		engine.Window: {putReservation, dropReservation}, engine.Unwindow: {putReservation, dropReservation},
		engine.Off: {putReservation, dropReservation, sinkNode, raiseNode, keepNode}, engine.On: {putReservation, dropReservation, sinkNode, raiseNode, keepNode},
	}
}
