// Package jobs makes streams of work for a virtual GPU hall out of recorded
// traces: training jobs of a shared cluster, the load of language model services,
// batch work with deadlines, and the load of tenants with hardware of their own.
//
// A stream is endless, reads nothing once it is loaded, and is made of chunks of
// weeks that are drawn when they are reached. Its seed and its contract fix every
// job, so it can be taken up at any instant, and no order has any influence on what
// comes. What was assumed, and from which figures, is in docs/formula/hall.md.
package jobs
