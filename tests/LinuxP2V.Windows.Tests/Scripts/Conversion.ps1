# From a vCenter's login to a helper that runs, by tasks that went through files; then a conversion that another process
# stops (Other.ps1).
. "$PSScriptRoot\Steps.ps1"

$server = "127.0.0.1:$env:P2V_SERVER_PORT"
$folder = New-Item -ItemType Directory $env:P2V_FOLDER

function New-ServerCredential([string] $Password = $env:P2V_SERVER_PASSWORD) {
    [pscredential]::new($env:P2V_SERVER_USER, (ConvertTo-SecureString $Password -AsPlainText -Force))
}

Step 'import' { Import-Module "$env:P2V_MODULE\LinuxP2V.psd1" -ErrorAction Stop; 'imported' }
Step 'untrusted certificate' { Connect-P2VServer $server -Credential (New-ServerCredential) }
Step 'wrong server password' { Connect-P2VServer $server -Credential (New-ServerCredential 'wrong') -CertificateThumbprint $env:P2V_SERVER_THUMBPRINT }
Step 'local folder' { Connect-P2VServer -LocalPath 'C:\vms' }
Step 'connect' {
    $connected = Connect-P2VServer $server -Credential (New-ServerCredential) -CertificateThumbprint $env:P2V_SERVER_THUMBPRINT
    @{ Kind = $connected.Kind; User = $connected.User; Connected = $connected.IsConnected; Product = $connected.Product }
}

Step 'task' {
    $source = Get-P2VSource $env:P2V_SOURCE -Port $env:P2V_SOURCE_PORT -UserName root -KeyFile $env:P2V_KEY -HostKeyPolicy AcceptNew
    $place = @{ VMHost = 'Cluster1'; Datastore = 'datastore1'; NetworkName = 'VM Network'; MemoryGB = 1 }
    $script:first = $source | New-P2VTask -Name "first-$env:P2V_RUN" @place
    $script:second = $source | New-P2VTask -Name "second-$env:P2V_RUN" @place
    @{ Name = $first.Name; OperatingSystem = $first.OperatingSystem; Volumes = @($first.Volumes.Name); Disks = @($first.Disks).Count }
}
Step 'rows' {
    $rows = @(
        'ComputerName,Port,UserName,KeyFile,HostKeyPolicy,Name,NumCpu,MemoryGB,VMHost,Datastore,NetworkName,PowerOn,Owner'
        "$env:P2V_SOURCE,$env:P2V_SOURCE_PORT,root,$env:P2V_KEY,AcceptNew,row-$env:P2V_RUN,3,2.5,Cluster1,datastore1,VM Network,no,Ann"
        "$env:P2V_SOURCE,99999,root,$env:P2V_KEY,AcceptNew,bad-$env:P2V_RUN,,,,,,,Bob"
    ) | ConvertFrom-Csv
    $tasks = @($rows | Get-P2VSource -ErrorAction SilentlyContinue -ErrorVariable bad | New-P2VTask)
    @{ Names = @($tasks.Name); NumCpu = $tasks[0].NumCpu; MemoryGB = "$($tasks[0].MemoryGB)"; Owner = $tasks[0].Row.Owner; Failures = @($bad).Count }
}
Step 'export' {
    $first | Export-Clixml "$folder\first.xml"
    $second | ConvertTo-Json -Depth 9 | Set-Content "$folder\second.json"
    $secret = (Get-Content $env:P2V_KEY)[1]
    $files = Get-ChildItem $folder
    @{ Secret = [bool] ($files | Where-Object { (Get-Content -Raw $_).Contains($secret) }); Files = @($files).Count }
}
Step 'import tasks' {
    $script:fromXml = Import-Clixml "$folder\first.xml"
    $script:fromJson = Get-Content -Raw "$folder\second.json" | ConvertFrom-Json
    @{ Xml = $fromXml.Definition -eq $first.Definition; Json = $fromJson.Definition -eq $second.Definition; Type = $fromXml.PSTypeNames[0] }
}
Step 'test task' { $fromXml | Test-P2VTask | ForEach-Object { "$($_.Severity) $($_.Id)" } }

Step 'helper' {
    $conversion = $fromXml | New-P2VHelper -KeyFile $env:P2V_KEY
    $script:firstId = $conversion.Id
    @{ State = "$($conversion.State)"; Machine = $conversion.VM.Name; Error = "$($conversion.Error)"; Phases = @($conversion.Phases | ForEach-Object { "$_" }) }
}
Step 'log' {
    $log = Export-P2VLog $firstId -Path $folder
    $entries = [IO.Compression.ZipFile]::OpenRead($log.FullName)
    try { @{ Entries = @($entries.Entries.FullName) } } finally { $entries.Dispose() }
}
# The other process is at hand before there is something to stop. Without it nothing can be judged from here on.
try { Wait-Until { Test-Path $env:P2V_READY } | Out-Null } catch { exit 3 }
Step 'start' {
    $script:started = $fromJson | Start-P2VConversion -KeyFile $env:P2V_KEY
    @{ State = "$($started.State)"; IsRunning = $started.IsRunning }
}
Step 'wait' {
    $stopped = $started | Wait-P2VConversion
    "$($stopped.InterruptedState) $($stopped.State)"
}
Step 'end' { }
