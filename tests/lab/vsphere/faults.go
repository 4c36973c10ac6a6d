package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// injectedFault is what POST /fault asks for.
type injectedFault struct {
	// An SDK method (CreateVM_Task), "PUT /folder", "GET /folder", or * for any SDK method.
	Method string `json:"method"`
	// taskError, fault, slow, dropSession, http, answer, disconnect, disconnectAfter
	Kind string `json:"kind"`
	// For taskError and fault: a vSphere type's name.
	Fault string `json:"fault"`
	// How many calls are hit: 1 unless told, -1 for all.
	Count int `json:"count"`
	// How many calls pass before.
	Skip int `json:"skip"`
	// For slow and taskError: how long it takes.
	AfterMs int `json:"afterMs"`
	// For disconnect of a PUT: how many bytes arrive before.
	AfterBytes int64 `json:"afterBytes"`
	// For http: 500 unless told.
	Status int `json:"status"`
	// For answer: what comes with HTTP 200 in the answer's place.
	Body string `json:"body"`
	// For slow: the task cannot be cancelled.
	Stubborn bool `json:"stubborn"`
	// Only requests that hold this text.
	Match string `json:"match"`

	fault types.BaseMethodFault
}

type faults struct {
	mu      sync.Mutex
	pending []*injectedFault
}

func (f *faults) add(fault *injectedFault) error {
	switch fault.Kind {
	case "taskError", "fault":
		if fault.fault = faultNamed(fault.Fault); fault.fault == nil {
			return fmt.Errorf("no such fault: %q", fault.Fault)
		}
	case "slow", "dropSession", "http", "answer", "disconnect", "disconnectAfter":
	default:
		return fmt.Errorf("no such kind: %q", fault.Kind)
	}
	if fault.Method == "" {
		return fmt.Errorf("method is missing")
	}
	if fault.Count == 0 {
		fault.Count = 1
	}
	if fault.Status == 0 {
		fault.Status = http.StatusInternalServerError
	}
	f.mu.Lock()
	f.pending = append(f.pending, fault)
	f.mu.Unlock()
	return nil
}

func (f *faults) clear() {
	f.mu.Lock()
	f.pending = nil
	f.mu.Unlock()
}

// take gives the fault that hits a call, and counts it down; nil for none.
func (f *faults) take(method string, request []byte) *injectedFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.pending {
		isMeant := fault.Method == method || (fault.Method == "*" && request != nil)
		if !isMeant || (fault.Match != "" && !bytes.Contains(request, []byte(fault.Match))) {
			continue
		}
		if fault.Skip > 0 {
			fault.Skip--
			continue
		}
		if fault.Count > 0 {
			if fault.Count--; fault.Count == 0 {
				f.pending = append(f.pending[:i:i], f.pending[i+1:]...)
			}
		}
		return fault
	}
	return nil
}

// inject does what comes before the call itself, and says whether that was all.
func (l *lab) inject(w http.ResponseWriter, c *call) bool {
	switch c.injected.Kind {
	case "fault":
		writeSoap(w, refusal(c.injected.fault))
		return true
	case "http":
		http.Error(w, "injected", c.injected.Status)
		return true
	case "answer":
		_, _ = io.WriteString(w, c.injected.Body)
		return true
	case "disconnect":
		cutConnection(w)
		return true
	case "dropSession":
		if c.session != nil {
			l.sessions.drop(c.session.Key)
			c.session = nil
		}
	case "slow":
		if !isTaskMethod(c.name) {
			time.Sleep(time.Duration(c.injected.AfterMs) * time.Millisecond)
		}
	}
	return false
}

func isTaskMethod(name string) bool { return len(name) > 5 && name[len(name)-5:] == "_Task" }

func (f *injectedFault) cutsAnswer() bool { return f != nil && f.Kind == "disconnectAfter" }

// onTask is how much longer a task takes, and what it fails with.
func (f *injectedFault) onTask() (time.Duration, types.BaseMethodFault) {
	if f == nil {
		return 0, nil
	}
	pause := time.Duration(f.AfterMs) * time.Millisecond
	switch f.Kind {
	case "taskError":
		return pause, f.fault
	case "slow":
		return pause, nil
	}
	return 0, nil
}
