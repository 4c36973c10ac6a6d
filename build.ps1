<#
.SYNOPSIS
The front of the build for a machine with PowerShell: ./build.ps1 demo. ./build.sh tells what the targets are.
#>
[CmdletBinding()]
param(
    [ValidateSet('build', 'iso', 'package', 'demo', 'test', 'bench', 'clean')]
    [string] $Target = 'build',

    # Where the demo makes its VM.
    [ValidateSet('Local', 'vSphere')]
    [string] $Destination = 'Local'
)

# The work stands in build.proj. Only Linux has more to prepare than a compiler: there the shell front is the one that does.
if ($IsLinux) {
    & "$PSScriptRoot/build.sh" $Target -Destination $Destination
    exit $LASTEXITCODE
}

if ($Target -notin 'build', 'bench', 'clean') {
    throw "The target '$Target' boots Linux machines under QEMU: run it on Debian 12."
}

$env:MSBUILDDISABLENODEREUSE = '1'
$env:UseSharedCompilation = 'false'
dotnet msbuild "$PSScriptRoot/build.proj" -nologo -tl:off -v:minimal "-t:$Target"
exit $LASTEXITCODE
