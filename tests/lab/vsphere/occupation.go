package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// occupation says which VM has a task, so that a second one is refused as vCenter refuses it.
type occupation struct {
	mu      sync.Mutex
	taskOf  map[ref]ref
	strange map[ref]chan struct{}
	// POST /exclusive: clients' own tasks occupy a VM, too; else only those of POST /busy do.
	isOn bool
	// The refusal comes as the end of a task and not as the answer to the call: both are seen.
	asTask bool
}

func newOccupation() occupation {
	return occupation{taskOf: map[ref]ref{}, strange: map[ref]chan struct{}{}}
}

// enter notes a task of a VM; the answer is the fault when there is one already.
func (o *occupation) enter(vm ref, task func() ref) (ref, types.BaseMethodFault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if other, isBusy := o.taskOf[vm]; isBusy {
		return ref{}, &types.TaskInProgress{Task: other}
	}
	made := task()
	if o.isOn && vm.Type == "VirtualMachine" {
		o.taskOf[vm] = made
	}
	return made, nil
}

func (o *occupation) leave(vm, task ref) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.taskOf[vm] == task {
		delete(o.taskOf, vm)
	}
}

func (o *occupation) set(request *struct{ IsOn, AsTask bool }) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.isOn, o.asTask = request.IsOn, request.AsTask
	return nil
}

func (o *occupation) refusesByTask() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asTask
}

// occupy has another product work on a VM for so long; no time ends that.
func (l *lab) occupy(request *struct {
	Name  string
	ForMs int
}) error {
	vm := machineNamed(request.Name)
	if vm == nil {
		return fmt.Errorf("no such VM: %q", request.Name)
	}
	o := &l.occupation
	o.mu.Lock()
	defer o.mu.Unlock()
	if end, isStrange := o.strange[vm.Self]; isStrange {
		delete(o.strange, vm.Self)
		delete(o.taskOf, vm.Self)
		close(end)
	}
	if request.ForMs <= 0 {
		return nil
	}
	if _, isBusy := o.taskOf[vm.Self]; isBusy {
		return fmt.Errorf("%s is busy already", request.Name)
	}
	task := simulator.CreateTask(vm, "createSnapshot", nil)
	update(task, map[string]types.AnyType{
		"info.name": "CreateSnapshot_Task", "info.reason": &types.TaskReasonUser{UserName: "backup"},
		"info.startTime": time.Now(), "info.state": types.TaskInfoStateRunning,
	})
	end := make(chan struct{})
	o.taskOf[vm.Self], o.strange[vm.Self] = task.Self, end
	go func() {
		select {
		case <-end:
		case <-time.After(time.Duration(request.ForMs) * time.Millisecond):
			o.mu.Lock()
			if o.strange[vm.Self] == end {
				delete(o.strange, vm.Self)
				delete(o.taskOf, vm.Self)
			}
			o.mu.Unlock()
		}
		update(task, map[string]types.AnyType{"info.completeTime": time.Now(), "info.state": types.TaskInfoStateSuccess})
	}()
	return nil
}

// occupiedBy is the VM that a task works on: a snapshot's is its VM.
func occupiedBy(this ref) ref {
	if snapshot, ok := simulator.Map.Get(this).(*simulator.VirtualMachineSnapshot); ok {
		return snapshot.Vm
	}
	return this
}
