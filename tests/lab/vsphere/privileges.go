package main

import (
	"github.com/vmware/govmomi/vim25/types"
)

// need is a privilege and the object that it is needed on.
type need struct {
	privilege string
	object    ref
}

// What methods need whose arguments do not matter.
var plainNeeds = map[string]string{
	"PowerOnVM_Task":                 "VirtualMachine.Interact.PowerOn",
	"PowerOnMultiVM_Task":            "VirtualMachine.Interact.PowerOn",
	"PowerOffVM_Task":                "VirtualMachine.Interact.PowerOff",
	"ShutdownGuest":                  "VirtualMachine.Interact.PowerOff",
	"RebootGuest":                    "VirtualMachine.Interact.Reset",
	"ResetVM_Task":                   "VirtualMachine.Interact.Reset",
	"SuspendVM_Task":                 "VirtualMachine.Interact.Suspend",
	"Destroy_Task":                   "VirtualMachine.Inventory.Delete",
	"UnregisterVM":                   "VirtualMachine.Inventory.Unregister",
	"RegisterVM_Task":                "VirtualMachine.Inventory.Register",
	"CloneVM_Task":                   "VirtualMachine.Provisioning.Clone",
	"CreateSnapshot_Task":            "VirtualMachine.State.CreateSnapshot",
	"RemoveSnapshot_Task":            "VirtualMachine.State.RemoveSnapshot",
	"RemoveAllSnapshots_Task":        "VirtualMachine.State.RemoveSnapshot",
	"MigrateVM_Task":                 "Resource.HotMigrate",
	"RelocateVM_Task":                "Resource.HotMigrate",
	"MoveIntoFolder_Task":            "VirtualMachine.Inventory.Move",
	"CreateFolder":                   "Folder.Create",
	"SearchDatastore_Task":           "Datastore.Browse",
	"SearchDatastoreSubFolders_Task": "Datastore.Browse",
	"DeleteDatastoreFile_Task":       "Datastore.FileManagement",
	"MoveDatastoreFile_Task":         "Datastore.FileManagement",
	"CopyDatastoreFile_Task":         "Datastore.FileManagement",
	"MakeDirectory":                  "Datastore.FileManagement",
	"CreateVirtualDisk_Task":         "Datastore.FileManagement",
	"DeleteVirtualDisk_Task":         "Datastore.FileManagement",
	"AddCustomFieldDef":              "Global.ManageCustomFields",
	"RemoveCustomFieldDef":           "Global.ManageCustomFields",
	"SetField":                       "Global.SetCustomField",
	"SetCustomValue":                 "Global.SetCustomField",
	"TerminateSession":               "Sessions.TerminateSession",
	"EnterMaintenanceMode_Task":      "Host.Config.Maintenance",
	"ExitMaintenanceMode_Task":       "Host.Config.Maintenance",
}

// missing is the first privilege that a call needs and a role does not grant; nil when it has all.
func (r role) missing(c *call) types.BaseMethodFault {
	for _, n := range needsOf(c) {
		if !r[n.privilege] {
			return &types.NoPermission{
				Object: n.object, PrivilegeId: n.privilege,
			}
		}
	}
	return nil
}

func needsOf(c *call) []need {
	if privilege, ok := plainNeeds[c.name]; ok {
		return []need{{privilege, c.this}}
	}
	switch body := c.body.(type) {
	case *types.CreateVM_Task:
		needs := []need{{"VirtualMachine.Inventory.Create", c.this}, {"Resource.AssignVMToPool", body.Pool}}
		return append(needs, needsOfDevices(c.this, &body.Config)...)
	case *types.CreateChildVM_Task:
		needs := []need{{"VirtualMachine.Inventory.Create", c.this}, {"VApp.AssignVM", c.this}}
		return append(needs, needsOfDevices(c.this, &body.Config)...)
	case *types.ReconfigVM_Task:
		return append(needsOfSettings(c.this, &body.Spec), needsOfDevices(c.this, &body.Spec)...)
	case *types.CreateDirectory:
		return []need{{"Datastore.Config", body.Datastore}}
	case *types.DeleteDirectory:
		return []need{{"Datastore.Config", c.this}}
	case *types.Rename_Task:
		return []need{{"VirtualMachine.Config.Rename", c.this}}
	}
	return nil
}

func needsOfSettings(vm ref, spec *types.VirtualMachineConfigSpec) []need {
	var needs []need
	for _, each := range []struct {
		isAsked   bool
		privilege string
	}{
		{spec.Name != "", "VirtualMachine.Config.Rename"},
		{spec.Annotation != "", "VirtualMachine.Config.Annotation"},
		{spec.NumCPUs != 0, "VirtualMachine.Config.CPUCount"},
		{spec.MemoryMB != 0, "VirtualMachine.Config.Memory"},
		{len(spec.ExtraConfig) > 0, "VirtualMachine.Config.AdvancedConfig"},
		{spec.BootOptions != nil || spec.GuestId != "" || spec.Flags != nil, "VirtualMachine.Config.Settings"},
	} {
		if each.isAsked {
			needs = append(needs, need{each.privilege, vm})
		}
	}
	return needs
}

func needsOfDevices(owner ref, spec *types.VirtualMachineConfigSpec) []need {
	var needs []need
	for _, each := range spec.DeviceChange {
		change := each.GetVirtualDeviceConfigSpec()
		isAdded := change.Operation == types.VirtualDeviceConfigSpecOperationAdd
		switch device := change.Device.(type) {
		case *types.VirtualDisk:
			needs = append(needs, needsOfDisk(owner, change, device)...)
		case types.BaseVirtualEthernetCard:
			if isAdded {
				needs = append(needs, need{"VirtualMachine.Config.AddRemoveDevice", owner})
				if network := networkOf(device); network != nil {
					needs = append(needs, need{"Network.Assign", *network})
				}
			} else {
				needs = append(needs, need{"VirtualMachine.Config.EditDevice", owner})
			}
		case *types.VirtualCdrom:
			if isAdded || change.Operation == types.VirtualDeviceConfigSpecOperationRemove {
				needs = append(needs, need{"VirtualMachine.Config.AddRemoveDevice", owner})
			} else {
				needs = append(needs, need{"VirtualMachine.Interact.SetCDMedia", owner}, need{"VirtualMachine.Interact.DeviceConnection", owner})
			}
		}
	}
	return needs
}

func needsOfDisk(owner ref, change *types.VirtualDeviceConfigSpec, disk *types.VirtualDisk) []need {
	switch {
	case change.Operation == types.VirtualDeviceConfigSpecOperationRemove:
		return []need{{"VirtualMachine.Config.RemoveDisk", owner}}
	case change.Operation != types.VirtualDeviceConfigSpecOperationAdd:
		return []need{{"VirtualMachine.Config.DiskExtend", owner}}
	case change.FileOperation == "":
		return []need{{"VirtualMachine.Config.AddExistingDisk", owner}}
	}
	needs := []need{{"VirtualMachine.Config.AddNewDisk", owner}}
	if backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
		if ds := datastoreOfPath(backing.GetVirtualDeviceFileBackingInfo().FileName); ds != nil {
			needs = append(needs, need{"Datastore.AllocateSpace", ds.Self})
		}
	}
	return needs
}
