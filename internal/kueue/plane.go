package kueue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Folder names the environment variable that says where the programs are.
const Folder = "SLUICE_KUEUE"

// Setting is what a control plane is started with.
type Setting struct {
	Bin       string        // folder with the programs, of test/kueue/build
	Dir       string        // empty folder for its data and logs
	Watts     int           // that Kueue adds to the request of every GPU
	Resource  string        // by which Kueue counts watts
	PodsReady time.Duration // waitForPodsReady.timeout of Kueue; 0: its default
	Backoff   int           // s, requeuingStrategy.backoffBaseSeconds; 0: its default
	NoBoost   bool          // the gate PriorityBoost stays off
}

// Plane is a running control plane.
type Plane struct {
	API
	Certificate []byte // PEM, of the API server

	set   Setting
	port  struct{ etcd, peer, api, manager, scheduler, kwok, hook, health int }
	parts []*program // in order of their start
	api   *program
	kueue *program
}

// Token is the word of the plane's only administrator.
const Token = "the-administrator-of-a-test"

// Start starts a control plane and waits until Kueue takes objects. On an error
// nothing is left running.
func Start(ctx context.Context, s Setting) (*Plane, error) {
	p := &Plane{set: s}
	s.Resource = cmp.Or(s.Resource, "power.sluice.example/watts")
	p.set = s
	free, err := ports(ctx, 8)
	if err != nil {
		return nil, err
	}
	for i, at := range []*int{&p.port.etcd, &p.port.peer, &p.port.api, &p.port.manager, &p.port.scheduler, &p.port.kwok, &p.port.hook, &p.port.health} {
		*at = free[i]
	}
	for _, step := range []func(context.Context) error{p.write, p.startStore, p.startAPI, p.startControllers, p.install, p.startKueue} {
		if err := step(ctx); err != nil {
			p.Stop()
			return nil, err
		}
	}
	return p, nil
}

// Stop ends every program, the last started first.
func (p *Plane) Stop() {
	p.kueue.halt()
	for _, part := range slices.Backward(p.parts) {
		part.halt()
	}
	p.kueue, p.parts = nil, nil
}

// Log is the file in which a program's words are kept, such as "kueue".
func (p *Plane) Log(name string) string { return filepath.Join(p.set.Dir, name+".log") }

// write puts down what the programs read.
func (p *Plane) write(context.Context) error {
	cert, err := identity(p.set.Dir, time.Now())
	if err != nil {
		return fmt.Errorf("make certificates: %w", err)
	}
	p.Certificate = cert
	p.API = newAPI("https://127.0.0.1:"+strconv.Itoa(p.port.api), Token, cert)
	stages, err := p.stages()
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"tokens.csv":  Token + `,admin,1,"system:masters"` + "\n",
		"kubeconfig":  kubeconfig(p.Server, p.set.Dir, Token),
		"stages.yaml": stages,
	} {
		if err := os.WriteFile(p.path(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plane) path(name string) string { return filepath.Join(p.set.Dir, name) }

func (p *Plane) launch(name string, args ...string) (*program, error) {
	return launch(p.set.Bin, p.set.Dir, name, []string{"KUBECONFIG=" + p.path("kubeconfig")}, args...)
}

func (p *Plane) startStore(ctx context.Context) error {
	client, peer := "http://127.0.0.1:"+strconv.Itoa(p.port.etcd), "http://127.0.0.1:"+strconv.Itoa(p.port.peer)
	e, err := p.launch("etcd", "--data-dir", p.path("etcd"), "--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer, "--unsafe-no-fsync")
	if err != nil {
		return err
	}
	p.parts = append(p.parts, e)
	return e.await(ctx, func(ctx context.Context) error { return alive(ctx, client+"/health") })
}

func alive(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}

func (p *Plane) startAPI(ctx context.Context) error {
	a, err := p.launch("kube-apiserver", "--etcd-servers", "http://127.0.0.1:"+strconv.Itoa(p.port.etcd),
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port", strconv.Itoa(p.port.api),
		"--tls-cert-file", p.path("tls.crt"), "--tls-private-key-file", p.path("tls.key"), "--cert-dir", p.path("certs"),
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file", p.path("account.pub"),
		"--service-account-signing-key-file", p.path("account.key"), "--token-auth-file", p.path("tokens.csv"),
		"--authorization-mode=RBAC", "--service-cluster-ip-range=10.96.0.0/16", "--endpoint-reconciler-type=none", "--profiling=false")
	if err != nil {
		return err
	}
	p.parts, p.api = append(p.parts, a), a
	return p.ready(ctx)
}

func (p *Plane) ready(ctx context.Context) error {
	return p.api.await(ctx, func(ctx context.Context) error { return p.Call(ctx, http.MethodGet, "/readyz", nil, nil) })
}

// StopAPI ends the API server alone.
func (p *Plane) StopAPI() { p.api.halt() }

// ResumeAPI starts the API server again where it was, and waits until it answers.
func (p *Plane) ResumeAPI(ctx context.Context) error { return p.startAPI(ctx) }

// startControllers starts what acts on objects: controllers, the scheduler, and
// kwok, which plays the nodes.
func (p *Plane) startControllers(context.Context) error {
	config := p.path("kubeconfig")
	for _, c := range [][]string{
		{
			"kube-controller-manager", "--kubeconfig", config, "--bind-address=127.0.0.1", "--secure-port", strconv.Itoa(p.port.manager), "--cert-dir", p.path("certs"),
			"--leader-elect=false", "--service-account-private-key-file", p.path("account.key"), "--root-ca-file", p.path("tls.crt"), "--use-service-account-credentials=false",
		},
		{"kube-scheduler", "--kubeconfig", config, "--bind-address=127.0.0.1", "--secure-port", strconv.Itoa(p.port.scheduler), "--cert-dir", p.path("certs"), "--leader-elect=false"},
		{"kwok", "--kubeconfig", config, "--config", p.path("stages.yaml"), "--manage-all-nodes", "--server-address", "127.0.0.1:" + strconv.Itoa(p.port.kwok)},
	} {
		e, err := p.launch(c[0], c[1:]...)
		if err != nil {
			return err
		}
		p.parts = append(p.parts, e)
	}
	return nil
}
