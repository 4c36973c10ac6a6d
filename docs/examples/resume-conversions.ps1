<#
.SYNOPSIS
Goes on with every conversion that failed, was stopped, or lost the process that drove it.

.DESCRIPTION
Give the folder of the VMs, or the vCenter or ESXi on which they are made. What was copied stays copied. Nothing is done
to conversions that run, are complete, or stand where they were asked to, and none goes further than it was asked to. Fit
for a scheduled task: from a command line give -ServerUserName, and the password as the first line of the standard input.

.EXAMPLE
./resume-conversions.ps1 -KeyFile ~/.ssh/id_ed25519 -LocalPath ./vms

.EXAMPLE
./resume-conversions.ps1 -KeyFile ~/.ssh/id_ed25519 -Server vc01 -Credential (Get-Secret vc01)
#>
[CmdletBinding(DefaultParameterSetName = 'Local')]
param(
    # The private key that opens the sources.
    [Parameter(Mandatory)] [string] $KeyFile,

    # The folder of the VMs.
    [Parameter(Mandatory, ParameterSetName = 'Local')] [string] $LocalPath,

    # Kvm is fast, Tcg runs everywhere, Auto takes what there is.
    [Parameter(ParameterSetName = 'Local')] [string] $Accelerator = 'Auto',

    # The vCenter or ESXi: vc01, or vc01:8443.
    [Parameter(Mandatory, ParameterSetName = 'Server')] [string] $Server,

    # Its account. Without it and -ServerUserName, PowerCLI's connection is used.
    [Parameter(ParameterSetName = 'Server')] [pscredential] $Credential,

    # The account's name, its password being the first line of the standard input.
    [Parameter(ParameterSetName = 'Server')] [string] $ServerUserName,

    # SHA-256 of the server's certificate, where no known authority has signed it.
    [Parameter(ParameterSetName = 'Server')] [string] $CertificateThumbprint
)

$ErrorActionPreference = 'Stop'
Import-Module LinuxP2V

if ($ServerUserName) {
    $password = [System.Net.NetworkCredential]::new('', [Console]::In.ReadLine()).SecurePassword
    $Credential = [pscredential]::new($ServerUserName, $password)
}
$connection = if ($Server) { @{ Server = $Server } } else { @{ LocalPath = $LocalPath; Accelerator = $Accelerator } }
if ($Credential) { $connection.Credential = $Credential }
if ($CertificateThumbprint) { $connection.CertificateThumbprint = $CertificateThumbprint }
Connect-P2VServer @connection | Out-Null

$broken = @(Get-P2VConversion | Where-Object { $_.CanResume })
if ($broken) {
    $broken | Resume-P2VConversion -KeyFile $KeyFile | Wait-P2VConversion
}
