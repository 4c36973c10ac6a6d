# A source for the prompt: an sshd of the test's own on 127.0.0.1, behind which every probe is answered with a recorded machine.

$ErrorActionPreference = 'Stop'
$root = (Resolve-Path "$PSScriptRoot/../..").Path

function Start-FakeSource {
    <# .SYNOPSIS Gives Address, KeyFile and KnownHostsFile of a source. Folder is empty, and is kept until Stop-FakeSource. #>
    param([Parameter(Mandatory)] [string] $Folder)

    $null = New-Item -ItemType Directory -Force $Folder, '/run/sshd'
    foreach ($key in 'host', 'user') { ssh-keygen -q -t ed25519 -N '' -C '' -f (Join-Path $Folder $key) | Out-Null }
    Write-RecordedMachine (Join-Path $Folder 'machine.txt')
    Write-Answer $Folder
    $port = Get-FreePort
    @(
        "Port $port"
        'ListenAddress 127.0.0.1'
        "HostKey $Folder/host"
        "AuthorizedKeysFile $Folder/user.pub"
        "PidFile $Folder/sshd.pid"
        "ForceCommand $Folder/answer.sh"
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

# The recording that the engine's tests read, without what cannot be converted (busybox's tools, RAID, encryption), and with
# a network adapter, a database, and the tools that make an initramfs.
function Write-RecordedMachine([string] $Path) {
    $file = [IO.File]::OpenRead("$root/tests/LinuxP2V.Engine.Tests/Sources/Recorded/debian-lvm.txt.gz")
    try {
        $text = [IO.StreamReader]::new([IO.Compression.GZipStream]::new($file, [IO.Compression.CompressionMode]::Decompress)).ReadToEnd()
    }
    finally {
        $file.Dispose()
    }
    $changes = [ordered]@{
        '(?m)^\d+ \d+ 9:0 .*\n' = ''
        '(?m)^\d+ \d+ 253:4 .*\n' = ''
        '(?m)^tar \(busybox\).*$' = 'tar (GNU tar) 1.34'
        '(?s)find: unrecognized: --version\n.*?(?=\n@@)' = "find (GNU findutils) 4.9.0`n"
        '(?m)^@@vm ip-link\n' = @(
            '@@vm adapter ens192'
            'address=52:54:00:12:34:56'
            'operstate=up'
            'mtu=1500'
            'type=1'
            'carrier=1'
            'flags=0x1003'
            'device=/sys/devices/pci0000:00/0000:00:03.0'
            'driver=virtio_net'
            ''
            '@@vm ip-link'
            ''
        ) -join "`n"
        '(?m)^@@vm ip-address\n' = "@@vm ip-address`n2: ens192    inet 192.0.2.10/24 brd 192.0.2.255 scope global ens192`n"
        '(?m)^@@vm initramfs-tools\n' = "@@vm initramfs-tools`nmkinitramfs`nupdate-initramfs`n"
        '(?m)^@@vm processes\n' = "@@vm processes`nName:`tmariadbd`n"
    }
    foreach ($pattern in $changes.Keys) {
        if ($text -notmatch $pattern) { throw "The recorded machine has nothing like '$pattern'." }
        $text = $text -replace $pattern, $changes[$pattern]
    }
    Set-Content $Path $text -NoNewline
}

# The engine sends its probe as a script on standard input, which names the mark that begins each part of the answer.
function Write-Answer([string] $Folder) {
    @"
#!/bin/sh
case "`$SSH_ORIGINAL_COMMAND" in
  *"exec sh"*) ;;
  *) exec sh -c "`$SSH_ORIGINAL_COMMAND" ;;
esac
script=`$(mktemp)
cat > "`$script"
mark=`$(sed -n 's/^M=\(@@.*\)/\1/p' "`$script" | head -n 1)
if [ -n "`$mark" ]; then sed "s/^@@vm /`$mark /" "$Folder/machine.txt"; else sh < "`$script"; fi
rm -f "`$script"
"@ | Set-Content (Join-Path $Folder 'answer.sh')
    chmod 755 (Join-Path $Folder 'answer.sh')
}

function Get-FreePort {
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    try { $listener.LocalEndpoint.Port } finally { $listener.Stop() }
}

Export-ModuleMember -Function Start-FakeSource, Stop-FakeSource
