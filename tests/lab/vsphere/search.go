package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// findByInventoryPath: the simulator's does not look into datastore clusters.
func (l *lab) findByInventoryPath(c *call) soap.HasFault {
	path := strings.Trim(c.body.(*types.FindByInventoryPath).InventoryPath, "/")
	at := simulator.Map.Get(serviceInstance).(*simulator.ServiceInstance).Content.RootFolder
	if path != "" {
		for _, name := range strings.Split(path, "/") {
			child := childNamed(at, name)
			if child == nil {
				return answer(&types.FindByInventoryPathResponse{})
			}
			at = *child
		}
	}
	return answer(&types.FindByInventoryPathResponse{Returnval: &at})
}

func childNamed(parent ref, name string) *ref {
	// In a name a slash, a backslash and a percent sign are escaped.
	name = strings.NewReplacer("%2f", "/", "%2F", "/", "%5c", `\`, "%5C", `\`, "%25", "%").Replace(name)
	for _, child := range childrenOf(parent) {
		if entity, ok := simulator.Map.Get(child).(mo.Entity); ok && nameOf(entity) == name {
			return &child
		}
	}
	return nil
}

func childrenOf(parent ref) (children []ref) {
	object := simulator.Map.Get(parent)
	if object == nil {
		return nil
	}
	simulator.Map.WithLock(object, func() {
		switch o := object.(type) {
		case *simulator.Folder:
			children = append(children, o.ChildEntity...)
		case *simulator.StoragePod:
			children = append(children, o.ChildEntity...)
		case *simulator.Datacenter:
			children = append(children, o.VmFolder, o.HostFolder, o.DatastoreFolder, o.NetworkFolder)
		case *mo.ComputeResource:
			children = append(append(children, *o.ResourcePool), o.Host...)
		case *simulator.ClusterComputeResource:
			children = append(append(children, *o.ResourcePool), o.Host...)
		case *simulator.ResourcePool:
			children = append(append(children, o.ResourcePool.ResourcePool...), o.Vm...)
		case *simulator.VirtualApp:
			children = append(append(children, o.ResourcePool.ResourcePool...), o.Vm...)
		}
	})
	return children
}

// nameOf: some types have a name of their own beside the entity's.
func nameOf(entity mo.Entity) string {
	switch e := entity.(type) {
	case *mo.Network:
		return e.Name
	case *simulator.DistributedVirtualPortgroup:
		return e.Name
	case *simulator.DistributedVirtualSwitch:
		return e.Name
	}
	return entity.Entity().Name
}
