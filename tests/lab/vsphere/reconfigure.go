package main

import (
	"os"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// reconfigureVM: the simulator appends extraConfig, replaces boot options and leaves new disks empty; vSphere does not.
func (l *lab) reconfigureVM(request *types.ReconfigVM_Task) (types.AnyType, types.BaseMethodFault) {
	vm := virtualMachine(request.This)
	if vm == nil {
		return nil, &types.ManagedObjectNotFound{Obj: request.This}
	}
	machine := l.machines.of(request.This)
	machine.turn.Lock()
	defer machine.turn.Unlock()
	spec := &request.Spec
	if fault := checkRunningChange(vm, spec); fault != nil {
		return nil, fault
	}
	if spec.GuestId != "" && !supportsGuest(spec.GuestId, vm.Config.Version) {
		return nil, &types.InvalidArgument{InvalidProperty: "configSpec.guestId"}
	}
	plan := newDevicePlan(vm.Config.Hardware.Device)
	if fault := plan.arrange(spec.DeviceChange); fault != nil {
		return nil, fault
	}
	dir, datastore := placeOf(vm)
	if fault := nameDisks(spec.DeviceChange, dir, datastore, vm.Name); fault != nil {
		return nil, fault
	}
	if fault := l.checkSpace(spec.DeviceChange); fault != nil {
		return nil, fault
	}
	values := takeExtraConfig(spec)
	if spec.BootOptions != nil {
		spec.BootOptions = mergeBootOptions(vm.Config.BootOptions, spec.BootOptions)
	}
	if _, fault := invokeTask(request); fault != nil {
		return nil, fault
	}
	if fault := finishDisks(spec.DeviceChange); fault != nil {
		return nil, fault
	}
	forgetMacs(vm)
	setExtraConfig(vm, values)
	machine.afterReconfigure(vm, values, spec.DeviceChange)
	l.refreshDatastores()
	return nil, nil
}

// checkRunningChange refuses what a running VM without hot-plug does not take.
func checkRunningChange(vm *simulator.VirtualMachine, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	state := powerState(vm)
	if state == types.VirtualMachinePowerStatePoweredOff {
		return nil
	}
	refused := spec.NumCPUs != 0 || spec.MemoryMB != 0 || spec.Firmware != "" || spec.Version != "" || spec.GuestId != ""
	for _, each := range spec.DeviceChange {
		change := each.GetVirtualDeviceConfigSpec()
		// vSphere plugs disks and cards into a running VM; the lab cannot.
		refused = refused || change.Operation != types.VirtualDeviceConfigSpecOperationEdit
	}
	if !refused {
		return nil
	}
	return &types.InvalidPowerState{RequestedState: types.VirtualMachinePowerStatePoweredOff, ExistingState: state}
}

// takeExtraConfig takes the values out of a spec, so that the simulator does not append them.
func takeExtraConfig(spec *types.VirtualMachineConfigSpec) map[string]string {
	values := map[string]string{}
	for _, each := range spec.ExtraConfig {
		option := each.GetOptionValue()
		text, _ := option.Value.(string)
		values[option.Key] = text
	}
	spec.ExtraConfig = nil
	return values
}

// mergeBootOptions keeps what a spec does not name. A boot order of one entry that is no device takes the order away.
func mergeBootOptions(old, asked *types.VirtualMachineBootOptions) *types.VirtualMachineBootOptions {
	merged := *asked
	if old == nil {
		old = &types.VirtualMachineBootOptions{}
	}
	for _, each := range []struct {
		value **bool
		old   *bool
	}{
		{&merged.EnterBIOSSetup, old.EnterBIOSSetup},
		{&merged.EfiSecureBootEnabled, old.EfiSecureBootEnabled},
		{&merged.BootRetryEnabled, old.BootRetryEnabled},
	} {
		if *each.value == nil {
			*each.value = each.old
		}
	}
	if merged.BootDelay == 0 {
		merged.BootDelay = old.BootDelay
	}
	if merged.BootRetryDelay == 0 {
		merged.BootRetryDelay = old.BootRetryDelay
	}
	if merged.BootOrder == nil {
		merged.BootOrder = old.BootOrder
	}
	for _, entry := range merged.BootOrder {
		if _, isNone := entry.(*types.VirtualMachineBootOptionsBootableDevice); isNone {
			merged.BootOrder = nil
			break
		}
	}
	return &merged
}

// finishDisks gives new disks their content, and larger ones their size.
func finishDisks(changes []types.BaseVirtualDeviceConfigSpec) types.BaseMethodFault {
	for _, each := range changes {
		change := each.GetVirtualDeviceConfigSpec()
		disk, ok := change.Device.(*types.VirtualDisk)
		if !ok || change.Operation == types.VirtualDeviceConfigSpecOperationRemove {
			continue
		}
		isNew := change.FileOperation == types.VirtualDeviceConfigSpecFileOperationCreate
		isEdited := change.Operation == types.VirtualDeviceConfigSpecOperationEdit
		if !isNew && !(isEdited && hasGrown(disk)) {
			continue
		}
		if err := formatDisk(disk); err != nil {
			return &types.SystemError{Reason: err.Error()}
		}
	}
	return nil
}

func hasGrown(disk *types.VirtualDisk) bool {
	backing, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	if !ok {
		return false
	}
	info, err := os.Stat(flatFile(fileOf(backing.FileName)))
	return err == nil && capacityOfDisk(disk) > info.Size()
}

// destroyVM ends the files that the simulator forgets: disks on other datastores than the VM's own.
func (l *lab) destroyVM(request *types.Destroy_Task) (types.AnyType, types.BaseMethodFault) {
	vm := virtualMachine(request.This)
	if vm == nil {
		return invokeTask(request)
	}
	machine := l.machines.of(request.This)
	machine.turn.Lock()
	defer machine.turn.Unlock()
	disks := append([]types.BaseVirtualDevice{}, vm.Config.Hardware.Device...)
	dir, datastore := placeOf(vm)
	intoFolder(vm)
	if _, fault := invokeTask(request); fault != nil {
		return nil, fault
	}
	for _, device := range disks {
		if disk, ok := device.(*types.VirtualDisk); ok {
			if backing, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
				_ = os.Remove(fileOf(backing.FileName))
				_ = os.Remove(flatFile(fileOf(backing.FileName)))
			}
		}
	}
	if isVsan(datastore) {
		forgetNamespace(datastoreNamed(datastore), dir)
	}
	l.machines.forget(request.This)
	l.refreshDatastores()
	return nil, nil
}
