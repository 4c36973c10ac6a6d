package main

import (
	"context"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type ref = types.ManagedObjectReference

// The session of what the lab itself calls.
var labSession = &simulator.Session{
	UserSession: types.UserSession{Key: "linuxp2v-vsphere-lab", UserName: "lab"},
	Registry:    simulator.NewRegistry(),
}

// invoke calls the simulator's own method for a request, past the HTTP front and its checks.
func invoke(body interface{}) soap.HasFault {
	request := reflect.ValueOf(body)
	this := request.Elem().FieldByName("This").Interface().(ref)
	name := request.Elem().Type().Name()
	handler := simulator.Map.Get(this)
	if handler == nil {
		return refusal(&types.ManagedObjectNotFound{Obj: this})
	}
	method := reflect.ValueOf(handler).MethodByName(strings.Title(strings.Replace(name, "_Task", "Task", 1)))
	if !method.IsValid() {
		return refusal(&types.MethodNotFound{Receiver: this, Method: name})
	}
	var arguments []reflect.Value
	if method.Type().NumIn() == 2 {
		arguments = append(arguments, reflect.ValueOf(&simulator.Context{
			Context: context.Background(), Map: simulator.Map, Session: labSession, Caller: &this,
		}))
	}
	arguments = append(arguments, request)
	var result []reflect.Value
	simulator.Map.WithLock(handler, func() { result = method.Call(arguments) })
	return result[0].Interface().(soap.HasFault)
}

// invokeTask does the same for a method that makes a task, which the simulator has finished when it answers.
func invokeTask(body interface{}) (types.AnyType, types.BaseMethodFault) {
	answer := invoke(body)
	if fault := answer.Fault(); fault != nil {
		if vim, ok := fault.VimFault().(types.BaseMethodFault); ok {
			return nil, vim
		}
		return nil, &types.SystemError{Reason: fault.String}
	}
	inner := reflect.ValueOf(answer).Elem().FieldByName("Res").Elem().FieldByName("Returnval").Interface().(ref)
	task, ok := simulator.Map.Get(inner).(*simulator.Task)
	if !ok {
		return nil, &types.SystemError{Reason: "the simulator's task is gone"}
	}
	if task.Info.Error != nil {
		return nil, task.Info.Error.Fault
	}
	return task.Info.Result, nil
}
