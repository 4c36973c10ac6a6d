package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// addCryptoManager: the simulator names one, and has none.
func addCryptoManager() {
	content := simulator.Map.Get(serviceInstance).(*simulator.ServiceInstance).Content
	if !simulator.Map.IsESX() && content.CryptoManager != nil && simulator.Map.Get(*content.CryptoManager) == nil {
		manager := &mo.CryptoManagerKmip{}
		manager.Self = *content.CryptoManager
		manager.Enabled = true
		simulator.Map.Put(manager)
	}
}

func cryptoManager() *mo.CryptoManagerKmip {
	content := simulator.Map.Get(serviceInstance).(*simulator.ServiceInstance).Content
	if content.CryptoManager == nil {
		return nil
	}
	manager, _ := simulator.Map.Get(*content.CryptoManager).(*mo.CryptoManagerKmip)
	return manager
}

// setKeyProvider gives vCenter a key provider, or takes it away without a name.
func (l *lab) setKeyProvider(request *struct{ Name string }) error {
	manager := cryptoManager()
	providers := []types.KmipClusterInfo{}
	if request.Name != "" {
		providers = append(providers, types.KmipClusterInfo{ClusterId: types.KeyProviderId{Id: request.Name}, UseAsDefault: true})
	}
	update(manager, map[string]types.AnyType{"kmipServers": providers})
	return nil
}

// checkTpm: a TPM needs UEFI, and a key provider that encrypts the VM's own files.
func checkTpm(spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	for index, each := range spec.DeviceChange {
		if _, ok := each.GetVirtualDeviceConfigSpec().Device.(*types.VirtualTPM); !ok {
			continue
		}
		if spec.Firmware != string(types.GuestOsDescriptorFirmwareTypeEfi) {
			return &types.InvalidDeviceSpec{DeviceIndex: int32(index)}
		}
		if manager := cryptoManager(); manager == nil || len(manager.KmipServers) == 0 {
			return &types.GenericVmConfigFault{Reason: "There is no key provider."}
		}
	}
	return nil
}
