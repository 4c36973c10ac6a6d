# A source for the prompt: an sshd of the test's own on 127.0.0.1, which answers every probe with the machine in tests/shared/RecordedSource.

$ErrorActionPreference = 'Stop'
$root = (Resolve-Path "$PSScriptRoot/../..").Path

function Start-FakeSource {
    <#
    .SYNOPSIS
    Gives Address, KeyFile and KnownHostsFile of a source. Folder is empty, and is kept until Stop-FakeSource.
    .PARAMETER Hostile
    A script for sed, which changes what the machine says of itself.
    #>
    param([Parameter(Mandatory)] [string] $Folder, [string] $Hostile)

    $null = New-Item -ItemType Directory -Force $Folder, '/run/sshd'
    foreach ($key in 'host', 'user') { ssh-keygen -q -t ed25519 -N '' -C '' -f (Join-Path $Folder $key) | Out-Null }
    $port = Get-FreePort
    @(
        "Port $port"
        'ListenAddress 127.0.0.1'
        "HostKey $Folder/host"
        "AuthorizedKeysFile $Folder/user.pub"
        "PidFile $Folder/sshd.pid"
        "ForceCommand HOSTILE=$(if ($Hostile) { $Hostile } else { '/dev/null' }) '$root/tests/shared/RecordedSource/answer.sh'"
        'PermitRootLogin yes'
        'PasswordAuthentication no'
        'StrictModes no'
        'UsePAM no'
    ) | Set-Content (Join-Path $Folder 'sshd_config')
    & (Get-Command sshd, /usr/sbin/sshd -ErrorAction Ignore)[0].Source -f "$Folder/sshd_config" -E "$Folder/sshd.log"
    if ($LASTEXITCODE) { throw "sshd did not start: $(Get-Content "$Folder/sshd.log" -Raw)" }
    [pscustomobject]@{
        Folder = $Folder
        Address = "127.0.0.1:$port"
        KeyFile = Join-Path $Folder 'user'
        KnownHostsFile = Join-Path $Folder 'known_hosts'
    }
}

function Stop-FakeSource {
    <# .SYNOPSIS Ends the sshd of Start-FakeSource. #>
    param([Parameter(Mandatory)] $Source)

    Stop-Process -Id ([int] (Get-Content (Join-Path $Source.Folder 'sshd.pid')))
}

function Get-FreePort {
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    try { $listener.LocalEndpoint.Port } finally { $listener.Stop() }
}

Export-ModuleMember -Function Start-FakeSource, Stop-FakeSource
