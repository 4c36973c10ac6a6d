# Uses the module with secrets, and has PowerShell show and store all that it can of it: the transcript, verbose and debug
# messages, every object in each form, errors, and the log bundle. The secrets come on standard input: three lines.
[CmdletBinding()]
param(
    [string] $ComputerName,
    [int] $Port,
    [string] $UserName,
    [string] $KeyFile,
    [string] $KnownHostsFile,
    [string] $LocalPath,
    [string] $Output
)
$ErrorActionPreference = 'Stop'
$passphrase, $sudo, $wrong = 1..3 | ForEach-Object { [Console]::In.ReadLine() | ConvertTo-SecureString -AsPlainText -Force }
$VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
$null = Start-Transcript (Join-Path $Output transcript.txt)

function Show-Everything([object] $Thing, [string] $Name) {
    $Thing | Format-List * -Force | Out-Host
    $Thing | Format-Table * | Out-Host
    $Thing | Export-Clixml (Join-Path $Output "$Name.xml") -Depth 8
    # PowerShell cannot write each error record as JSON.
    try { $Thing | ConvertTo-Json -Depth 3 -WarningAction SilentlyContinue | Set-Content (Join-Path $Output "$Name.json") }
    catch [ArgumentException] { Write-Verbose "no JSON of $Name" }
    $Thing | Get-Member -Force | Out-Host
}

Import-Module LinuxP2V
Connect-P2VServer -LocalPath $LocalPath -Accelerator Tcg | Out-Host
$login = @{
    ComputerName = $ComputerName; Port = $Port; UserName = $UserName; KeyFile = $KeyFile; KeyPassphrase = $passphrase
    KnownHostsFile = $KnownHostsFile; HostKeyPolicy = 'AcceptNew'; Sudo = $true
}
$right = [pscredential]::new($UserName, $sudo)

# Each kind of failure that has a secret at hand.
$failures = @(
    { Get-P2VSource @login -SudoCredential ([pscredential]::new($UserName, $wrong)) }
    { $bad = $login.Clone(); $bad.KeyPassphrase = $wrong; Get-P2VSource @bad -SudoCredential $right }
    { $bad = $login.Clone(); $bad.Port = 1; Get-P2VSource @bad -SudoCredential $right }
)
foreach ($failure in $failures) {
    try {
        & $failure
        throw 'This was to fail.'
    }
    catch {
        if ("$_" -eq 'This was to fail.') { throw }
        Show-Everything $_ failure
        Show-Everything $_.Exception exception
        $_ | Get-Error | Out-Host
    }
}

$source = Get-P2VSource @login -SudoCredential $right
Show-Everything $source source
$task = $source | New-P2VTask -Name transcript
Show-Everything $task task
Show-Everything (Test-P2VTask $task) findings
$conversion = New-P2VHelper $task
Show-Everything $conversion conversion
Show-Everything (Export-P2VLog $conversion -Path (Join-Path $Output bundle.zip)) bundle
Get-Variable | Out-Host
$null = Stop-Transcript
