package main

import (
	"log"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// tasks run beside the request that asked for them: the simulator's own are done when it answers.
type tasks struct {
	mu      sync.Mutex
	running map[ref]chan struct{}
	delay   time.Duration
}

type operation func() (types.AnyType, types.BaseMethodFault)

func (t *tasks) start(entity ref, method, user string, pause time.Duration, isStubborn bool, run operation, end func(ref)) ref {
	id := strings.TrimSuffix(method, "_Task")
	task := simulator.CreateTask(entity, strings.ToLower(id[:1])+id[1:], nil)
	cancelled := make(chan struct{})
	t.mu.Lock()
	if !isStubborn {
		t.running[task.Self] = cancelled
	}
	t.mu.Unlock()
	update(task, map[string]types.AnyType{
		"info.name": method, "info.reason": &types.TaskReasonUser{UserName: user}, "info.cancelable": !isStubborn,
	})
	go t.run(task, cancelled, pause, run, end)
	return task.Self
}

func (t *tasks) run(task *simulator.Task, cancelled chan struct{}, pause time.Duration, run operation, isOver func(ref)) {
	update(task, map[string]types.AnyType{"info.startTime": time.Now(), "info.state": types.TaskInfoStateRunning, "info.progress": int32(0)})
	result, fault := types.AnyType(nil), types.BaseMethodFault(nil)
	if t.wait(task, cancelled, pause) {
		result, fault = guarded(run)
	} else {
		fault = &types.RequestCanceled{}
	}
	t.mu.Lock()
	delete(t.running, task.Self)
	t.mu.Unlock()
	// Whoever sees the end may begin the next at once.
	isOver(task.Self)
	end := map[string]types.AnyType{"info.completeTime": time.Now(), "info.cancelable": false}
	if fault != nil {
		log.Printf("%s failed: %T", task.Info.Name, fault)
		end["info.error"] = types.LocalizedMethodFault{Fault: fault, LocalizedMessage: messageOf(fault)}
		end["info.state"] = types.TaskInfoStateError
	} else {
		if result != nil {
			end["info.result"] = result
		}
		end["info.progress"] = int32(100)
		end["info.state"] = types.TaskInfoStateSuccess
	}
	update(task, end)
}

// wait lets time pass, tells the progress, and says whether the task may still begin.
func (t *tasks) wait(task *simulator.Task, cancelled chan struct{}, pause time.Duration) bool {
	const steps = 10
	for step := 1; step <= steps; step++ {
		select {
		case <-cancelled:
			return false
		case <-time.After((t.delay + pause) / steps):
		}
		if pause > 0 {
			update(task, map[string]types.AnyType{"info.progress": int32(step * 9)})
		}
	}
	return true
}

func (t *tasks) cancel(task ref) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	cancelled, ok := t.running[task]
	if ok {
		close(cancelled)
		delete(t.running, task)
	}
	return ok
}

// guarded: the simulator panics on some input, and a panic beside a request would end the whole lab.
func guarded(run operation) (result types.AnyType, fault types.BaseMethodFault) {
	defer func() {
		if cause := recover(); cause != nil {
			log.Printf("the simulator panicked: %v\n%s", cause, debug.Stack())
			result, fault = nil, &types.SystemError{Reason: "the simulator panicked; see lab.log"}
		}
	}()
	return run()
}
