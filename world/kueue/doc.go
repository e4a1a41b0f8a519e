// Package kueue is a virtual Kubernetes cluster with Kueue in virtual time, as far
// as Sluice speaks to it: an http.Handler that serves the same objects over the
// same paths, with versions, merge patches, conflicts, watches and permissions.
//
// It behaves as the real one was seen to (docs/kueue.md): a lower quota evicts
// nobody; a curtailment order is admitted, and takes watts back from jobs that
// borrow them where its queue's policy says so; a stop policy holds or drains; an
// inactive Workload loses its pods; pods that are not ready in time are evicted.
// A Workload without a Job keeps its quota even when it is evicted, because nobody
// is there to clear it. Nothing else of Kubernetes is there.
package kueue
