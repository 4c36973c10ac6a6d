package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	firstControllerSlot = 4
	firstCardSlot       = 16
	firmwareCode        = "/usr/share/OVMF/OVMF_CODE_4M.fd"
	firmwareVariables   = "/usr/share/OVMF/OVMF_VARS_4M.fd"
)

// qemuPlan is a VM's hardware, sorted out for a command line.
type qemuPlan struct {
	vm           *simulator.VirtualMachine
	folder       string
	name         string
	controllers  []types.BaseVirtualDevice
	disks        []*types.VirtualDisk
	cds          []*types.VirtualCdrom
	cards        []types.BaseVirtualDevice
	bootOrder    []int32
	settingsFile string
	network      string
	efi          bool
	usbBoot      bool
}

func planQemu(vm *simulator.VirtualMachine) (plan *qemuPlan, err error) {
	simulator.Map.WithLock(vm, func() {
		plan = &qemuPlan{
			vm:     vm,
			name:   vm.Name,
			folder: filepath.Dir(fileOf(vm.Config.Files.VmPathName)),
			efi:    vm.Config.Firmware == "efi",
		}
		for _, device := range vm.Config.Hardware.Device {
			plan.take(device)
		}
		plan.orderBoot(vm.Config.BootOptions)
	})
	for _, list := range [][]types.BaseVirtualDevice{plan.controllers, plan.cards} {
		sort.Slice(list, func(i, j int) bool { return list[i].GetVirtualDevice().Key < list[j].GetVirtualDevice().Key })
	}
	for _, disk := range plan.disks {
		if controllerOf(plan.controllers, disk.ControllerKey) == nil && !baseControllerKeys[disk.ControllerKey] {
			return nil, fmt.Errorf("disk %d has no controller that QEMU knows", disk.Key)
		}
	}
	plan.usbBoot = plan.efi && plan.needsUsbBoot()
	return plan, nil
}

func (p *qemuPlan) take(device types.BaseVirtualDevice) {
	switch d := device.(type) {
	case *types.VirtualDisk:
		p.disks = append(p.disks, d)
	case *types.VirtualCdrom:
		p.cds = append(p.cds, d)
	case types.BaseVirtualEthernetCard:
		p.cards = append(p.cards, device)
	case types.BaseVirtualSCSIController, types.BaseVirtualSATAController, *types.VirtualNVMEController:
		p.controllers = append(p.controllers, device)
	}
}

// orderBoot: what bootOptions name comes first, then disks, then CDs.
func (p *qemuPlan) orderBoot(options *types.VirtualMachineBootOptions) {
	sort.Slice(p.disks, func(i, j int) bool { return p.disks[i].Key < p.disks[j].Key })
	seen := map[int32]bool{}
	add := func(key int32) {
		if !seen[key] {
			seen[key] = true
			p.bootOrder = append(p.bootOrder, key)
		}
	}
	if options != nil {
		for _, entry := range options.BootOrder {
			switch e := entry.(type) {
			case *types.VirtualMachineBootOptionsBootableDiskDevice:
				add(e.DeviceKey)
			case *types.VirtualMachineBootOptionsBootableCdromDevice:
				for _, cd := range p.cds {
					add(cd.Key)
				}
			}
		}
	}
	for _, disk := range p.disks {
		add(disk.Key)
	}
	for _, cd := range p.cds {
		add(cd.Key)
	}
}

func (p *qemuPlan) bootIndex(key int32) string {
	for index, each := range p.bootOrder {
		if each == key {
			// Room for the stand-in of the boot disk before it.
			return fmt.Sprintf(",bootindex=%d", 2*index+1)
		}
	}
	return ""
}

// needsUsbBoot: Debian's OVMF drives no pvscsi and no LSI controller.
func (p *qemuPlan) needsUsbBoot() bool {
	if len(p.disks) == 0 {
		return false
	}
	for _, cd := range p.cds {
		if p.bootOrder[0] == cd.Key && isoFile(cd) != "" {
			return false
		}
	}
	_, isScsi := controllerOf(p.controllers, p.disks[0].ControllerKey).(types.BaseVirtualSCSIController)
	return isScsi
}

// prepareFirmware gives a VM its own variables; the simulator left an empty file.
func (p *qemuPlan) prepareFirmware() error {
	if !p.efi {
		return nil
	}
	if info, err := os.Stat(p.nvram()); err == nil && info.Size() > 0 {
		return nil
	}
	fresh, err := os.ReadFile(firmwareVariables)
	if err != nil {
		return err
	}
	return os.WriteFile(p.nvram(), fresh, 0o600)
}

// nvram: a renamed VM keeps its file.
func (p *qemuPlan) nvram() string {
	if found, _ := filepath.Glob(filepath.Join(p.folder, "*.nvram")); len(found) > 0 {
		return found[0]
	}
	return filepath.Join(p.folder, p.name+".nvram")
}

func controllerOf(controllers []types.BaseVirtualDevice, key int32) types.BaseVirtualDevice {
	for _, controller := range controllers {
		if controller.GetVirtualDevice().Key == key {
			return controller
		}
	}
	return nil
}

func isoFile(cd *types.VirtualCdrom) string {
	backing, ok := cd.Backing.(*types.VirtualCdromIsoBackingInfo)
	if !ok || cd.Connectable != nil && !cd.Connectable.StartConnected && !cd.Connectable.Connected {
		return ""
	}
	file := fileOf(backing.FileName)
	if !exists(file) {
		return ""
	}
	return file
}

// QEMU reads a comma as the end of a value.
func escape(value string) string { return strings.ReplaceAll(value, ",", ",,") }

func cdName(key int32) string   { return fmt.Sprintf("cd%d", key) }
func cardName(key int32) string { return fmt.Sprintf("net%d", key) }
