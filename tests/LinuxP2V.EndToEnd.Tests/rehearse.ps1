<#
.SYNOPSIS
Rehearses the one conversion of a state folder, as a runbook does, until somebody kills it.
#>
param(
    [Parameter(Mandatory)] [string] $LocalPath,

    # Gets the id of this process: what starts it is only its parent.
    [Parameter(Mandatory)] [string] $PidFile
)

$ErrorActionPreference = 'Stop'
Set-Content $PidFile $PID
Import-Module LinuxP2V
Connect-P2VServer -LocalPath $LocalPath -Accelerator Tcg | Out-Null
Get-P2VConversion | Test-P2VBoot
