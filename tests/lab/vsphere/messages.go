package main

import (
	"fmt"
	"reflect"

	"github.com/vmware/govmomi/vim25/types"
)

// messageOf says a fault in words, as vSphere does in faultstring and localizedMessage.
func messageOf(fault types.BaseMethodFault) string {
	switch f := fault.(type) {
	case *types.NoPermission:
		return fmt.Sprintf("Permission to perform this operation was denied: %s on %s.", f.PrivilegeId, f.Object.Value)
	case *types.NotAuthenticated:
		return "The session is not authenticated."
	case *types.InvalidLogin:
		return "Cannot complete login due to an incorrect user name or password."
	case *types.DuplicateName:
		return fmt.Sprintf("The name '%s' already exists.", f.Name)
	case *types.NoDiskSpace:
		return fmt.Sprintf("Insufficient disk space on datastore '%s'.", f.Datastore)
	case *types.InsufficientStorageSpace:
		return "Insufficient disk space on the datastore."
	case *types.InvalidDatastorePath:
		return fmt.Sprintf("Invalid datastore path '%s'.", f.DatastorePath)
	case *types.InvalidArgument:
		return fmt.Sprintf("A specified parameter was not correct: %s", f.InvalidProperty)
	case *types.InvalidDeviceSpec:
		return fmt.Sprintf("Invalid configuration for device '%d'.", f.DeviceIndex)
	case *types.InvalidDeviceBacking:
		return fmt.Sprintf("Invalid backing for device '%d'.", f.DeviceIndex)
	case *types.InvalidPowerState:
		return fmt.Sprintf("The attempted operation cannot be performed in the current state (%s).", f.ExistingState)
	case *types.ManagedObjectNotFound:
		return fmt.Sprintf("The object '%s:%s' has already been deleted or has not been completely created.", f.Obj.Type, f.Obj.Value)
	case *types.TaskInProgress:
		return "Another task is already in progress."
	case *types.HostNotConnected:
		return "The host is not connected."
	case *types.InvalidHostState:
		return "The operation is not allowed in the current state of the host."
	case *types.ToolsUnavailable:
		return "VMware Tools are not running in the virtual machine."
	case *types.RequestCanceled:
		return "The task was canceled by a user."
	case *types.SystemError:
		return "A general system error occurred: " + f.Reason
	default:
		return "The operation failed: " + reflect.TypeOf(fault).Elem().Name() + "."
	}
}

// faultNamed makes a fault of a vSphere type by its name; nil for a name that is none.
func faultNamed(name string) types.BaseMethodFault {
	kind, ok := types.TypeFunc()(name)
	if !ok {
		return nil
	}
	fault, _ := reflect.New(kind).Interface().(types.BaseMethodFault)
	return fault
}
