<#
.SYNOPSIS
The front of the build for a machine with PowerShell: ./build.ps1 demo. ./build.sh tells what the targets are.
#>
[CmdletBinding()]
param(
    [ValidateSet('build', 'iso', 'package', 'demo', 'test', 'format', 'bench', 'matrix', 'clean')]
    [string] $Target = 'build',

    # Where the demo makes its VM.
    [ValidateSet('Local', 'vSphere')]
    [string] $Destination = 'Local',

    # All tests, not the quick ones alone; tests of some areas alone (tests/areas.txt).
    [switch] $Full,
    [string[]] $Area,

    # Rows of the matrix (docs/matrix.md); all, unless told otherwise.
    [string[]] $Case,

    # What to measure, and how often; quick shows that it works, with little data.
    [switch] $Quick,
    [string[]] $Shape,
    [ValidateRange(1, 100)]
    [int] $Rounds
)

# The work stands in build.proj. Only Linux has more to prepare than a compiler: there the shell front is the one that does.
if ($IsLinux) {
    # An array also of one option: splatting a string gives its letters.
    $options = @(if ($Target -eq 'bench') {
        if ($Quick) { '-Quick' }
        if ($Shape) { '-Shape', ($Shape -join ',') }
        if ($Rounds) { '-Rounds', $Rounds }
    }
    elseif ($Target -eq 'test') {
        if ($Full) { '-Full' }
        if ($Area) { '-Area', ($Area -join ',') }
    }
    elseif ($Target -eq 'matrix') {
        if ($Case) { '-Case', ($Case -join ',') }
    }
    elseif ($Target -ne 'format') { '-Destination', $Destination })
    & "$PSScriptRoot/build.sh" $Target @options
    exit $LASTEXITCODE
}

if ($Target -notin 'build', 'format', 'clean') {
    throw "The target '$Target' needs loop devices or QEMU: run it on Debian 12."
}

$env:MSBUILDDISABLENODEREUSE = '1'
$env:UseSharedCompilation = 'false'
dotnet msbuild "$PSScriptRoot/build.proj" -nologo -tl:off -v:minimal "-t:$Target"
exit $LASTEXITCODE
