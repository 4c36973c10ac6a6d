package main

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
)

type lab struct {
	opt       *options
	simulated http.Handler
	server    *simulator.Server
	control   net.Listener
	client    *vim25.Client
	sessions  sessions
	tasks     tasks
	faults    faults
	counters  counters
	machines  machines
	pages     pages
	hidden    hidden
	// What keeps a VM busy.
	occupation occupation
	policies   policies
	// How DRS starts a VM: with a task, without one, or not at all.
	drsStart string
	rest     restSessions
	// Where the files of library items lie.
	libraries libraries
	fields    sync.Mutex
	tlsCert   tls.Certificate
}

func newLab(opt *options) (*lab, error) {
	l := &lab{opt: opt}
	l.occupation = newOccupation()
	l.policies.fitted = map[string][]string{}
	l.rest.users = map[string]*user{}
	l.libraries.files = map[string][]storedFile{}
	l.sessions.known = map[string]*session{}
	l.tasks.running = map[ref]chan struct{}{}
	l.tasks.delay = opt.taskDelay
	l.counters.calls = map[string]int{}
	l.machines.known, l.machines.lab = map[ref]*machine{}, l
	if err := makeInventory(l); err != nil {
		return nil, err
	}
	return l, l.listen()
}

func (l *lab) listen() error {
	var err error
	if l.tlsCert, err = makeCertificate(filepath.Join(l.opt.folder, "certificate.pem")); err != nil {
		return err
	}
	service := l.service()
	// The interfaces beside /sdk: storage policies and REST.
	service.RegisterEndpoints = true
	service.Listen = &url.URL{Host: l.opt.listen}
	service.TLS = &tls.Config{Certificates: []tls.Certificate{l.tlsCert}, MinVersion: tls.VersionTLS12}
	l.server = service.NewServer()
	// No request came yet: nobody knows the address.
	l.simulated = l.server.Config.Handler
	l.server.Config.Handler = l
	if l.control, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	go func() { _ = http.Serve(l.control, l.controlHandler()) }()
	go l.watchSpace()
	return nil
}

func (l *lab) service() *simulator.Service { return model.Service }

func (l *lab) close() {
	l.machines.endAll()
	_ = l.control.Close()
	// Not Close: that waits for WaitForUpdatesEx to end.
	_ = l.server.Listener.Close()
}

// announcement is the line that tells a test where the lab is.
func (l *lab) announcement() interface{} {
	host, port, _ := net.SplitHostPort(l.server.URL.Host)
	der := l.tlsCert.Certificate[0]
	old, current := sha1.Sum(der), sha256.Sum256(der)
	type account struct {
		Name     string `json:"name"`
		Password string `json:"password"`
		Role     string `json:"role"`
	}
	var accounts []account
	for _, u := range l.opt.users {
		accounts = append(accounts, account{u.Name, u.password, u.Role})
	}
	return map[string]interface{}{
		"address":          host,
		"port":             portNumber(port),
		"thumbprintSha1":   strings.ToUpper(hex.EncodeToString(old[:])),
		"thumbprintSha256": strings.ToUpper(hex.EncodeToString(current[:])),
		"certificateFile":  filepath.Join(l.opt.folder, "certificate.pem"),
		"controlPort":      l.control.Addr().(*net.TCPAddr).Port,
		"users":            accounts,
		"processId":        os.Getpid(),
	}
}

func (l *lab) watchSpace() {
	for range time.Tick(2 * time.Second) {
		l.refreshDatastores()
	}
}

// counters tell a test which calls it made, and which of them vSphere would not have understood.
type counters struct {
	mu      sync.Mutex
	calls   map[string]int
	refused []string
}

func (c *counters) count(method string) {
	c.mu.Lock()
	c.calls[method]++
	c.mu.Unlock()
}

func (c *counters) refuse(violation string) {
	c.mu.Lock()
	c.refused = append(c.refused, violation)
	c.mu.Unlock()
}

func (c *counters) snapshot() (map[string]int, []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := map[string]int{}
	for method, count := range c.calls {
		calls[method] = count
	}
	return calls, append([]string{}, c.refused...)
}
