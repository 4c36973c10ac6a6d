<#
.SYNOPSIS
Makes the vCenter role that LinuxP2V needs, by PowerCLI.

.DESCRIPTION
Give the role to LinuxP2V's account on the datacenter, or on the VM folder, the cluster, the datastores and the networks
that conversions may use: New-VIPermission. docs/vsphere.md says which privilege counts where. Without the datacenter the
account needs the role Read-only on it, without propagation, and on the distributed switches of its port groups.

.EXAMPLE
Connect-VIServer vc01
./new-linuxp2v-role.ps1
New-VIPermission -Entity (Get-Datacenter prod) -Principal 'EXAMPLE\svc-p2v' -Role LinuxP2V -Propagate $true
#>
[CmdletBinding()]
param(
    # The role's name.
    [string] $Name = 'LinuxP2V'
)

$ErrorActionPreference = 'Stop'

# What Test-P2VTask checks.
$privileges = @(
    'Datastore.AllocateSpace'
    'Datastore.Browse'
    # For vSAN and virtual volumes only: the folder of the helper's ISO, once for each datastore.
    'Datastore.Config'
    'Datastore.FileManagement'
    'Network.Assign'
    'Resource.AssignVMToPool'
    # For VMs that go into a vApp only.
    'VApp.AssignVM'
    'VirtualMachine.Config.AddNewDisk'
    'VirtualMachine.Config.AddRemoveDevice'
    'VirtualMachine.Config.AdvancedConfig'
    'VirtualMachine.Config.EditDevice'
    'VirtualMachine.Config.Settings'
    'VirtualMachine.Interact.PowerOff'
    'VirtualMachine.Interact.PowerOn'
    'VirtualMachine.Interact.SetCDMedia'
    'VirtualMachine.Inventory.Create'
    'VirtualMachine.Inventory.Delete'
)

# Without the first two the VM has no custom attributes; a warning says so. Encrypted datastores ask for the third when the helper's
# ISO is sent there; some servers ask for the fourth, where the role is not given on the datacenter. The last four are for
# -Tag, -StoragePolicy, -VirtualTpm, and items of content libraries with -HelperImageItem; the second of them counts on the vCenter
# itself, the fourth on the libraries.
$optional = @(
    'Global.ManageCustomFields'
    'Global.SetCustomField'
    'Cryptographer.Access'
    'Host.Config.SystemManagement'
    'InventoryService.Tagging.AttachTag'
    'StorageProfile.View'
    'Cryptographer.EncryptNew'
    'ContentLibrary.ReadStorage'
)

New-VIRole -Name $Name -Privilege (Get-VIPrivilege -Id ($privileges + $optional))
