package main

import (
	"sort"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// update sets properties under the object's lock, and property collectors learn of it.
func update(object mo.Reference, values map[string]types.AnyType) {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	// In a fixed order: a state last, so that who sees it finds the rest.
	sort.Strings(names)
	changes := make([]types.PropertyChange, 0, len(values))
	for _, name := range names {
		changes = append(changes, types.PropertyChange{Name: name, Val: values[name]})
	}
	simulator.Map.WithLock(object, func() { simulator.Map.Update(object, changes) })
}

// extraConfig as a map; under the VM's lock.
func extraConfig(vm *simulator.VirtualMachine) map[string]string {
	values := map[string]string{}
	for _, option := range vm.Config.ExtraConfig {
		value := option.GetOptionValue()
		text, _ := value.Value.(string)
		values[value.Key] = text
	}
	return values
}

// setExtraConfig merges as vSphere does: a key stands once, and an empty value takes it away.
func setExtraConfig(vm *simulator.VirtualMachine, values map[string]string) {
	var merged []types.BaseOptionValue
	simulator.Map.WithLock(vm, func() {
		all := extraConfig(vm)
		for key, value := range values {
			all[key] = value
		}
		keys := make([]string, 0, len(all))
		for key, value := range all {
			if value != "" {
				keys = append(keys, key)
			}
		}
		sort.Strings(keys)
		for _, key := range keys {
			merged = append(merged, &types.OptionValue{Key: key, Value: all[key]})
		}
	})
	update(vm, map[string]types.AnyType{"config.extraConfig": merged})
}

func readExtraConfig(vm *simulator.VirtualMachine) (values map[string]string) {
	simulator.Map.WithLock(vm, func() { values = extraConfig(vm) })
	return values
}

func virtualMachine(r ref) *simulator.VirtualMachine {
	vm, _ := simulator.Map.Get(r).(*simulator.VirtualMachine)
	return vm
}

func powerState(vm *simulator.VirtualMachine) (state types.VirtualMachinePowerState) {
	simulator.Map.WithLock(vm, func() { state = vm.Runtime.PowerState })
	return state
}
