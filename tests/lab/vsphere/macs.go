package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// noMacYet stands in a request for the address that a card has none of.
const noMacYet = "not yet"

// replaceMacs gives each card with one address another.
func replaceMacs(vm *simulator.VirtualMachine, old string, next func() string) {
	isChanged := false
	var devices []types.BaseVirtualDevice
	simulator.Map.WithLock(vm, func() {
		devices = append(devices, vm.Config.Hardware.Device...)
		for _, device := range devices {
			if card, ok := device.(types.BaseVirtualEthernetCard); ok && card.GetVirtualEthernetCard().MacAddress == old {
				card.GetVirtualEthernetCard().MacAddress = next()
				isChanged = true
			}
		}
	})
	if isChanged {
		update(vm, map[string]types.AnyType{"config.hardware.device": devices})
	}
}

func forgetMacs(vm *simulator.VirtualMachine) {
	replaceMacs(vm, noMacYet, func() string { return "" })
}

// generateMacs is the part of a first power-on.
func generateMacs(vm *simulator.VirtualMachine) { replaceMacs(vm, "", newMacAddress) }
