package main

import (
	"fmt"
	"reflect"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// What another tool, or an administrator, does with a VM: as tasks like any client's.
var othersActions = map[string]func(vm ref, line string) (interface{}, error){
	"rename": func(vm ref, name string) (interface{}, error) {
		return &types.Rename_Task{This: vm, NewName: name}, nil
	},
	"move": func(vm ref, folder string) (interface{}, error) {
		for _, entity := range simulator.Map.All("Folder") {
			if entity.Entity().Name == folder {
				return &types.MoveIntoFolder_Task{This: entity.Reference(), List: []ref{vm}}, nil
			}
		}
		return nil, fmt.Errorf("no such folder: %q", folder)
	},
	"migrate": func(vm ref, host string) (interface{}, error) {
		target := hostNamed(host)
		if target == nil {
			return nil, fmt.Errorf("no such host: %q", host)
		}
		to := target.Reference()
		return &types.MigrateVM_Task{This: vm, Host: &to, Priority: types.VirtualMachineMovePriorityDefaultPriority}, nil
	},
	"reset": func(vm ref, _ string) (interface{}, error) {
		return &types.ResetVM_Task{This: vm}, nil
	},
	"snapshot": func(vm ref, name string) (interface{}, error) {
		return &types.CreateSnapshot_Task{This: vm, Name: name, Quiesce: true}, nil
	},
	"removeSnapshots": func(vm ref, _ string) (interface{}, error) {
		return &types.RemoveAllSnapshots_Task{This: vm}, nil
	},
}

// runForOther runs a task to its end.
func (l *lab) runForOther(body interface{}) error {
	request := reflect.ValueOf(body).Elem()
	c := &call{name: request.Type().Name(), this: request.FieldByName("This").Interface().(ref), body: body, user: "another"}
	result := l.respondWithTask(c)
	if fault := result.Fault(); fault != nil {
		return fmt.Errorf("%s: %s", c.name, fault.String)
	}
	task := simulator.Map.Get(result.(*reply).Res.(*taskResponse).Returnval).(*simulator.Task)
	for {
		var info types.TaskInfo
		simulator.Map.WithLock(task, func() { info = task.Info })
		switch info.State {
		case types.TaskInfoStateSuccess:
			return nil
		case types.TaskInfoStateError:
			return fmt.Errorf("%s: %s", c.name, info.Error.LocalizedMessage)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
