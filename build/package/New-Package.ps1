# Packs the module as a package for a repository of PowerShell modules, as Install-PSResource takes it.
param(
    [Parameter(Mandatory)] [string] $ModuleFolder,
    # Gets LinuxP2V.VERSION.nupkg. Packages of earlier builds there are removed.
    [Parameter(Mandatory)] [string] $OutputFolder
)
$ErrorActionPreference = 'Stop'
Import-Module Microsoft.PowerShell.PSResourceGet

Get-ChildItem $OutputFolder -Filter 'LinuxP2V.*.nupkg' | Remove-Item
Compress-PSResource -Path $ModuleFolder -DestinationPath $OutputFolder
$package = @(Get-ChildItem $OutputFolder -Filter 'LinuxP2V.*.nupkg')
if ($package.Count -ne 1) { throw "There are $($package.Count) packages in $OutputFolder after packing; one was expected." }
Write-Host "package: $($package[0].Name), $([math]::Round($package[0].Length / 1MB)) MB"
