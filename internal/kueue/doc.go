// Package kueue starts a real Kubernetes control plane with Kueue for tests and
// measurements: etcd, the API server, the controller manager, the scheduler, kwok
// in place of nodes, and Kueue, as ordinary processes on loopback addresses, with
// ports and certificates of their own. There is no kubelet and no container: pods
// are objects that kwok calls ready.
//
// The programs are built by test/kueue/build and lie outside the tree.
package kueue
