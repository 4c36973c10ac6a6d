# Runs docs/examples/convert-wave.ps1 with the file wave.csv of a folder, and shows each command as a prompt does. The
# server's password is the first line of the standard input.
[CmdletBinding()]
param([string] $Folder, [string] $Server, [string] $ServerUserName, [string] $CertificateThumbprint)
$ErrorActionPreference = 'Stop'
$password = [System.Net.NetworkCredential]::new('', [Console]::In.ReadLine()).SecurePassword
$credential = [pscredential]::new($ServerUserName, $password)
$PSStyle.OutputRendering = 'PlainText'
$ProgressPreference = 'SilentlyContinue'
Set-Location $Folder
Copy-Item "$PSScriptRoot/../../../docs/examples/convert-wave.ps1" .
Import-Module LinuxP2V

$commands = @(
    'Import-Csv wave.csv | Format-Table Name, NumCpu, MemoryGB, VMHost, Datastore, NetworkName, CutoverAt, CutoverUntil'
    "Connect-P2VServer $Server -Credential `$credential -CertificateThumbprint $CertificateThumbprint"
    '$access = @{ HostKeyPolicy = ''AcceptNew''; KnownHostsFile = ''known_hosts'' }'
    './convert-wave.ps1 wave.csv -AssessOnly -Access $access'
    './convert-wave.ps1 wave.csv -Access $access -ThrottleLimit 3 -DatastoreThrottleLimit 2 | Format-Table'
    'Get-P2VConversion old01 | Complete-P2VConversion'
    'Get-P2VConversion | Format-Table Name, State, StartTime, FinishTime, VM'
)
foreach ($command in $commands) {
    "PS> $command"
    . ([scriptblock]::Create($command)) | Out-Default
    ''
}
