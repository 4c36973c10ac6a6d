package main

import (
	"crypto/rand"
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// controllerBaseKey is the key that vSphere gives the first controller of a kind.
func controllerBaseKey(device types.BaseVirtualDevice) (int32, bool) {
	switch device.(type) {
	case types.BaseVirtualSCSIController:
		return 1000, true
	case types.BaseVirtualSATAController:
		return 15000, true
	case *types.VirtualNVMEController:
		return 31000, true
	case *types.VirtualIDEController:
		return 200, true
	case *types.VirtualUSBController:
		return 7000, true
	case *types.VirtualUSBXHCIController:
		return 14000, true
	}
	return 0, false
}

// unitsOf is the key of a controller's first device, how many it takes, and the unit that is its own.
func unitsOf(controller types.BaseVirtualDevice, key int32) (first, units, reserved int32) {
	if controller == nil {
		return 3000 + 2*(key-200), 2, -1
	}
	bus := controller.(types.BaseVirtualController).GetVirtualController().BusNumber
	switch controller.(type) {
	case types.BaseVirtualSCSIController:
		return 2000 + 16*bus, 16, 7
	case types.BaseVirtualSATAController:
		return 16000 + 30*bus, 30, -1
	case *types.VirtualNVMEController:
		return 32000 + 64*bus, 15, -1
	default:
		return 3000 + 2*bus, 2, -1
	}
}

// networkOf finds the network that a card is to be on; nil when there is none such.
func networkOf(card types.BaseVirtualEthernetCard) *ref {
	switch backing := card.GetVirtualEthernetCard().Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		if backing.Network != nil && simulator.Map.Get(*backing.Network) == nil {
			return nil
		}
		for _, entity := range simulator.Map.All("Network") {
			if network, ok := entity.(*mo.Network); ok && network.Name == backing.DeviceName {
				return &network.Self
			}
		}
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		for _, entity := range simulator.Map.All("DistributedVirtualPortgroup") {
			group, ok := entity.(*simulator.DistributedVirtualPortgroup)
			if ok && group.Key == backing.Port.PortgroupKey && switchHasUuid(group, backing.Port.SwitchUuid) {
				return &group.Self
			}
		}
	}
	return nil
}

func switchHasUuid(group *simulator.DistributedVirtualPortgroup, uuid string) bool {
	if group.Config.DistributedVirtualSwitch == nil {
		return false
	}
	dvs, ok := simulator.Map.Get(*group.Config.DistributedVirtualSwitch).(*simulator.DistributedVirtualSwitch)
	return ok && dvs.Uuid == uuid
}

// newMacAddress: the simulator derives them from a name, and two of some hundred VMs would share one.
func newMacAddress() string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	if simulator.Map.IsESX() {
		return fmt.Sprintf("00:0c:29:%02x:%02x:%02x", b[0], b[1], b[2])
	}
	return fmt.Sprintf("00:50:56:%02x:%02x:%02x", 0x80|b[0]&0x3f, b[1], b[2])
}

func newUuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Hardware versions by the API version that brought them.
var hardwareVersions = []struct {
	key, since string
}{
	{"vmx-10", "5.5"}, {"vmx-11", "6.0"}, {"vmx-13", "6.5"}, {"vmx-14", "6.7"}, {"vmx-15", "6.7.2"},
	{"vmx-17", "7.0"}, {"vmx-18", "7.0.1"}, {"vmx-19", "7.0.2"}, {"vmx-20", "8.0"}, {"vmx-21", "8.0.2"}, {"vmx-22", "9.0"},
}

// Guest ids that came with a hardware version; the simulator's own list is of 6.5.
var newerGuestIds = []struct {
	id, since string
}{
	{"debian10_64Guest", "vmx-14"}, {"debian11_64Guest", "vmx-17"}, {"debian12_64Guest", "vmx-20"}, {"debian13_64Guest", "vmx-22"},
	{"centos8_64Guest", "vmx-14"}, {"centos9_64Guest", "vmx-17"}, {"rhel8_64Guest", "vmx-14"}, {"rhel9_64Guest", "vmx-17"},
	{"oracleLinux8_64Guest", "vmx-14"}, {"oracleLinux9_64Guest", "vmx-17"}, {"sles15_64Guest", "vmx-14"}, {"sles16_64Guest", "vmx-20"},
	{"amazonlinux2_64Guest", "vmx-14"}, {"rockylinux_64Guest", "vmx-20"}, {"almalinux_64Guest", "vmx-20"},
	{"other4xLinux64Guest", "vmx-14"}, {"other5xLinux64Guest", "vmx-17"}, {"other6xLinux64Guest", "vmx-20"},
}

func addGuestIds() {
	known := map[string]bool{}
	for _, id := range simulator.GuestID {
		known[string(id)] = true
	}
	for _, guest := range newerGuestIds {
		if !known[guest.id] {
			simulator.GuestID = append(simulator.GuestID, types.VirtualMachineGuestOsIdentifier(guest.id))
		}
	}
}

func hardwareNumber(key string) (number int) {
	_, _ = fmt.Sscanf(key, "vmx-%d", &number)
	return number
}

// newestHardware is what a VM gets that asks for none.
func (l *lab) newestHardware() string {
	newest := hardwareVersions[0].key
	for _, version := range hardwareVersions {
		if compareVersions(version.since, l.opt.api) <= 0 {
			newest = version.key
		}
	}
	return newest
}

func (l *lab) supportsHardware(key string) bool {
	number := hardwareNumber(key)
	return number >= 4 && number <= hardwareNumber(l.newestHardware())
}

func supportsGuest(id, hardware string) bool {
	for _, guest := range newerGuestIds {
		if guest.id == id {
			return hardwareNumber(guest.since) <= hardwareNumber(hardware)
		}
	}
	for _, known := range simulator.GuestID {
		if string(known) == id {
			return true
		}
	}
	return false
}
