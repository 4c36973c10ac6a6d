package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// devicePlan brings a client's device changes into the shape that vSphere would give them, and refuses what vSphere refuses.
type devicePlan struct {
	devices []types.BaseVirtualDevice
	keys    map[int32]int32
	byKey   map[int32]types.BaseVirtualDevice
}

// Base devices that each VM has from the start: IDE controllers, PCI bus and the like.
var baseControllerKeys = map[int32]bool{100: true, 200: true, 201: true, 300: true, 400: true}

func newDevicePlan(existing []types.BaseVirtualDevice) *devicePlan {
	plan := &devicePlan{keys: map[int32]int32{}, byKey: map[int32]types.BaseVirtualDevice{}}
	for _, device := range existing {
		plan.add(device)
	}
	return plan
}

func (p *devicePlan) add(device types.BaseVirtualDevice) {
	p.devices = append(p.devices, device)
	p.byKey[device.GetVirtualDevice().Key] = device
}

// arrange works on the changes in place. Keys of new devices are temporary, whatever their sign.
func (p *devicePlan) arrange(changes []types.BaseVirtualDeviceConfigSpec) types.BaseMethodFault {
	// Controllers first: a disk may stand before its own controller.
	for index, each := range changes {
		change := each.GetVirtualDeviceConfigSpec()
		if change.Operation == types.VirtualDeviceConfigSpecOperationAdd && change.Device != nil {
			if base, isController := controllerBaseKey(change.Device); isController {
				if fault := p.addController(change.Device, base, int32(index)); fault != nil {
					return fault
				}
			}
		}
	}
	for index, each := range changes {
		change := each.GetVirtualDeviceConfigSpec()
		if change.Device == nil {
			return &types.InvalidDeviceSpec{DeviceIndex: int32(index)}
		}
		var fault types.BaseMethodFault
		switch change.Operation {
		case types.VirtualDeviceConfigSpecOperationAdd:
			fault = p.arrangeNew(change, int32(index))
		case types.VirtualDeviceConfigSpecOperationEdit, types.VirtualDeviceConfigSpecOperationRemove:
			fault = p.arrangeExisting(change, int32(index))
		default:
			fault = &types.InvalidDeviceSpec{DeviceIndex: int32(index)}
		}
		if fault != nil {
			return fault
		}
	}
	return nil
}

func (p *devicePlan) addController(device types.BaseVirtualDevice, base int32, index int32) types.BaseMethodFault {
	controller := device.(types.BaseVirtualController).GetVirtualController()
	key := base + controller.BusNumber
	if p.byKey[key] != nil || controller.BusNumber < 0 || controller.BusNumber > 3 {
		return &types.InvalidDeviceSpec{DeviceIndex: index}
	}
	p.keys[controller.Key] = key
	controller.Key = key
	// The two IDE controllers are there from the start; the simulator passes over one that stands on nothing.
	if base != 200 {
		controller.ControllerKey = 100
	}
	if scsi, ok := device.(types.BaseVirtualSCSIController); ok {
		scsi.GetVirtualSCSIController().ScsiCtlrUnitNumber = 7
	}
	p.add(device)
	return nil
}

func (p *devicePlan) arrangeNew(change *types.VirtualDeviceConfigSpec, index int32) types.BaseMethodFault {
	device := change.Device.GetVirtualDevice()
	if _, isController := controllerBaseKey(change.Device); isController {
		return nil
	}
	if card, ok := change.Device.(types.BaseVirtualEthernetCard); ok {
		return p.arrangeCard(card, index)
	}
	if key, isNew := p.keys[device.ControllerKey]; isNew {
		device.ControllerKey = key
	}
	controller := p.byKey[device.ControllerKey]
	switch change.Device.(type) {
	case *types.VirtualDisk, *types.VirtualCdrom:
		if controller == nil && !baseControllerKeys[device.ControllerKey] {
			return &types.InvalidController{InvalidDeviceSpec: types.InvalidDeviceSpec{DeviceIndex: index}, ControllerKey: device.ControllerKey}
		}
		if fault := p.placeOnController(device, controller, index); fault != nil {
			return fault
		}
	default:
		device.Key = p.freeKey(13000)
	}
	p.add(change.Device)
	return nil
}

// placeOnController takes a free unit where the client named none, and refuses one that is taken or cannot be.
func (p *devicePlan) placeOnController(device *types.VirtualDevice, controller types.BaseVirtualDevice, index int32) types.BaseMethodFault {
	first, units, reserved := unitsOf(controller, device.ControllerKey)
	taken := map[int32]bool{reserved: true}
	for _, other := range p.devices {
		if o := other.GetVirtualDevice(); o.ControllerKey == device.ControllerKey && o.UnitNumber != nil {
			taken[*o.UnitNumber] = true
		}
	}
	if device.UnitNumber == nil || *device.UnitNumber < 0 {
		for unit := int32(0); unit < units; unit++ {
			if !taken[unit] {
				device.UnitNumber = &unit
				break
			}
		}
	} else if taken[*device.UnitNumber] || *device.UnitNumber >= units {
		return &types.InvalidDeviceSpec{DeviceIndex: index}
	}
	if device.UnitNumber == nil {
		return &types.InvalidDeviceSpec{DeviceIndex: index}
	}
	device.Key = first + *device.UnitNumber
	return nil
}

func (p *devicePlan) arrangeCard(card types.BaseVirtualEthernetCard, index int32) types.BaseMethodFault {
	if networkOf(card) == nil {
		return &types.InvalidDeviceBacking{InvalidDeviceSpec: types.InvalidDeviceSpec{DeviceIndex: index}}
	}
	device := card.GetVirtualEthernetCard()
	if device.MacAddress == "" {
		// On a host's own it is there after the first power-on only; the simulator wants one meanwhile.
		device.MacAddress, device.AddressType = noMacYet, string(types.VirtualEthernetCardMacTypeGenerated)
		if !simulator.Map.IsESX() {
			device.MacAddress, device.AddressType = newMacAddress(), string(types.VirtualEthernetCardMacTypeAssigned)
		}
	}
	device.Key = p.freeKey(4000)
	device.ControllerKey = 100
	unit := 7 + device.Key - 4000
	device.UnitNumber = &unit
	p.add(card.(types.BaseVirtualDevice))
	return nil
}

// arrangeExisting: the simulator panics on a device that says no more than its key.
func (p *devicePlan) arrangeExisting(change *types.VirtualDeviceConfigSpec, index int32) types.BaseMethodFault {
	device := change.Device.GetVirtualDevice()
	existing := p.byKey[device.Key]
	if existing == nil {
		return &types.InvalidDeviceSpec{DeviceIndex: index}
	}
	if change.Operation == types.VirtualDeviceConfigSpecOperationRemove {
		change.Device = existing
		delete(p.byKey, device.Key)
		return nil
	}
	old := existing.GetVirtualDevice()
	if device.DeviceInfo == nil {
		device.DeviceInfo = &types.Description{}
	}
	if device.Backing == nil {
		device.Backing = old.Backing
	}
	if device.Connectable == nil {
		device.Connectable = old.Connectable
	}
	if device.ControllerKey == 0 {
		device.ControllerKey = old.ControllerKey
	}
	if device.UnitNumber == nil {
		device.UnitNumber = old.UnitNumber
	}
	if card, ok := change.Device.(types.BaseVirtualEthernetCard); ok {
		if networkOf(card) == nil {
			return &types.InvalidDeviceBacking{InvalidDeviceSpec: types.InvalidDeviceSpec{DeviceIndex: index}}
		}
		if was, ok := existing.(types.BaseVirtualEthernetCard); ok && card.GetVirtualEthernetCard().MacAddress == "" {
			card.GetVirtualEthernetCard().MacAddress = was.GetVirtualEthernetCard().MacAddress
		}
	}
	return nil
}

func (p *devicePlan) freeKey(from int32) int32 {
	for p.byKey[from] != nil {
		from++
	}
	return from
}
