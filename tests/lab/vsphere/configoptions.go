package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// What a guest may have, by the names that the API has for devices.
var (
	diskControllers = []string{"ParaVirtualSCSIController", "VirtualLsiLogicSASController", "VirtualLsiLogicController", "VirtualAHCIController", "VirtualNVMEController"}
	ethernetCards   = []string{"VirtualVmxnet3", "VirtualE1000e", "VirtualE1000"}
)

func (l *lab) queryConfigOption(c *call) soap.HasFault {
	body := c.body.(*types.QueryConfigOption)
	option, fault := l.configOption(body.Key, nil)
	if fault != nil {
		return refusal(fault)
	}
	return answer(&types.QueryConfigOptionResponse{Returnval: option})
}

func (l *lab) queryConfigOptionEx(c *call) soap.HasFault {
	body := c.body.(*types.QueryConfigOptionEx)
	spec := body.Spec
	if spec == nil {
		spec = &types.EnvironmentBrowserConfigOptionQuerySpec{}
	}
	option, fault := l.configOption(spec.Key, spec.GuestId)
	if fault != nil {
		return refusal(fault)
	}
	return answer(&types.QueryConfigOptionExResponse{Returnval: option})
}

func (l *lab) queryConfigOptionDescriptor(c *call) soap.HasFault {
	response := &types.QueryConfigOptionDescriptorResponse{}
	for _, version := range hardwareVersions {
		if !l.supportsHardware(version.key) {
			continue
		}
		response.Returnval = append(response.Returnval, types.VirtualMachineConfigOptionDescriptor{
			Key:                 version.key,
			Description:         "API " + version.since,
			CreateSupported:     types.NewBool(true),
			DefaultConfigOption: types.NewBool(version.key == l.newestHardware()),
			RunSupported:        types.NewBool(true),
			UpgradeSupported:    types.NewBool(true),
		})
	}
	return answer(response)
}

func (l *lab) configOption(key string, guests []string) (*types.VirtualMachineConfigOption, types.BaseMethodFault) {
	if key == "" {
		key = l.newestHardware()
	}
	if !l.supportsHardware(key) {
		return nil, &types.InvalidArgument{InvalidProperty: "key"}
	}
	option := &types.VirtualMachineConfigOption{Version: key, Description: key, DefaultDevice: esx.VirtualDevice}
	for _, id := range simulator.GuestID {
		if supportsGuest(string(id), key) && (len(guests) == 0 || contains(guests, string(id))) {
			option.GuestOSDescriptor = append(option.GuestOSDescriptor, descriptorOf(string(id)))
		}
	}
	if len(option.GuestOSDescriptor) == 0 {
		// As the API's reference says: no match gives the whole list.
		return l.configOption(key, nil)
	}
	return option, nil
}

func descriptorOf(id string) types.GuestOsDescriptor {
	family := types.VirtualMachineGuestOsFamilyLinuxGuest
	if strings.HasPrefix(strings.ToLower(id), "win") {
		family = types.VirtualMachineGuestOsFamilyWindowsGuest
	}
	return types.GuestOsDescriptor{
		Id:                              id,
		Family:                          string(family),
		FullName:                        id,
		SupportedMaxCPUs:                128,
		NumSupportedPhysicalSockets:     128,
		NumSupportedCoresPerSocket:      64,
		SupportedMinMemMB:               32,
		SupportedMaxMemMB:               6128 * 1024,
		RecommendedMemMB:                2048,
		SupportedDiskControllerList:     diskControllers,
		RecommendedSCSIController:       diskControllers[0],
		RecommendedDiskController:       diskControllers[0],
		SupportedNumDisks:               60,
		RecommendedDiskSizeMB:           16 * 1024,
		RecommendedCdromController:      "VirtualAHCIController",
		SupportedEthernetCard:           ethernetCards,
		RecommendedEthernetCard:         ethernetCards[0],
		SupportedFirmware:               []string{"bios", "efi"},
		RecommendedFirmware:             "bios",
		SupportsSecureBoot:              types.NewBool(true),
		SupportsPvscsiControllerForBoot: types.NewBool(true),
		SupportLevel:                    string(types.GuestOsDescriptorSupportLevelSupported),
		SupportedForCreate:              types.NewBool(true),
	}
}

func contains(list []string, text string) bool {
	for _, each := range list {
		if each == text {
			return true
		}
	}
	return false
}
