<#
.SYNOPSIS
Copies a running Linux machine, keeps the copy close to it for as long as you like, and cuts over in minutes.

.DESCRIPTION
The first copy takes long and disturbs nobody. After it, each pass brings over only what changed. When the time has
come, the named services are stopped on the machine, a last pass brings over the rest, and the copy becomes the VM.
If anything fails after the services were stopped, they are started again.

Run it again after it was interrupted: a copy of that name that was begun is gone on with. A cutover that broke off is
ended by Resume-P2VConversion.

.EXAMPLE
./stay-in-sync.ps1 -ComputerName web01 -KeyFile ~/.ssh/id_ed25519 -LocalPath ./vms -PassCount 24 -PauseMinutes 60 -QuiesceService nginx, mariadb -PowerOn
#>
[CmdletBinding()]
param(
    # The machine to convert.
    [Parameter(Mandatory)] [string] $ComputerName,

    # Where SSH listens there.
    [int] $Port = 22,

    # root, or a user who may become root by sudo.
    [string] $UserName = 'root',

    # The private key that opens it.
    [Parameter(Mandatory)] [string] $KeyFile,

    # The file of known SSH host keys; yours, unless told otherwise.
    [string] $KnownHostsFile,

    # The folder for the VM.
    [Parameter(Mandatory)] [string] $LocalPath,

    # The VM's name; the machine's own, unless told otherwise.
    [string] $Name,

    # Kvm is fast, Tcg runs everywhere, Auto takes what there is.
    [string] $Accelerator = 'Auto',

    # How often what changed is brought over before the cutover, and the pause between.
    [int] $PassCount = 3,
    [int] $PauseMinutes = 60,

    # Megabits a second for the copy and the passes; the cutover takes all that there is.
    [double] $BandwidthLimitMbps = 0,

    # Of the files' contents, how many in a hundred are compared before the cutover.
    [double] $SamplePercent = 100,

    # systemd services that must not write any more when the last pass begins.
    [string[]] $QuiesceService,

    # Start the VM.
    [switch] $PowerOn
)

$ErrorActionPreference = 'Stop'
Import-Module LinuxP2V
Connect-P2VServer -LocalPath $LocalPath -Accelerator $Accelerator | Out-Null

# 1. The machine, and what to make of it.
$login = @{ Port = $Port; UserName = $UserName; KeyFile = $KeyFile; HostKeyPolicy = 'AcceptNew' }
if ($KnownHostsFile) { $login.KnownHostsFile = $KnownHostsFile }
$source = Get-P2VSource $ComputerName @login
$options = @{ BandwidthLimitMbps = $BandwidthLimitMbps }
if ($Name) { $options.Name = $Name }
$task = $source | New-P2VTask @options

# 2. The first copy. One that was begun is gone on with.
$conversion = @(Get-P2VConversion | Where-Object { $_.Name -eq $task.Name -and $_.State -ne 'Completed' })[-1]
if (-not $conversion) {
    $findings = @($task | Test-P2VTask)
    $findings | Out-Host
    if ($findings.Severity -contains 'Error') {
        throw "$ComputerName cannot be converted yet: see the findings above."
    }
    $conversion = $task | New-P2VHelper
}
$conversion = $conversion | Copy-P2VVolume -KeyFile $KeyFile
$conversion | Out-Host

# 3. What changed, again and again.
for ($pass = 1; $pass -le $PassCount; $pass++) {
    if ($pass -gt 1) { Start-Sleep -Seconds (60 * $PauseMinutes) }
    $conversion = $conversion | Sync-P2VConversion -KeyFile $KeyFile
    $conversion.Passes[-1] | Out-Host
    Write-Host "A cutover now would take about $($conversion.EstimatedCutover)."
}

# 4. Is the copy as the machine is? What changed since the last pass comes with the next one.
$differences = @($conversion | Test-P2VConversion -SamplePercent $SamplePercent -KeyFile $KeyFile)
$differences | Out-Host
if ($differences | Where-Object { -not $_.ChangedOnSource }) {
    throw "The copy of $ComputerName is not as the machine is: see the differences above."
}

# 5. The cutover: from here the machine's services are down, so the line is all ours.
$conversion | Set-P2VConversion -BandwidthLimitMbps 0 | Out-Null
$cutover = @{ KeyFile = $KeyFile; PowerOn = $PowerOn }
if ($QuiesceService) { $cutover.QuiesceService = $QuiesceService }
$conversion | Complete-P2VConversion @cutover
