<#
.SYNOPSIS
    Converts the machines of a CSV file: looks at all of them first, copies, and cuts over in each machine's window.
.DESCRIPTION
    The columns of the file are parameters of Get-P2VSource and New-P2VTask, such as ComputerName, Port, UserName, KeyFile,
    Name, NumCpu, MemoryGB, Datastore, NetworkName and PowerOn. Three more are this script's own:

    CutoverAt     from when the machine may be cut over, as 2027-03-05 22:00; empty: at once
    CutoverUntil  after that it is not begun any more; the copy stays, and can be cut over later
    Service       services to stop before, with semicolons between

    Nothing is converted unless all machines can be: the report says what is in the way. With -SkipBlocked those that cannot
    are left out. Run it in a session that stays: conversions go on by themselves, the cutovers do not. A window begins once
    the cutovers before it have ended.
.PARAMETER Path
    The CSV file.
.PARAMETER Server
    A vCenter or ESXi that is connected with Connect-P2VServer or Connect-VIServer, or a connected folder. Without it: the default.
.PARAMETER ReportPath
    Where the report goes, an HTML page. It is written before the copies, and again at the end.
.PARAMETER AssessOnly
    Only looks, and writes the report.
.PARAMETER SkipBlocked
    Leaves out machines that cannot be converted, in the place of converting none.
.PARAMETER ThrottleLimit
    Conversions at the same time; -HostThrottleLimit and -DatastoreThrottleLimit limit those of each host and datastore.
.PARAMETER Access
    Parameters of Get-P2VSource for all machines, such as @{ Credential = $c; HostKeyPolicy = 'AcceptNew' }.
.EXAMPLE
    ./convert-wave.ps1 ./wave1.csv -AssessOnly -Access @{ KeyFile = '~/.ssh/id_ed25519' }
.EXAMPLE
    ./convert-wave.ps1 ./wave1.csv -SkipBlocked -ThrottleLimit 4 -HostThrottleLimit 2 -Access @{ Credential = Get-Secret p2v }
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Path,
    [string] $Server,
    [string] $ReportPath = './wave.html',
    [switch] $AssessOnly,
    [switch] $SkipBlocked,
    [ValidateRange(1, 256)]
    [int] $ThrottleLimit = 4,
    [ValidateRange(1, 256)]
    [int] $HostThrottleLimit = 4,
    [ValidateRange(1, 256)]
    [int] $DatastoreThrottleLimit = 8,
    [ValidateNotNull()]
    [hashtable] $Access = @{}
)

$ErrorActionPreference = 'Stop'
Import-Module LinuxP2V
$wave = Split-Path $Path -Leaf
$limits = @{ ThrottleLimit = $ThrottleLimit; HostThrottleLimit = $HostThrottleLimit; DatastoreThrottleLimit = $DatastoreThrottleLimit }

# A time of a row; a mistake is told before anything is done.
function Read-Time([string] $Text, [datetime] $Otherwise = [datetime]::MinValue) {
    if (-not $Text) { return $Otherwise }
    try { [datetime]::ParseExact($Text, 'yyyy-MM-dd HH:mm', [cultureinfo]::InvariantCulture) }
    catch { throw "'$Text' in $wave is no time. Write it as 2027-03-05 22:00." }
}

# 1. Read all machines. One that cannot be read does not stop the others; its error is told.
$rows = @(Import-Csv $Path)
if (-not $rows) { throw "$wave names no machine." }
foreach ($row in $rows) {
    if ((Read-Time $row.CutoverUntil ([datetime]::MaxValue)) -le (Read-Time $row.CutoverAt)) {
        throw "The window of $($row.ComputerName) in $wave ends before it begins: $($row.CutoverAt) to $($row.CutoverUntil)."
    }
}
$sources = @($rows | Get-P2VSource @Access -ErrorAction Continue -ErrorVariable unread)
Write-Host "$($sources.Count) of $($rows.Count) machines were read."

# 2. Plan them, each as its row says.
$options = @{}
if ($Server) { $options.Server = $Server }
$tasks = @($sources | New-P2VTask @options -ErrorAction Continue -ErrorVariable unplanned)

# 3. Find what would break, before a byte is copied: of each machine, and of all together. A task that could not be tested is
#    not ready either.
$blocked = @(
    foreach ($task in $tasks) {
        $null = $task | Test-P2VTask -ErrorAction Continue -ErrorVariable untested
        if ($untested) { $task.Name }
    }
)
$findings = @($tasks | Where-Object Name -NotIn $blocked | Test-P2VTask)
$findings | Where-Object Severity -NE 'Information' | Format-Table Source, Severity, Id, Description -Wrap | Out-Host
$blocked += @($findings | Where-Object Severity -EQ 'Error' | ForEach-Object Source)
$ready = @($tasks | Where-Object Name -NotIn $blocked)
if (-not $WhatIfPreference) { $null = @($tasks) + $findings | Export-P2VReport $ReportPath -Title "${wave}: before" -Force }
if ($AssessOnly) { return }
if (($unread -or $unplanned -or $blocked) -and -not $SkipBlocked) {
    throw "Of $($rows.Count) machines $($ready.Count) can be converted as they are: see above and $ReportPath. -SkipBlocked converts these."
}
if (-not $PSCmdlet.ShouldProcess("$($ready.Count) machines: $($ready.Name -join ', ')", 'Convert')) { return }

# 4. Copy all of them, with limits, and bring over what changed meanwhile. The sources stay in use.
$begun = @($ready | New-P2VHelper @limits -ErrorAction Continue)
$copied = @($begun | Where-Object State -EQ 'HelperReady' | Copy-P2VVolume @limits -ErrorAction Continue)
$synchronized = @($copied | Where-Object State -EQ 'Synchronized' | Sync-P2VConversion @limits -ErrorAction Continue | Where-Object State -EQ 'Synchronized')

# 5. Cut over, window after window; those of one window together. Stop the services, bring over the rest, make the copy boot.
$cutovers = foreach ($conversion in $synchronized) {
    $row = ($ready | Where-Object Name -EQ $conversion.Name).Row
    [pscustomobject] @{
        Conversion = $conversion
        At = Read-Time $row.CutoverAt ([datetime]::MinValue)
        Until = Read-Time $row.CutoverUntil ([datetime]::MaxValue)
        Service = @("$($row.Service)" -split ';' | ForEach-Object Trim | Where-Object { $_ })
    }
}
foreach ($window in $cutovers | Group-Object At | Sort-Object { $_.Group[0].At }) {
    # By the clock of the world: a night may have an hour more or less.
    $at = $window.Group[0].At
    if ($at -gt (Get-Date)) { Write-Host "$($window.Group.Conversion.Name -join ', '): waiting for $at." }
    while ($at -ne [datetime]::MinValue -and $at.ToUniversalTime() -gt [datetime]::UtcNow) { Start-Sleep -Seconds 5 }
    # Machines that stop the same services are completed by one command, at the same time.
    foreach ($same in $window.Group | Group-Object { $_.Service -join ';' }) {
        $late = @($same.Group | Where-Object Until -LT (Get-Date))
        if ($late) { Write-Warning "The window of $($late.Conversion.Name -join ', ') is over: not cut over." }
        $cutover = @{}
        if ($same.Group[0].Service) { $cutover.QuiesceService = $same.Group[0].Service }
        $due = @($same.Group | Where-Object { $_ -notin $late })
        if ($due) { $null = $due.Conversion | Complete-P2VConversion @cutover @limits -ErrorAction Continue }
    }
}

# 6. What became of them.
$ends = @($begun | Get-P2VConversion)
$null = @($tasks) + $findings + $ends | Export-P2VReport $ReportPath -Title $wave -Force
$ends
