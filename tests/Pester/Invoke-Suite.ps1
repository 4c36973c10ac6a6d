<#
.SYNOPSIS
Runs the Pester tests against the packaged module, out/LinuxP2V, and writes what they came to: Pester.json with the counts
passed, failed and skipped, and Pester.xml with each test, as NUnit writes it.
#>
param(
    # Pester's manifest, of the version that the repository pins.
    [Parameter(Mandatory)] [string] $PesterModule,

    # Gets the two files.
    [Parameter(Mandatory)] [string] $ResultFolder,

    # Also the tests with the tag Full.
    [switch] $Full
)

$ErrorActionPreference = 'Stop'
Import-Module $PesterModule

$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.TestResult.Enabled = $true
$configuration.TestResult.OutputPath = Join-Path $ResultFolder 'Pester.xml'
if (-not $Full) { $configuration.Filter.ExcludeTag = 'Full' }
$run = Invoke-Pester -Configuration $configuration

# What neither passed nor was skipped has failed. So has a block whose set-up or clean-up failed, and a file that did not get
# as far as its tests.
$ended = $run.TotalCount - $run.NotRunCount
$counts = [ordered]@{
    passed = $run.PassedCount
    failed = $ended - $run.PassedCount - $run.SkippedCount + $run.FailedBlocksCount + $run.FailedContainersCount
    skipped = $run.SkippedCount
}
$counts | ConvertTo-Json | Set-Content (Join-Path $ResultFolder 'Pester.json')
exit [int] ($counts.failed -gt 0)
