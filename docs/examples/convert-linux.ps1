<#
.SYNOPSIS
Converts a running Linux machine into a VM in a folder of this computer.

.DESCRIPTION
The source keeps running and is only read. The VM is made by QEMU and starts on any computer that has it.

.EXAMPLE
./convert-linux.ps1 -ComputerName web01 -KeyFile ~/.ssh/id_ed25519 -LocalPath ./vms

.EXAMPLE
./convert-linux.ps1 -ComputerName web01 -KeyFile ~/.ssh/id_ed25519 -LocalPath ./vms -Verify
#>
[CmdletBinding()]
param(
    # The machine to convert.
    [Parameter(Mandatory)] [string] $ComputerName,

    # Where SSH listens there.
    [int] $Port = 22,

    # root, or a user who may become root by sudo.
    [string] $UserName = 'root',

    # The private key that opens it.
    [Parameter(Mandatory)] [string] $KeyFile,

    # The file of known SSH host keys; yours, unless told otherwise.
    [string] $KnownHostsFile,

    # The folder for the VM.
    [Parameter(Mandatory)] [string] $LocalPath,

    # The VM's name; the machine's own, unless told otherwise.
    [string] $Name,

    # Memory for the VM; as much as the machine has, unless told otherwise.
    [decimal] $MemoryGB,

    # Of the VM's disks, such as Pvscsi or LsiLogicSas; what suits the machine, unless told otherwise.
    [string] $DiskController,

    # Of the VM's network, such as Vmxnet3 or E1000e; what suits the machine, unless told otherwise.
    [string] $NetworkAdapterType,

    # Kvm is fast, Tcg runs everywhere, Auto takes what there is.
    [string] $Accelerator = 'Auto',

    # Bring over what changed while it was copied, compare the copy with the machine, and boot a twin of it, before the VM is finished.
    [switch] $Verify
)

$ErrorActionPreference = 'Stop'
Import-Module LinuxP2V

# 1. Where the VM is made: here, a folder. On vSphere it is Connect-P2VServer vc01: see convert-linux-vsphere.ps1.
Connect-P2VServer -LocalPath $LocalPath -Accelerator $Accelerator | Out-Null

# 2. Look at the machine. A key seen for the first time is accepted and remembered; a changed one never is.
$login = @{ Port = $Port; UserName = $UserName; KeyFile = $KeyFile; HostKeyPolicy = 'AcceptNew' }
if ($KnownHostsFile) { $login.KnownHostsFile = $KnownHostsFile }
$source = Get-P2VSource $ComputerName @login
$source | Out-Host
$source.Volumes | Out-Host

# 3. Find what would break, before a byte is copied.
$findings = @($source | Test-P2VSource)
$findings | Out-Host
if ($findings.Severity -contains 'Error') {
    throw "$ComputerName cannot be converted yet: see the findings above."
}

# 4. Say what to make.
$options = @{}
if ($Name) { $options.Name = $Name }
if ($MemoryGB) { $options.MemoryGB = $MemoryGB }
if ($DiskController) { $options.DiskController = $DiskController }
if ($NetworkAdapterType) { $options.NetworkAdapterType = $NetworkAdapterType }
$task = $source | New-P2VTask @options
$task | Out-Host

# 5. Do it. The work runs on when this waiting is interrupted: Get-P2VConversion finds it again.
if (-not $Verify) {
    $task | Start-P2VConversion | Wait-P2VConversion
    return
}

# 6. Or step by step: the copy, and a pass over what changed meanwhile.
$conversion = $task | New-P2VHelper | Copy-P2VVolume | Sync-P2VConversion
$conversion | Out-Host
$conversion.Passes | Out-Host

# 7. Compare, file by file. What changed on the machine since the pass is no fault; the last pass brings it over.
$differences = @($conversion | Test-P2VConversion)
$differences | Out-Host
(Get-P2VConversion -Id $conversion.Id).Verification | Out-Host
if ($differences | Where-Object { -not $_.ChangedOnSource }) {
    throw "The copy of $ComputerName is not as the machine is: see the differences above."
}

# 8. Rehearse: a disposable twin of the copy is made to boot, in a network of its own, and boots.
$rehearsal = $conversion | Test-P2VBoot
$rehearsal | Out-Host
Write-Host "A picture of its screen: $($rehearsal.Screenshots)"
if (-not $rehearsal.Booted) {
    throw "The copy of $ComputerName does not boot yet: $($rehearsal.Reason)"
}

# 9. The last pass, then the copy is made to boot, and becomes the VM.
$conversion | Complete-P2VConversion
