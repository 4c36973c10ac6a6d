<#
.SYNOPSIS
Rehearses the one conversion of a state folder, as a runbook does, until somebody kills it.
#>
param([Parameter(Mandatory)] [string] $LocalPath)

$ErrorActionPreference = 'Stop'
Import-Module LinuxP2V
Connect-P2VServer -LocalPath $LocalPath -Accelerator Tcg | Out-Null
Get-P2VConversion | Test-P2VBoot
