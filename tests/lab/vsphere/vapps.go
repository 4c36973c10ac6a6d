package main

import (
	"context"
	"fmt"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// addVApp makes a vApp in the root pool of a cluster.
func (l *lab) addVApp(request *struct{ Cluster, Name string }) error {
	for _, entity := range simulator.Map.All("ClusterComputeResource") {
		if entity.Entity().Name != request.Cluster {
			continue
		}
		cluster := entity.(*simulator.ClusterComputeResource)
		_, err := object.NewResourcePool(l.client, *cluster.ResourcePool).
			CreateVApp(context.Background(), request.Name, types.DefaultResourceConfigSpec(), types.VAppConfigSpec{}, nil)
		return err
	}
	return fmt.Errorf("no such cluster: %q", request.Cluster)
}

func vAppOf(pool ref) *simulator.VirtualApp {
	vapp, _ := simulator.Map.Get(pool).(*simulator.VirtualApp)
	return vapp
}

// createChildVM makes a VM in a vApp, with the checks of any other. Such a VM is in no folder.
func (l *lab) createChildVM(request *types.CreateChildVM_Task) (types.AnyType, types.BaseMethodFault) {
	vapp := vAppOf(request.This)
	if vapp == nil {
		return nil, &types.MethodNotFound{Receiver: request.This, Method: "CreateChildVM_Task"}
	}
	folder := *vapp.ParentFolder
	made, fault := l.createVM(&types.CreateVM_Task{This: folder, Config: request.Config, Pool: vapp.Self, Host: request.Host})
	if fault != nil {
		return nil, fault
	}
	vm := virtualMachine(made.(ref))
	parent := simulator.Map.Get(folder).(*simulator.Folder)
	var rest []ref
	for _, child := range childrenOf(folder) {
		if child != vm.Self {
			rest = append(rest, child)
		}
	}
	update(parent, map[string]types.AnyType{"childEntity": rest})
	simulator.Map.WithLock(vm, func() { vm.Parent, vm.ParentVApp = nil, &vapp.Self })
	return made, nil
}

// intoFolder: the simulator takes a VM that goes out of its folder, and panics where there is none.
func intoFolder(vm *simulator.VirtualMachine) {
	if vm.ParentVApp == nil {
		return
	}
	vapp := vAppOf(*vm.ParentVApp)
	parent := simulator.Map.Get(*vapp.ParentFolder).(*simulator.Folder)
	update(parent, map[string]types.AnyType{"childEntity": append(childrenOf(parent.Self), vm.Self)})
	simulator.Map.WithLock(vm, func() { vm.Parent, vm.ParentVApp = &parent.Self, nil })
}
