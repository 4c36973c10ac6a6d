package main

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// call is one decoded SDK request.
type call struct {
	name    string
	this    ref
	body    interface{}
	raw     []byte
	session *session
	request *http.Request
	user    string
	// What an injected fault does to it.
	injected *injectedFault
}

// ServeHTTP stands before the simulator: what it lets through unchecked is checked here, what it lacks is answered here.
func (l *lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, folderPrefix):
		l.serveFolder(w, r)
	case r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/sdk"):
		l.serveSdk(w, r)
	case r.Method == http.MethodPost && r.URL.Path == policyPrefix:
		l.servePolicies(w, r)
	case strings.HasPrefix(r.URL.Path, restPrefix):
		l.serveRest(w, r)
	default:
		l.simulated.ServeHTTP(w, r)
	}
}

func (l *lab) serveSdk(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if fault := checkVersion(r.Header.Get("SOAPAction"), l.opt.api); fault != nil {
		writeSoap(w, fault)
		return
	}
	c, fault := l.decode(raw, r)
	if fault != nil {
		writeSoap(w, fault)
		return
	}
	l.counters.count(c.name)
	c.injected = l.faults.take(c.name, raw)
	if c.injected != nil && l.inject(w, c) {
		return
	}
	out := l.respond(c)
	if c.injected.cutsAnswer() {
		cutConnection(w)
		return
	}
	out(w)
}

func (l *lab) decode(raw []byte, r *http.Request) (*call, soap.HasFault) {
	if violation := checkSchema(raw); violation != "" {
		log.Printf("refused: %s", violation)
		l.counters.refuse(violation)
		return nil, refusalSaying(violation, &types.InvalidRequest{})
	}
	method, err := simulator.UnmarshalBody(typeNamed, raw)
	if err != nil {
		l.counters.refuse(err.Error())
		return nil, refusalSaying(err.Error(), &types.InvalidRequest{})
	}
	c := &call{name: method.Name, this: method.This, body: method.Body, raw: raw, request: r, session: l.sessions.of(r)}
	if c.session != nil {
		c.user = c.session.User
	}
	return c, nil
}

// Without a session the simulator answers more than vCenter does.
var openMethods = map[string]bool{"RetrieveServiceContent": true, "Login": true, "CloneSession": true}

// respond decides the answer, and gives it as a function: an injected fault may swallow it.
func (l *lab) respond(c *call) func(http.ResponseWriter) {
	soapAnswer := func(result soap.HasFault) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { writeSoap(w, result) }
	}
	if c.session == nil && !openMethods[c.name] {
		return soapAnswer(refusal(&types.NotAuthenticated{
			NoPermission: types.NoPermission{Object: c.this, PrivilegeId: "System.View"},
		}))
	}
	if c.name == "Login" {
		if refused := l.checkLogin(c); refused != nil {
			return soapAnswer(refused)
		}
	}
	if !openMethods[c.name] {
		if simulator.Map.Get(c.this) == nil && !strings.HasPrefix(c.this.Value, "session[") {
			return soapAnswer(refusal(&types.ManagedObjectNotFound{Obj: c.this}))
		}
		if refused := c.session.user.role.missing(c); refused != nil {
			return soapAnswer(refusal(refused))
		}
	}
	if own, ok := ownMethods[c.name]; ok {
		if result := own(l, c); result != nil {
			return soapAnswer(result)
		}
	}
	if c.name == "ContinueRetrievePropertiesEx" {
		return l.continueRetrieving(c)
	}
	if strings.HasSuffix(c.name, "_Task") {
		return soapAnswer(l.respondWithTask(c))
	}
	return l.passOn(c)
}

// respondWithTask starts a task of the lab around the simulator's method.
func (l *lab) respondWithTask(c *call) soap.HasFault {
	run := l.operationFor(c)
	pause, fails := c.injected.onTask()
	if fails != nil {
		run = func() (types.AnyType, types.BaseMethodFault) { return nil, fails }
	}
	vm := occupiedBy(c.this)
	start := func() ref {
		end := func(task ref) { l.occupation.leave(vm, task) }
		return l.tasks.start(c.this, c.name, c.user, pause, c.injected != nil && c.injected.Stubborn, run, end)
	}
	task, busy := l.occupation.enter(vm, start)
	if busy != nil {
		if !l.occupation.refusesByTask() {
			return refusal(busy)
		}
		run = func() (types.AnyType, types.BaseMethodFault) { return nil, busy }
		task = start()
	}
	return answer(&taskResponse{method: c.name, Returnval: task})
}

// passOn lets the simulator answer; the request's body was read, so it is given back.
func (l *lab) passOn(c *call) func(http.ResponseWriter) {
	c.request.Body = io.NopCloser(bytes.NewReader(c.raw))
	if c.name == "WaitForUpdatesEx" || c.name == "WaitForUpdates" {
		return func(w http.ResponseWriter) { l.simulated.ServeHTTP(w, c.request) }
	}
	if c.name == "RetrievePropertiesEx" || c.name == "RetrieveProperties" {
		return l.respondWithProperties(c)
	}
	answer := newRecorder()
	l.simulated.ServeHTTP(answer, c.request)
	switch c.name {
	case "Login", "CloneSession":
		l.openSession(answer)
	case "Logout":
		l.sessions.mu.Lock()
		delete(l.sessions.known, c.session.Key)
		l.sessions.mu.Unlock()
	}
	return answer.sendTo
}

func (l *lab) checkLogin(c *call) soap.HasFault {
	login := c.body.(*types.Login)
	u := l.userNamed(login.UserName)
	if u == nil || u.password != login.Password || login.Password == "" {
		return refusal(&types.InvalidLogin{})
	}
	if !u.role["System.View"] {
		root := simulator.Map.Get(serviceInstance).(*simulator.ServiceInstance).Content.RootFolder
		return refusal(&types.NoPermission{Object: root, PrivilegeId: "System.View"})
	}
	return nil
}

var serviceInstance = ref{Type: "ServiceInstance", Value: "ServiceInstance"}

func cutConnection(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if connection, _, err := hijacker.Hijack(); err == nil {
			_ = connection.Close()
		}
	}
}
