package main

import (
	"fmt"
	"strconv"

	"github.com/vmware/govmomi/vim25/types"
)

// arguments is QEMU's command line; the descriptors are those of its monitor and of its second serial port.
func (p *qemuPlan) arguments(monitor, serial int) []string {
	hardware := p.vm.Config.Hardware
	list := []string{
		"-name", escape(p.name),
		"-uuid", p.vm.Config.Uuid,
		"-machine", "pc",
		"-accel", "tcg",
		// QEMU emulates AVX and PCLMULQDQ more slowly than it runs what programs do without them. With ",-hypervisor" Linux
		// would take it all for VMware.
		"-cpu", "max,-avx,-avx2,-pclmulqdq",
		"-smbios", "type=1,manufacturer=VMware,, Inc.,product=VMware Virtual Platform,serial=VMware-" + p.vm.Config.Uuid,
		"-smp", strconv.Itoa(int(hardware.NumCPU)),
		"-m", fmt.Sprintf("%dM", hardware.MemoryMB),
		"-rtc", "base=utc",
		"-nodefaults", "-no-user-config", "-display", "none", "-vga", "std",
		"-boot", "strict=on",
		"-chardev", fmt.Sprintf("socket,id=qmp,fd=%d", monitor), "-mon", "chardev=qmp,mode=control",
		"-chardev", "file,id=serial0,path=serial0.log,append=on", "-device", "isa-serial,chardev=serial0,index=0",
		"-chardev", fmt.Sprintf("socket,id=serial1,fd=%d,logfile=serial1.log,logappend=on", serial), "-device", "isa-serial,chardev=serial1,index=1",
	}
	if p.efi {
		list = append(list, "-drive", "if=pflash,unit=0,format=raw,readonly=on,file="+firmwareCode,
			"-drive", "if=pflash,unit=1,format=raw,file="+escape(p.nvram()))
	}
	if p.settingsFile != "" {
		list = append(list, "-fw_cfg", "name=opt/linuxp2v/settings,file="+escape(p.settingsFile))
	}
	list = append(list, p.storage()...)
	for index, card := range p.cards {
		list = append(list, p.card(card, index)...)
	}
	return list
}

func (p *qemuPlan) storage() []string {
	var list []string
	for index, controller := range p.controllers {
		device := controller.GetVirtualDevice()
		text := fmt.Sprintf("%s,id=ctl%d,addr=0x%x", controllerModel(controller), device.Key, firstControllerSlot+index)
		if _, isNvme := controller.(*types.VirtualNVMEController); isNvme {
			text += fmt.Sprintf(",serial=VMware-NVME-%d", device.Key)
		}
		list = append(list, "-device", text)
	}
	if p.usbBoot {
		file := flatFile(fileOf(p.disks[0].Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName))
		list = append(list,
			"-device", "qemu-xhci,id=usb,addr=0x3",
			"-drive", "if=none,id=usbdisk,format=raw,snapshot=on,file.driver=file,file.locking=off,file.filename="+escape(file),
			"-device", "usb-storage,id="+usbDevice+",bus=usb.0,drive=usbdisk,bootindex=0")
	}
	for index, disk := range p.disks {
		file := flatFile(fileOf(disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName))
		id := fmt.Sprintf("disk%d", disk.Key)
		list = append(list, "-drive", fmt.Sprintf("if=none,id=%s,format=raw,discard=unmap,file=%s", id, escape(file)),
			"-device", p.diskDevice(disk, index)+",drive="+id+p.bootIndex(disk.Key))
	}
	for _, cd := range p.cds {
		drive := fmt.Sprintf("if=none,id=%s,media=cdrom,readonly=on", cdName(cd.Key))
		if file := isoFile(cd); file != "" {
			drive += ",format=raw,file=" + escape(file)
		}
		bus := fmt.Sprintf("ide.%d,unit=%d", cd.ControllerKey-200, *cd.UnitNumber)
		if cd.ControllerKey >= 15000 {
			bus = fmt.Sprintf("ctl%d.%d", cd.ControllerKey, *cd.UnitNumber)
		}
		list = append(list, "-drive", drive, "-device", fmt.Sprintf("ide-cd,drive=%s,bus=%s%s", cdName(cd.Key), bus, p.bootIndex(cd.Key)))
	}
	return list
}

func (p *qemuPlan) diskDevice(disk *types.VirtualDisk, index int) string {
	unit := *disk.UnitNumber
	switch controllerOf(p.controllers, disk.ControllerKey).(type) {
	case types.BaseVirtualSATAController:
		return fmt.Sprintf("ide-hd,bus=ctl%d.%d", disk.ControllerKey, unit)
	case *types.VirtualNVMEController:
		return fmt.Sprintf("nvme-ns,bus=ctl%d,nsid=%d", disk.ControllerKey, unit+1)
	case *types.VirtualLsiLogicSASController:
		// Linux sees no disk behind QEMU's SAS chip that has no world-wide name.
		return fmt.Sprintf("scsi-hd,bus=ctl%d.0,scsi-id=%d,wwn=0x5000c500a1%06x", disk.ControllerKey, unit, index)
	case types.BaseVirtualSCSIController:
		return fmt.Sprintf("scsi-hd,bus=ctl%d.0,scsi-id=%d", disk.ControllerKey, unit)
	default:
		return fmt.Sprintf("ide-hd,bus=ide.%d,unit=%d", disk.ControllerKey-200, unit)
	}
}

func (p *qemuPlan) card(device types.BaseVirtualDevice, index int) []string {
	card := device.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
	name := cardName(card.Key)
	netdev := "user,id=" + name
	if index == 0 {
		netdev += p.network
	}
	// No boot ROM: the firmware would try the network for minutes.
	return []string{
		"-netdev", netdev,
		"-device", fmt.Sprintf("%s,netdev=%s,id=%s-card,mac=%s,addr=0x%x,romfile=", cardModel(device), name, name, card.MacAddress, firstCardSlot+index),
	}
}

func controllerModel(controller types.BaseVirtualDevice) string {
	switch controller.(type) {
	case *types.ParaVirtualSCSIController:
		return "pvscsi"
	case *types.VirtualLsiLogicSASController:
		return "mptsas1068"
	case types.BaseVirtualSATAController:
		return "ich9-ahci"
	case *types.VirtualNVMEController:
		return "nvme"
	default:
		return "lsi53c895a"
	}
}

func cardModel(card types.BaseVirtualDevice) string {
	switch card.(type) {
	case *types.VirtualE1000:
		return "e1000"
	case *types.VirtualE1000e:
		return "e1000e"
	case *types.VirtualPCNet32:
		return "pcnet"
	default:
		return "vmxnet3"
	}
}
