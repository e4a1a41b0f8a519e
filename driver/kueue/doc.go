// Package kueue speaks to Kueue on Kubernetes: plain JSON over HTTPS, without a
// client library, in the dialect kueue.x-k8s.io/v1beta2.
//
// What is what:
//
//   - A job is a Workload; all its pods are one gang. Its ID is namespace/name,
//     stable over a requeue. Its tenant is the namespace.
//   - A queue is a ClusterQueue, together with those that carry its name in the
//     label <domain>/class: so a class of work is held as one. A LocalQueue is
//     named namespace/name; it can be held too and is shown while it is.
//   - Watts are a resource of Kueue that it adds to every GPU by a factor of its
//     own configuration. They are planning watts and do not fall when a limit bites.
//   - What is withheld is a Workload in a LocalQueue of ours that asks for watts
//     only: a curtailment order. No pod is ever made of it. Whether it may take
//     watts from jobs that run is the policy of its ClusterQueue.
//
// The driver keeps nothing that a restart would lose: which event held, evicted
// or withheld lies on the objects themselves, in annotations and labels of the
// domain. It never undoes what somebody else did: a stop policy or a deactivation
// without a mark of ours stays, and wraps engine.ErrForeign where it is in the way.
//
// Kueue has no notice of its own: a warning is an annotation on the Workload, and
// pods are told to end at once when it is evicted. Nodes are not its business, so
// off, on and windows are not offered.
package kueue
