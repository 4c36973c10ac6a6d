<#
.SYNOPSIS
Converts a running Linux machine into a VM on a vCenter or an ESXi.

.DESCRIPTION
The source keeps running and is only read. In PowerShell, give the server's account as -Credential, or connect PowerCLI
to the server beforehand. From a command line, give -ServerUserName, and the password as the first line of the standard
input: there it appears in no list of processes, no history and no environment.

.EXAMPLE
./convert-linux-vsphere.ps1 web01 -KeyFile ~/.ssh/id_ed25519 -Server vc01 -Credential (Get-Secret vc01) -VMHost prod -Datastore 'ds-*'

.EXAMPLE
pwsh -File convert-linux-vsphere.ps1 -ComputerName web01 -KeyFile ~/.ssh/id_ed25519 -Server vc01 -ServerUserName svc-p2v@example.org < password.txt
#>
[CmdletBinding()]
param(
    # The machine to convert.
    [Parameter(Mandatory, Position = 0)] [string] $ComputerName,

    # Where SSH listens there.
    [int] $Port = 22,

    # root, or a user who may become root by sudo.
    [string] $UserName = 'root',

    # The private key that opens it.
    [Parameter(Mandatory)] [string] $KeyFile,

    # The file of known SSH host keys; yours, unless told otherwise.
    [string] $KnownHostsFile,

    # The vCenter or ESXi: vc01, or vc01:8443.
    [Parameter(Mandatory)] [string] $Server,

    # Its account. Without it and -ServerUserName, PowerCLI's connection is used.
    [pscredential] $Credential,

    # The account's name, its password being the first line of the standard input.
    [string] $ServerUserName,

    # SHA-256 of the server's certificate, where no known authority has signed it.
    [string] $CertificateThumbprint,

    # A host or a cluster.
    [Alias('Cluster')] [string] $VMHost,

    # A datastore, a datastore cluster, or a wildcard for several to choose from.
    [string] $Datastore,

    # A resource pool or vApp.
    [string] $ResourcePool,

    # The folder for the VM.
    [string] $InventoryLocation,

    # The port group.
    [Alias('Portgroup')] [string] $NetworkName,

    # The VM's name; the machine's own, unless told otherwise.
    [string] $Name,

    # Memory for the VM; as much as the machine has, unless told otherwise.
    [decimal] $MemoryGB,

    # What the disks hang on: Pvscsi, LsiLogicSas, Ahci or Nvme. The source's kernel decides, unless told otherwise.
    [string] $DiskController,

    # Read volumes on LVM and btrfs from snapshots of one moment, which are made on the machine and removed from it again.
    [switch] $Snapshot,

    # Start the VM when it is done. It has the source's addresses: mind that both run then.
    [switch] $PowerOn
)

$ErrorActionPreference = 'Stop'
Import-Module LinuxP2V

# 1. Where the VM is made.
if ($ServerUserName) {
    $password = [System.Net.NetworkCredential]::new('', [Console]::In.ReadLine()).SecurePassword
    $Credential = [pscredential]::new($ServerUserName, $password)
}
$connection = @{ Server = $Server }
if ($Credential) { $connection.Credential = $Credential }
if ($CertificateThumbprint) { $connection.CertificateThumbprint = $CertificateThumbprint }
Connect-P2VServer @connection | Out-Host

# 2. Look at the machine. A key seen for the first time is accepted and remembered; a changed one never is.
$login = @{ Port = $Port; UserName = $UserName; KeyFile = $KeyFile; HostKeyPolicy = 'AcceptNew' }
if ($KnownHostsFile) { $login.KnownHostsFile = $KnownHostsFile }
$source = Get-P2VSource $ComputerName @login
$source | Out-Host
$source.Volumes | Out-Host

# 3. Find what would break on the machine's side, before anything is planned.
$findings = @($source | Test-P2VSource)
$findings | Out-Host
if ($findings.Severity -contains 'Error') {
    throw "$ComputerName cannot be converted yet: see the findings above."
}

# 4. Say what to make, and where. What is not given, the server's inventory decides.
$options = @{}
foreach ($wish in 'Name', 'MemoryGB', 'DiskController', 'VMHost', 'Datastore', 'ResourcePool', 'InventoryLocation', 'NetworkName', 'Snapshot', 'PowerOn') {
    if ($PSBoundParameters.ContainsKey($wish)) { $options[$wish] = $PSBoundParameters[$wish] }
}
$task = $source | New-P2VTask @options
$task | Out-Host

# 5. Find what would break on the server's side: room, names, privileges, hardware, networks.
$findings = @($task | Test-P2VTask)
$findings | Out-Host
if ($findings.Severity -contains 'Error') {
    throw "$ComputerName cannot be converted to $Server yet: see the findings above."
}

# 6. Do it. The work runs on when this waiting is interrupted: Get-P2VConversion finds it again.
$conversion = $task | Start-P2VConversion | Wait-P2VConversion
$conversion | Out-Host
$conversion.VM
