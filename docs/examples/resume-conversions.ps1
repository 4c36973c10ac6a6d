<#
.SYNOPSIS
Goes on with every conversion of a folder that failed, was stopped, or lost the process that drove it.

.DESCRIPTION
What was copied stays copied. Nothing is done to conversions that run, are complete, or stand where they were asked to,
and none goes further than it was asked to. Fit for a scheduled task.

.EXAMPLE
./resume-conversions.ps1 -KeyFile ~/.ssh/id_ed25519 -LocalPath ./vms
#>
[CmdletBinding()]
param(
    # The private key that opens the sources.
    [Parameter(Mandatory)] [string] $KeyFile,

    # The folder of the VMs.
    [Parameter(Mandatory)] [string] $LocalPath,

    # Kvm is fast, Tcg runs everywhere, Auto takes what there is.
    [string] $Accelerator = 'Auto'
)

$ErrorActionPreference = 'Stop'
Import-Module LinuxP2V
Connect-P2VServer -LocalPath $LocalPath -Accelerator $Accelerator | Out-Null

$broken = @(Get-P2VConversion | Where-Object { $_.CanResume })
if ($broken) {
    $broken | Resume-P2VConversion -KeyFile $KeyFile | Wait-P2VConversion
}
