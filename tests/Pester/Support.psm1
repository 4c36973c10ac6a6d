# What the test files share.

$root = (Resolve-Path "$PSScriptRoot/../..").Path

function Import-PackagedModule {
    <# .SYNOPSIS Imports out/LinuxP2V, with a state folder of the test's own. #>
    param([Parameter(Mandatory)] [string] $StateFolder)

    $env:LINUXP2V_STATE = $StateFolder
    Import-Module "$root/out/LinuxP2V/LinuxP2V.psd1" -Force -Global
}

function Remove-PackagedModule {
    <# .SYNOPSIS Undoes Import-PackagedModule. #>
    Remove-Module LinuxP2V
    $env:LINUXP2V_STATE = $null
}

function Get-Failure {
    <# .SYNOPSIS Gives the error of a command that must fail. #>
    param([Parameter(Mandatory)] [scriptblock] $Command)

    try { & $Command -ErrorAction Stop } catch { return $_ }
    throw 'It did not fail.'
}

function Invoke-OtherPowerShell {
    <# .SYNOPSIS Runs a script in a PowerShell of its own, and gives exit code, output and errors as text. #>
    param([Parameter(Mandatory)] [string] $Script)

    $errors = New-TemporaryFile
    try {
        $output = & "$root/build/pwsh.sh" -NoLogo -NoProfile -NonInteractive -Command $Script 2> $errors
        [pscustomobject]@{ ExitCode = $LASTEXITCODE; Output = @($output); Error = Get-Content $errors -Raw }
    }
    finally {
        Remove-Item $errors
    }
}

Export-ModuleMember -Function *-*
