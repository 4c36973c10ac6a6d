package main

import (
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// ownMethods answer in the simulator's place; nil lets it answer after all.
var ownMethods = map[string]func(*lab, *call) soap.HasFault{
	"CurrentTime": func(l *lab, c *call) soap.HasFault {
		return answer(&types.CurrentTimeResponse{Returnval: l.sessions.now().UTC()})
	},
	"HasPrivilegeOnEntities":       (*lab).hasPrivilegeOnEntities,
	"HasPrivilegeOnEntity":         (*lab).hasPrivilegeOnEntity,
	"HasUserPrivilegeOnEntities":   (*lab).hasUserPrivilegeOnEntities,
	"FetchUserPrivilegeOnEntities": (*lab).fetchUserPrivilegeOnEntities,
	"QueryConfigOption":            (*lab).queryConfigOption,
	"QueryConfigOptionEx":          (*lab).queryConfigOptionEx,
	"QueryConfigOptionDescriptor":  (*lab).queryConfigOptionDescriptor,
	"FindByInventoryPath":          (*lab).findByInventoryPath,
	"ShutdownGuest":                (*lab).shutdownGuest,
	"RebootGuest":                  (*lab).rebootGuest,
	"CancelTask":                   (*lab).cancelTask,
	"CancelRetrievePropertiesEx":   (*lab).cancelRetrieving,
	"CreateDirectory":              (*lab).createDirectory,
	"DeleteDirectory":              (*lab).deleteDirectory,
	"MakeDirectory":                (*lab).makeDirectory,
	"SetField":                     (*lab).setField,
	"RefreshDatastore": func(l *lab, c *call) soap.HasFault {
		l.refreshDatastores()
		return answer(&types.RefreshDatastoreResponse{})
	},
}

// operationFor is what a task does.
func (l *lab) operationFor(c *call) operation {
	switch body := c.body.(type) {
	case *types.CreateVM_Task:
		return func() (types.AnyType, types.BaseMethodFault) { return l.createVM(body) }
	case *types.CreateChildVM_Task:
		return func() (types.AnyType, types.BaseMethodFault) { return l.createChildVM(body) }
	case *types.ReconfigVM_Task:
		return func() (types.AnyType, types.BaseMethodFault) { return l.reconfigureVM(body) }
	case *types.PowerOnVM_Task:
		return l.powerOperation(c.this, (*machine).powerOn)
	case *types.PowerOnMultiVM_Task:
		return func() (types.AnyType, types.BaseMethodFault) { return l.powerOnByDrs(body, c.user) }
	case *types.PowerOffVM_Task:
		return l.powerOperation(c.this, (*machine).powerOff)
	case *types.ResetVM_Task:
		return l.powerOperation(c.this, (*machine).reset)
	case *types.Destroy_Task:
		return func() (types.AnyType, types.BaseMethodFault) { return l.destroyVM(body) }
	case *types.MigrateVM_Task:
		return func() (types.AnyType, types.BaseMethodFault) { return l.migrateVM(body.This, body.Host, body.Pool) }
	case *types.RelocateVM_Task:
		return func() (types.AnyType, types.BaseMethodFault) { return l.relocateVM(body) }
	case *types.MoveIntoFolder_Task:
		if areVMs(body.List) {
			return func() (types.AnyType, types.BaseMethodFault) { return moveVMs(body) }
		}
	case *types.Rename_Task:
		if virtualMachine(body.This) != nil {
			return func() (types.AnyType, types.BaseMethodFault) { return renameVM(body) }
		}
	case *types.CloneVM_Task, *types.SuspendVM_Task, *types.RevertToSnapshot_Task, *types.RevertToCurrentSnapshot_Task:
		// Of VMs with real disks the simulator would make VMs without.
		return func() (types.AnyType, types.BaseMethodFault) { return nil, &types.NotSupported{} }
	case *types.SearchDatastore_Task:
		body.SearchSpec = wholeSearch(body.SearchSpec)
	case *types.SearchDatastoreSubFolders_Task:
		body.SearchSpec = wholeSearch(body.SearchSpec)
	}
	return func() (types.AnyType, types.BaseMethodFault) {
		result, fault := invokeTask(c.body)
		l.refreshDatastores()
		return result, fault
	}
}

func (l *lab) powerOperation(vm ref, run func(*machine, *simulator.VirtualMachine) types.BaseMethodFault) operation {
	return func() (types.AnyType, types.BaseMethodFault) {
		found := virtualMachine(vm)
		if found == nil {
			return nil, &types.ManagedObjectNotFound{Obj: vm}
		}
		m := l.machines.of(vm)
		m.turn.Lock()
		defer m.turn.Unlock()
		return nil, run(m, found)
	}
}

// powerOnByDrs starts a task of its own for each VM, as DRS does; the answer names them.
func (l *lab) powerOnByDrs(request *types.PowerOnMultiVM_Task, user string) (types.AnyType, types.BaseMethodFault) {
	result := types.ClusterPowerOnVmResult{}
	for _, vm := range request.Vm {
		if virtualMachine(vm) == nil {
			return nil, &types.ManagedObjectNotFound{Obj: vm}
		}
		if l.drsStart == "notAttempted" {
			fault := &types.NoCompatibleHost{}
			result.NotAttempted = append(result.NotAttempted, types.ClusterNotAttemptedVmInfo{
				Vm: vm, Fault: types.LocalizedMethodFault{Fault: fault, LocalizedMessage: messageOf(fault)},
			})
			continue
		}
		answer := l.respondWithTask(&call{name: "PowerOnVM_Task", this: vm, body: &types.PowerOnVM_Task{This: vm}, user: user})
		if fault := answer.Fault(); fault != nil {
			vim := fault.VimFault().(types.BaseMethodFault)
			result.NotAttempted = append(result.NotAttempted, types.ClusterNotAttemptedVmInfo{
				Vm: vm, Fault: types.LocalizedMethodFault{Fault: vim, LocalizedMessage: messageOf(vim)},
			})
			continue
		}
		task := answer.(*reply).Res.(*taskResponse).Returnval
		attempt := types.ClusterAttemptedVmInfo{Vm: vm}
		if l.drsStart != "noTask" {
			attempt.Task = &task
		}
		result.Attempted = append(result.Attempted, attempt)
	}
	return result, nil
}

// wholeSearch: without a pattern the simulator finds nothing, and without a spec it panics.
func wholeSearch(spec *types.HostDatastoreBrowserSearchSpec) *types.HostDatastoreBrowserSearchSpec {
	if spec == nil {
		spec = &types.HostDatastoreBrowserSearchSpec{}
	}
	if len(spec.MatchPattern) == 0 {
		spec.MatchPattern = []string{"*"}
	}
	return spec
}

func (l *lab) hasPrivilegeOnEntities(c *call) soap.HasFault {
	body := c.body.(*types.HasPrivilegeOnEntities)
	session := l.sessions.byKey(body.SessionId)
	if session == nil {
		return refusal(&types.InvalidArgument{InvalidProperty: "sessionId"})
	}
	response := &types.HasPrivilegeOnEntitiesResponse{}
	for _, entity := range body.Entity {
		response.Returnval = append(response.Returnval, session.user.role.availability(entity, body.PrivId))
	}
	return answer(response)
}

func (l *lab) hasPrivilegeOnEntity(c *call) soap.HasFault {
	body := c.body.(*types.HasPrivilegeOnEntity)
	session := l.sessions.byKey(body.SessionId)
	if session == nil {
		return refusal(&types.InvalidArgument{InvalidProperty: "sessionId"})
	}
	response := &types.HasPrivilegeOnEntityResponse{}
	for _, privilege := range body.PrivId {
		response.Returnval = append(response.Returnval, session.user.role[privilege])
	}
	return answer(response)
}

func (l *lab) hasUserPrivilegeOnEntities(c *call) soap.HasFault {
	body := c.body.(*types.HasUserPrivilegeOnEntities)
	response := &types.HasUserPrivilegeOnEntitiesResponse{}
	asked := l.userNamed(body.UserName)
	if asked == nil {
		return refusal(&types.InvalidArgument{InvalidProperty: "userName"})
	}
	for _, entity := range body.Entities {
		response.Returnval = append(response.Returnval, asked.role.availability(entity, body.PrivId))
	}
	return answer(response)
}

func (l *lab) fetchUserPrivilegeOnEntities(c *call) soap.HasFault {
	body := c.body.(*types.FetchUserPrivilegeOnEntities)
	asked := l.userNamed(body.UserName)
	if asked == nil {
		return refusal(&types.InvalidArgument{InvalidProperty: "userName"})
	}
	response := &types.FetchUserPrivilegeOnEntitiesResponse{}
	for _, entity := range body.Entities {
		response.Returnval = append(response.Returnval, types.UserPrivilegeResult{Entity: entity, Privileges: asked.role.list()})
	}
	return answer(response)
}

func (l *lab) cancelTask(c *call) soap.HasFault {
	if !l.tasks.cancel(c.this) {
		return refusal(&types.InvalidState{})
	}
	return answer(&types.CancelTaskResponse{})
}

// setField: the simulator appends a value where vSphere replaces it.
func (l *lab) setField(c *call) soap.HasFault {
	body := c.body.(*types.SetField)
	l.fields.Lock()
	defer l.fields.Unlock()
	vm := virtualMachine(body.Entity)
	if vm == nil {
		return nil
	}
	without := func(values []types.BaseCustomFieldValue) []types.BaseCustomFieldValue {
		var kept []types.BaseCustomFieldValue
		for _, value := range values {
			if value.GetCustomFieldValue().Key != body.Key {
				kept = append(kept, value)
			}
		}
		return kept
	}
	simulator.Map.WithLock(vm, func() { vm.CustomValue, vm.Value = without(vm.CustomValue), without(vm.Value) })
	return invoke(body)
}

func placeOf(vm *simulator.VirtualMachine) (dir, datastore string) {
	var p object.DatastorePath
	p.FromString(vm.Config.Files.VmPathName)
	return parentOf(p.Path), p.Datastore
}
