package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// What happens to a VM while it runs: other hosts, other folders, other names. Its process goes on.

func (l *lab) migrateVM(vm ref, host, pool *ref) (types.AnyType, types.BaseMethodFault) {
	found := virtualMachine(vm)
	if found == nil {
		return nil, &types.ManagedObjectNotFound{Obj: vm}
	}
	m := l.machines.of(vm)
	m.turn.Lock()
	defer m.turn.Unlock()
	if host != nil {
		if fault := moveToHost(found, *host); fault != nil {
			return nil, fault
		}
	}
	if pool != nil {
		update(found, map[string]types.AnyType{"resourcePool": pool})
	}
	return nil, nil
}

func (l *lab) relocateVM(request *types.RelocateVM_Task) (types.AnyType, types.BaseMethodFault) {
	spec := request.Spec
	// Disks of a running process stay where they are.
	if spec.Datastore != nil || len(spec.Disk) > 0 || spec.Profile != nil || spec.Service != nil {
		return nil, &types.NotSupported{}
	}
	return l.migrateVM(request.This, spec.Host, spec.Pool)
}

func moveToHost(vm *simulator.VirtualMachine, target ref) types.BaseMethodFault {
	host, ok := simulator.Map.Get(target).(*simulator.HostSystem)
	if !ok {
		return &types.ManagedObjectNotFound{Obj: target}
	}
	if fault := hostUnable(host); fault != nil {
		return fault
	}
	for _, datastore := range vm.Datastore {
		if simulator.FindReference(host.Datastore, datastore) == nil {
			return &types.CannotAccessVmDisk{}
		}
	}
	if old, ok := simulator.Map.Get(*vm.Runtime.Host).(*simulator.HostSystem); ok {
		simulator.Map.RemoveReference(old, &old.Vm, vm.Self)
	}
	simulator.Map.AppendReference(host, &host.Vm, vm.Self)
	update(vm, map[string]types.AnyType{"runtime.host": &host.Self, "summary.runtime.host": &host.Self})
	return nil
}

// moveVMs: the simulator takes a VM out of the inventory for the way, and those who watch it lose it.
func moveVMs(request *types.MoveIntoFolder_Task) (types.AnyType, types.BaseMethodFault) {
	target, ok := simulator.Map.Get(request.This).(*simulator.Folder)
	if !ok || !contains(target.ChildType, "VirtualMachine") {
		return nil, &types.NotSupported{}
	}
	for _, each := range request.List {
		vm := virtualMachine(each)
		if fault := nameTaken(target.Self, vm.Name); fault != nil {
			return nil, fault
		}
		if old, ok := simulator.Map.Get(*vm.Parent).(*simulator.Folder); ok {
			simulator.Map.RemoveReference(old, &old.ChildEntity, vm.Self)
		}
		simulator.Map.AppendReference(target, &target.ChildEntity, vm.Self)
		update(vm, map[string]types.AnyType{"parent": &target.Self})
	}
	return nil, nil
}

// renameVM: the files keep their names, as with vSphere.
func renameVM(request *types.Rename_Task) (types.AnyType, types.BaseMethodFault) {
	vm := virtualMachine(request.This)
	if fault := nameTaken(*vm.Parent, request.NewName); fault != nil {
		return nil, fault
	}
	update(vm, map[string]types.AnyType{
		"name": request.NewName, "config.name": request.NewName, "summary.config.name": request.NewName,
	})
	return nil, nil
}

func areVMs(list []ref) bool {
	for _, each := range list {
		if virtualMachine(each) == nil {
			return false
		}
	}
	return len(list) > 0
}

func machineNamed(name string) *simulator.VirtualMachine {
	for _, entity := range simulator.Map.All("VirtualMachine") {
		if vm, ok := entity.(*simulator.VirtualMachine); ok && vm.Name == name {
			return vm
		}
	}
	return nil
}

func hostNamed(name string) mo.Entity {
	for _, entity := range simulator.Map.All("HostSystem") {
		if entity.Entity().Name == name {
			return entity
		}
	}
	return nil
}
