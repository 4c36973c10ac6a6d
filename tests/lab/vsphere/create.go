package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sort"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// createVM checks what the simulator does not, lets it make the VM, and gives the disks' files their content.
func (l *lab) createVM(request *types.CreateVM_Task) (types.AnyType, types.BaseMethodFault) {
	l.machines.creation.Lock()
	defer l.machines.creation.Unlock()
	spec := &request.Config
	if fault := l.checkSpec(request.This, request.Pool, spec); fault != nil {
		return nil, fault
	}
	plan := newDevicePlan(nil)
	if fault := plan.arrange(spec.DeviceChange); fault != nil {
		return nil, fault
	}
	folder, fault := namePlaces(spec)
	if fault != nil {
		return nil, fault
	}
	if fault := l.checkSpace(spec.DeviceChange); fault != nil {
		return nil, fault
	}
	if fault := l.checkPolicies(spec); fault != nil {
		return nil, fault
	}
	if request.Host, fault = l.chooseHost(request); fault != nil {
		return nil, fault
	}
	values := takeExtraConfig(spec)
	resolveImages(spec.DeviceChange)
	result, fault := invokeTask(request)
	if fault != nil {
		// The simulator leaves what it has made so far.
		_ = os.RemoveAll(folder)
		return nil, fault
	}
	vm := virtualMachine(result.(ref))
	if fault := finishDisks(spec.DeviceChange); fault != nil {
		return nil, fault
	}
	forgetMacs(vm)
	setExtraConfig(vm, values)
	if spec.BootOptions != nil {
		update(vm, map[string]types.AnyType{"config.bootOptions": mergeBootOptions(&types.VirtualMachineBootOptions{}, spec.BootOptions)})
	}
	l.refreshDatastores()
	return result, nil
}

func (l *lab) checkSpec(folder, pool ref, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	invalid := func(property string) types.BaseMethodFault {
		return &types.InvalidArgument{InvalidProperty: "configSpec." + property}
	}
	if spec.Name == "" || len(spec.Name) > 80 {
		return &types.InvalidName{Name: spec.Name}
	}
	if fault := nameTaken(folder, spec.Name); fault != nil {
		return fault
	}
	if vapp := vAppOf(pool); vapp != nil {
		if fault := nameTaken(vapp.Self, spec.Name); fault != nil {
			return fault
		}
	}
	if spec.Version == "" {
		spec.Version = l.newestHardware()
	}
	if !l.supportsHardware(spec.Version) {
		return invalid("version")
	}
	if spec.GuestId == "" {
		spec.GuestId = string(types.VirtualMachineGuestOsIdentifierOtherGuest)
	}
	if !supportsGuest(spec.GuestId, spec.Version) {
		return invalid("guestId")
	}
	if spec.Firmware != "" && spec.Firmware != "bios" && spec.Firmware != "efi" {
		return invalid("firmware")
	}
	if spec.MemoryMB%4 != 0 || spec.MemoryMB < 0 {
		return invalid("memoryMB")
	}
	if spec.BootOptions != nil && isTrue(spec.BootOptions.EfiSecureBootEnabled) && spec.Firmware != "efi" {
		return &types.InvalidVmConfig{Property: "configSpec.bootOptions.efiSecureBootEnabled"}
	}
	if spec.Files == nil {
		return invalid("files")
	}
	if fault := checkTpm(spec); fault != nil {
		return fault
	}
	// The simulator makes them of the path: a second VM of the name would have the first one's.
	if spec.Uuid == "" {
		spec.Uuid = newUuid()
	}
	if spec.InstanceUuid == "" {
		spec.InstanceUuid = newUuid()
	}
	return nil
}

func nameTaken(folder ref, name string) types.BaseMethodFault {
	if simulator.Map.Get(folder) == nil {
		return &types.ManagedObjectNotFound{Obj: folder}
	}
	for _, child := range childrenOf(folder) {
		if entity, ok := simulator.Map.Get(child).(mo.Entity); ok && entity.Entity().Name == name {
			return &types.DuplicateName{Name: name, Object: child}
		}
	}
	return nil
}

// namePlaces settles the VM's folder and its disks' names where the client left them to vSphere; the answer is the folder.
func namePlaces(spec *types.VirtualMachineConfigSpec) (string, types.BaseMethodFault) {
	var p object.DatastorePath
	if !p.FromString(spec.Files.VmPathName) || datastoreNamed(p.Datastore) == nil {
		return "", &types.InvalidDatastorePath{DatastorePath: spec.Files.VmPathName}
	}
	if p.Path == "" && isVsan(p.Datastore) {
		if p.Path = newNamespace(datastoreNamed(p.Datastore), spec.Name); p.Path == "" {
			return "", &types.CannotCreateFile{FileFault: types.FileFault{File: spec.Files.VmPathName}}
		}
	}
	if p.Path == "" {
		p.Path = spec.Name
		for n := 1; exists(fileOf(p.String())); n++ {
			p.Path = fmt.Sprintf("%s_%d", spec.Name, n)
		}
	}
	if path.Ext(p.Path) != ".vmx" {
		p.Path = path.Join(p.Path, spec.Name+".vmx")
	}
	if exists(fileOf(p.String())) {
		return "", &types.FileAlreadyExists{FileFault: types.FileFault{File: p.String()}}
	}
	spec.Files.VmPathName = p.String()
	return filepath.Dir(fileOf(p.String())), nameDisks(spec.DeviceChange, path.Dir(p.Path), p.Datastore, spec.Name)
}

func nameDisks(changes []types.BaseVirtualDeviceConfigSpec, dir, datastore, vm string) types.BaseMethodFault {
	taken := map[string]bool{}
	for index, each := range changes {
		change := each.GetVirtualDeviceConfigSpec()
		disk, ok := change.Device.(*types.VirtualDisk)
		if !ok || change.Operation != types.VirtualDeviceConfigSpecOperationAdd {
			continue
		}
		backing, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
		if !ok || backing.DiskMode == "" || capacityOfDisk(disk) <= 0 && change.FileOperation != "" {
			return &types.InvalidDeviceSpec{DeviceIndex: int32(index)}
		}
		disk.CapacityInBytes = capacityOfDisk(disk)
		disk.CapacityInKB = disk.CapacityInBytes / 1024
		if backing.FileName == "" {
			backing.FileName = "[" + datastore + "]"
		}
		var p object.DatastorePath
		if !p.FromString(backing.FileName) || datastoreNamed(p.Datastore) == nil {
			return &types.InvalidDatastorePath{DatastorePath: backing.FileName}
		}
		if p.Path == "" {
			p.Path = path.Join(dir, vm+".vmdk")
			for n := 1; taken[p.String()] || exists(fileOf(p.String())); n++ {
				p.Path = path.Join(dir, fmt.Sprintf("%s_%d.vmdk", vm, n))
			}
			if p.Datastore != datastore {
				_ = os.MkdirAll(filepath.Dir(fileOf(p.String())), 0o700)
			}
		}
		backing.FileName = p.String()
		taken[backing.FileName] = true
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// checkSpace: a thin disk takes nothing yet, a thick one all of it.
func (l *lab) checkSpace(changes []types.BaseVirtualDeviceConfigSpec) types.BaseMethodFault {
	l.refreshDatastores()
	wanted := map[*simulator.Datastore]int64{}
	for _, each := range changes {
		change := each.GetVirtualDeviceConfigSpec()
		disk, ok := change.Device.(*types.VirtualDisk)
		if !ok || change.FileOperation != types.VirtualDeviceConfigSpecFileOperationCreate {
			continue
		}
		backing := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
		ds := datastoreOfPath(backing.FileName)
		if !isTrue(backing.ThinProvisioned) {
			wanted[ds] += capacityOfDisk(disk)
		}
		if wanted[ds] > freeBytes(ds) || freeBytes(ds) == 0 {
			return &types.NoDiskSpace{FileFault: types.FileFault{File: backing.FileName}, Datastore: ds.Name}
		}
	}
	return nil
}

// chooseHost takes the client's host when it may run the VM, and otherwise the one with the fewest VMs that may.
func (l *lab) chooseHost(request *types.CreateVM_Task) (*ref, types.BaseMethodFault) {
	var owner ref
	switch pool := simulator.Map.Get(request.Pool).(type) {
	case *simulator.ResourcePool:
		owner = pool.Owner
	case *simulator.VirtualApp:
		owner = pool.Owner
	default:
		return nil, &types.ManagedObjectNotFound{Obj: request.Pool}
	}
	candidates := hostsOf(owner)
	if request.Host != nil {
		if simulator.FindReference(candidates, *request.Host) == nil {
			return nil, &types.InvalidArgument{InvalidProperty: "host"}
		}
		candidates = []ref{*request.Host}
	}
	fault := types.BaseMethodFault(&types.NoCompatibleHost{})
	var able []*simulator.HostSystem
	for _, candidate := range candidates {
		host := simulator.Map.Get(candidate).(*simulator.HostSystem)
		if fault = hostRefuses(host, &request.Config); fault == nil {
			able = append(able, host)
		}
	}
	if len(able) == 0 {
		return nil, fault
	}
	sort.SliceStable(able, func(i, j int) bool { return len(able[i].Vm) < len(able[j].Vm) })
	chosen := able[0].Self
	return &chosen, nil
}

func hostsOf(owner ref) []ref {
	switch compute := simulator.Map.Get(owner).(type) {
	case *mo.ComputeResource:
		return compute.Host
	case *simulator.ClusterComputeResource:
		return compute.Host
	}
	return nil
}

// hostRefuses: which of the faults vCenter chooses for a host in the wrong state is not verified.
func hostRefuses(host *simulator.HostSystem, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	if fault := hostUnable(host); fault != nil {
		return fault
	}
	paths := []string{spec.Files.VmPathName}
	for _, each := range spec.DeviceChange {
		if disk, ok := each.GetVirtualDeviceConfigSpec().Device.(*types.VirtualDisk); ok {
			if backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
				paths = append(paths, backing.GetVirtualDeviceFileBackingInfo().FileName)
			}
		}
	}
	for _, p := range paths {
		ds := datastoreOfPath(p)
		if ds == nil || simulator.FindReference(host.Datastore, ds.Self) == nil {
			return &types.InvalidDatastorePath{DatastorePath: p}
		}
	}
	return nil
}

func hostUnable(host *simulator.HostSystem) types.BaseMethodFault {
	if host.Runtime.ConnectionState != types.HostSystemConnectionStateConnected {
		return &types.HostNotConnected{}
	}
	if host.Runtime.InMaintenanceMode {
		return &types.InvalidHostState{Host: &host.Self}
	}
	return nil
}
