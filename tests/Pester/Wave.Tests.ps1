# A wave of machines: rows of a CSV file, changes of tasks, names, completion, and what survives files and jobs.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1", "$PSScriptRoot/FakeSource.psm1"
    Import-PackagedModule (Join-Path $TestDrive 'state')
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $fake = Start-FakeSource (Join-Path $TestDrive 'source')
    $port = ($fake.Address -split ':')[1]
    $access = @{ KeyFile = $fake.KeyFile; KnownHostsFile = $fake.KnownHostsFile; HostKeyPolicy = 'AcceptNew' }
    $source = Get-P2VSource $fake.Address @access
    $folder = Join-Path $TestDrive 'vms'
    $server = Connect-P2VServer -LocalPath $folder -Accelerator Tcg
    # Made here: Pester takes away what a block below makes in the test drive.
    $null = Get-P2VConversion

    # Conversions as earlier processes left them: two of one name.
    foreach ($id in '0123456789ab', '0123456789ac', '0123456789ad') {
        $text = (Get-Content "$PSScriptRoot/synchronized.json" -Raw).Replace('0123456789ab', $id)
        if ($id -eq '0123456789ad') { $text = $text.Replace('web01-vm', 'web[1]') }
        Set-Content (Join-Path $env:LINUXP2V_STATE "conversions/$id.json") $text
    }

    # As Export-Clixml and Import-Clixml do.
    function Copy-ByFile($Object) {
        [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($Object))
    }

    # Reads rows as Import-Csv does.
    function Get-Row([string] $Csv) { $Csv | ConvertFrom-Csv }

    # What completion offers for the last word of a line.
    function Get-Completion([string] $Line) {
        (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText | Where-Object { $_.Trim() }
    }
}

AfterAll {
    if ($fake) { Stop-FakeSource $fake }
    Disconnect-P2VServer *
    Remove-PackagedModule
}

Describe 'A row of a CSV file' {
    It 'drives reading and planning, without a loop' {
        $rows = Get-Row @"
ComputerName,Port,UserName,KeyFile,KnownHostsFile,HostKeyPolicy,Name,NumCpu,MemoryGB,NetworkName,VolumeSize,PowerOn,Owner
127.0.0.1,$port,root,$($fake.KeyFile),$($fake.KnownHostsFile),AcceptNew,one,3,2.5,lan,/data=9,yes,Ann
127.0.0.1,$port,,$($fake.KeyFile),$($fake.KnownHostsFile),,two,,,,,,Bob
"@
        $tasks = $rows | Get-P2VSource -WarningVariable warnings | New-P2VTask -Notes 'wave 1'
        $warnings | Should -BeNullOrEmpty
        $tasks.Count | Should -Be 2
        $one, $two = $tasks | Sort-Object Name
        $one.Name | Should -Be 'one'
        $one.NumCpu | Should -Be 3
        $one.MemoryGB | Should -Be 2.5
        $one.NetworkName | Should -Be @('lan')
        $one.PowerOn | Should -BeTrue
        ($one.Volumes | Where-Object Name -EQ '/data').CapacityGB | Should -Be 9
        $two.NumCpu | Should -Be $source.NumCpu
        $two.PowerOn | Should -BeFalse
        $tasks.Notes | Should -Be @('wave 1', 'wave 1')
    }

    It 'goes along with its source' {
        $read = Get-Row "ComputerName,Port,Owner`n127.0.0.1,$port,Ann" | Get-P2VSource @access
        $read.Row.Owner | Should -Be 'Ann'
        $source.Row | Should -BeNullOrEmpty
    }

    It 'counts less than the command line' {
        $read = Get-Row "ComputerName,Port,Name,NumCpu`n127.0.0.1,$port,row,2" | Get-P2VSource @access
        $task = $read | New-P2VTask -NumCpu 5
        $task.Name | Should -Be 'row'
        $task.NumCpu | Should -Be 5
    }

    It 'fails alone' {
        $rows = Get-Row "ComputerName,Port,Name`n127.0.0.1,99999,bad port`n127.0.0.1,$port,good`nbad@@name,$port,bad name"
        $read = $rows | Get-P2VSource @access -ErrorAction SilentlyContinue -ErrorVariable failures
        $read.Count | Should -Be 1
        $failures.Count | Should -Be 2
        $tasks = Get-Row "ComputerName,Port,Name,NumCpu`n127.0.0.1,$port,a,many`n127.0.0.1,$port,b,2" | Get-P2VSource @access |
            New-P2VTask -ErrorAction SilentlyContinue -ErrorVariable failures
        $tasks.Name | Should -Be 'b'
        "$failures" | Should -Match "column 'NumCpu' of the row of"
    }

    It 'with a cell that is no value of its kind fails, and is not read in another way: <Column>' -ForEach @(
        @{ Column = 'Port'; Value = '22x' }
        @{ Column = 'HostKeyPolicy'; Value = 'AceptNew' }
        @{ Column = 'ConnectTimeoutSec'; Value = '30 sec' }
        @{ Column = 'KeyFile'; Value = 'Q:\keys\id' }
        @{ Column = 'Sudo'; Value = 'perhaps' }
    ) {
        $rest = $access.Clone()
        $rest.Remove($Column)
        $row = [pscustomobject] @{ ComputerName = $fake.Address; $Column = $Value }
        $good = [pscustomobject] @{ ComputerName = $fake.Address; KeyFile = $fake.KeyFile; HostKeyPolicy = 'AcceptNew' }
        $read = @($row, $good | Get-P2VSource @rest -ErrorAction SilentlyContinue -ErrorVariable failures)
        $failures.Count | Should -Be 1
        $read.Count | Should -Be 1
    }

    It 'with a comma in a number is refused: 8,5 would be 85' {
        $read = "ComputerName|Port|Name|MemoryGB`n127.0.0.1|$port|x|8,5" | ConvertFrom-Csv -Delimiter '|' | Get-P2VSource @access
        (Get-Failure { $read | New-P2VTask -ErrorAction Stop }).Exception.Message | Should -Match 'has a comma'
    }

    It 'keeps no secret, and no object is a row' {
        $row = [pscustomobject] @{
            ComputerName = $fake.Address; Name = 'x'; Password = 'geheim1'; Key = 'geheim2'
            Login = [pscredential]::new('u', (ConvertTo-SecureString 'geheim3' -AsPlainText -Force)); Note = @{ a = 'geheim4' }
        }
        $read = $row | Get-P2VSource @access -WarningAction Ignore -ErrorAction SilentlyContinue
        if (-not $read) { $read = $row | Select-Object ComputerName, Name, Password, Login, Note | Get-P2VSource @access -WarningAction Ignore }
        $read.Row.Name | Should -Be 'x'
        $read, ($read | New-P2VTask) | ConvertTo-Json -Depth 8 -WarningAction Ignore | Should -Not -Match 'geheim'
        [System.Management.Automation.PSSerializer]::Serialize($read) | Should -Not -Match 'geheim'
        (Get-Item $root | Add-Member ComputerName $fake.Address -PassThru | Get-P2VSource @access).Row | Should -BeNullOrEmpty
    }

    It 'whose column is nearly ours is told' {
        $null = Get-Row "ComputerName,Port,Memory,Data Store,Comment`n127.0.0.1,$port,4,ds1,x" |
            Get-P2VSource @access -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings.Count | Should -Be 2
        "$warnings" | Should -Match "'Memory' is not used. If MemoryGB is meant"
        "$warnings" | Should -Match "'Data Store' is not used. If Datastore is meant"
    }

    It 'without ComputerName is told' {
        $failure = Get-Failure { Get-Row "Host,Port`n127.0.0.1,$port" | Get-P2VSource @access -WarningAction Ignore -ErrorAction Stop }
        $failure.ErrorDetails.RecommendedAction | Should -Match 'a column ComputerName'
    }

    It 'says no in words' {
        $read = Get-Row "ComputerName,Port,Name,PowerOn,LowImpact`n127.0.0.1,$port,x,false,1" | Get-P2VSource @access
        $task = $read | New-P2VTask
        $task.PowerOn | Should -BeFalse
        $task.LowImpact | Should -BeTrue
    }
}

Describe 'A script block' {
    It 'gives each task its own value' {
        ($source | New-P2VTask -Name { $_.Name + '-vm' } -NumCpu { $_.NumCpu + 1 }).Name | Should -Be "$($source.Name)-vm"
    }
}

Describe 'Set-P2VTask' {
    BeforeEach { $task = $source | New-P2VTask -Name before -NumCpu 2 -ExcludeVolume /data -PowerOn }

    It 'changes the task that it is given' {
        $changed = $task | Set-P2VTask -NumCpu 4 -Name after
        $changed.NumCpu | Should -Be 4
        [object]::ReferenceEquals($changed, $task) | Should -BeTrue
        $task.Name | Should -Be 'after'
        $task.PowerOn | Should -BeTrue
        $task.Volumes.Name | Should -Not -Contain '/data'
        ($task | Set-P2VTask -ExcludeVolume @() -PowerOn:$false).Volumes.Name | Should -Contain '/data'
        $task.PowerOn | Should -BeFalse
    }

    It 'keeps sockets, addresses and connection until they are changed' {
        $address = $source.NetworkAdapters[0].MacAddress
        $task = $source | New-P2VTask -NumCpu 4 -CoresPerSocket 2 -MacAddress Keep -StartDisconnected -CustomAttribute @{ Owner = 'Ann' }
        $task.CoresPerSocket | Should -Be 2
        $task.MacAddress[0] | Should -Be $address
        $task.StartDisconnected | Should -BeTrue
        $changed = Copy-ByFile $task | Set-P2VTask -Notes x
        $changed.CoresPerSocket | Should -Be 2
        $changed.MacAddress[0] | Should -Be $address
        $changed.StartDisconnected | Should -BeTrue
        $changed.Definition | Should -Match '"Owner":\s*"Ann"'
        $null = $changed | Set-P2VTask -MacAddress Generate -StartDisconnected:$false -CustomAttribute @{} -CoresPerSocket $null
        $changed.MacAddress | Should -Be (@('Generate') * $changed.MacAddress.Count)
        $changed.StartDisconnected | Should -BeFalse
        $changed.Definition | Should -Not -Match 'Ann'
        (Get-Failure { $source | New-P2VTask -NumCpu 4 -CoresPerSocket 3 -ErrorAction Stop }).FullyQualifiedErrorId |
            Should -BeLike 'PlanNotPossible,*'
    }

    It 'is what counts when the task is started' {
        $null = Set-P2VTask $task -Name other
        ($task | Start-P2VConversion -WhatIf *>&1 | Out-String) | Should -Not -Match "the VM 'before'"
    }

    It 'changes a task from a file' {
        $file = Join-Path $TestDrive 'task.xml'
        $task | Export-Clixml $file
        $changed = Import-Clixml $file | Set-P2VTask -MemoryGB 3
        $changed.GetType().Name | Should -Be 'P2VTask'
        $changed.MemoryGB | Should -Be 3
        $changed.Name | Should -Be 'before'
        $changed.NumCpu | Should -Be 2
    }

    It 'takes over what was edited in a task from a file' {
        $imported = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($task, 3))
        $imported.NumCpu = 8
        $imported.PowerOn = $false
        $changed = $imported | Set-P2VTask
        $changed.NumCpu | Should -Be 8
        $changed.PowerOn | Should -BeFalse
        $changed.Name | Should -Be 'before'
    }

    It 'takes away what was there' {
        $task = $source | New-P2VTask -Notes 'old' -StreamCount 3
        $null = $task | Set-P2VTask -Notes '' -StreamCount $null
        $task.StreamCount | Should -BeNullOrEmpty
        $task.Notes | Should -BeNullOrEmpty
    }

    It 'refuses an edit that is no parameter, or does not come from the pipeline' {
        $imported = Copy-ByFile $task
        $imported.Firmware = 'Uefi'
        (Get-Failure { $imported | Set-P2VTask -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ObjectEdited,*'
        $imported = Copy-ByFile $task
        $imported.NumCpu = 8
        (Get-Failure { Set-P2VTask $imported -Notes x -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ObjectEdited,*'
    }

    It 'takes a script block' {
        ($task | Set-P2VTask -Name { $_.Name + '-2' }).Name | Should -Be 'before-2'
    }
}

Describe 'An object' {
    It 'cannot be edited where that has no effect' {
        { $source.NumCpu = 9 } | Should -Throw
        { $source.Volumes[0].UsedGB = 9 } | Should -Throw
        $task = $source | New-P2VTask
        { $task.NumCpu = 9 } | Should -Throw
    }

    It 'from a file that was edited is refused' {
        $text = [System.Management.Automation.PSSerializer]::Serialize(($source | New-P2VTask), 4)
        $task = [System.Management.Automation.PSSerializer]::Deserialize($text)
        $null = $task | Test-P2VTask
        $task.NumCpu = 9
        $failure = Get-Failure { $task | Test-P2VTask -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ObjectEdited,*'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Set-P2VTask'
        $json = $source | New-P2VTask | ConvertTo-Json -Depth 6 | ConvertFrom-Json
        { $json | Test-P2VTask -ErrorAction Stop } | Should -Not -Throw
        $json.Volumes[0].CapacityGB = 1000
        (Get-Failure { $json | Test-P2VTask -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ObjectEdited,*'
    }

    It 'survives a job: a source, a task, a server' {
        $job = Start-Job { $using:source; $using:server }
        try { $read, $connected = $job | Wait-Job | Receive-Job } finally { $job | Remove-Job -Force }
        $read.PSObject.TypeNames[0] | Should -BeLike 'Deserialized.*'
        ($read | New-P2VTask -Server $connected).Destination | Should -Be $folder
        @($read | Test-P2VSource).Count | Should -BeGreaterThan 0
        $read.NumCpu = 99
        (Get-Failure { $read | New-P2VTask -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ObjectEdited,*'
    }

    It 'plans the same from a file as live, its row too' {
        $live = [pscustomobject] @{ ComputerName = $fake.Address; NumCpu = '3'; MemoryGB = '' } | Get-P2VSource @access
        ($live | New-P2VTask).NumCpu | Should -Be 3
        (Copy-ByFile $live | New-P2VTask).Definition | Should -Be ($live | New-P2VTask).Definition
        (Copy-ByFile $source | New-P2VTask).Definition | Should -Be ($source | New-P2VTask).Definition
        (Copy-ByFile ($live | New-P2VTask) | Set-P2VTask).Row.NumCpu | Should -Be 3
    }

    It 'from a file has its place in a report' {
        $file = Join-Path $TestDrive 'imported.csv'
        $null = (Copy-ByFile $source), (Copy-ByFile ($source | New-P2VTask -Name t)), (Copy-ByFile (Get-P2VConversion -Id 0123456789ab)) |
            Export-P2VReport $file -Force
        (Import-Csv $file).VM | Should -Be '', 't', 'web01-vm'
    }

    It 'works in another runspace' {
        $module = (Get-Module LinuxP2V).Path
        $made = $source | ForEach-Object -Parallel {
            Import-Module $using:module
            $_ | New-P2VTask -Server $using:server | Test-P2VTask
        }
        @($made).Count | Should -BeGreaterThan 0
        $task = $source | New-P2VTask
        { $task | ForEach-Object -Parallel { Import-Module $using:module; $_ | Test-P2VTask -ErrorAction Stop } } | Should -Not -Throw
    }
}

Describe 'Names' {
    It 'that no VM can have are refused, not changed' {
        foreach ($name in 'a/b', 'a:b', ('x' * 81), 'dot.') {
            (Get-Failure { $source | New-P2VTask -Name $name -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'PlanNotPossible,*'
        }
    }

    It 'that two tasks ask for are found before the first begins' {
        $tasks = 1..2 | ForEach-Object { $source | New-P2VTask -Name same -HelperIPAddress 192.0.2.9/24 -HelperGateway 192.0.2.1 }
        $found = $tasks | Test-P2VTask | Where-Object Id -EQ 'TasksConflict'
        @($found | Where-Object Severity -EQ 'Error').Count | Should -Be 2
        "$($found.Description)" | Should -Match "both to become the VM 'same'"
        "$($found.Description)" | Should -Match 'the same address'
        $one = $source | New-P2VTask -Name one
        @($one | Test-P2VTask | Where-Object Id -EQ 'TasksConflict').Count | Should -Be 0
    }

    It 'of conversions come from the pipeline, and one that is not there is told' {
        (Get-Failure { 'nobody' | Get-P2VConversion -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ConversionNotFound,*'
        (Get-Failure { Stop-P2VConversion nobody -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ConversionNotFound,*'
        { Wait-P2VConversion 'no*' -ErrorAction Stop } | Should -Not -Throw
    }

    It 'mean the conversion that has them, whatever characters they hold' {
        (Get-P2VConversion 'web[1]').Id | Should -Be '0123456789ad'
        (Get-P2VConversion 'web*').Count | Should -Be 3
        ('web[1]' | Get-P2VConversion).Id | Should -Be '0123456789ad'
        $one = Get-P2VConversion -Id 0123456789ac
        ($one | Get-P2VConversion).Id | Should -Be '0123456789ac'
        (Copy-ByFile $one | Get-P2VConversion).Id | Should -Be '0123456789ac'
        @(Get-P2VConversion 'web[1' -ErrorAction SilentlyContinue).Count | Should -Be 0
    }

    It 'of several conversions are refused where one must be meant' {
        $failure = Get-Failure { Remove-P2VConversion web01-vm -Confirm:$false -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ConversionAmbiguous,*'
        $failure.Exception.Message | Should -Match '0123456789ab .*0123456789ac '
        $file = Export-P2VLog 'web[1]' -Path $TestDrive
        $file.Name | Should -BeLike '*0123456789ad*'
    }

    It 'of servers are found with any characters' {
        $odd = Connect-P2VServer -LocalPath (Join-Path $TestDrive 'vms[1]') -Accelerator Tcg
        try { (Get-P2VServer 'vms[1]') | Should -Be $odd } finally { Disconnect-P2VServer $odd }
        $null = Connect-P2VServer -LocalPath $folder -Accelerator Tcg
    }

    It 'of servers are listed' {
        (Get-P2VServer).Name | Should -Contain $server.Name
        (Get-P2VServer vm*).Address | Should -Be $folder
        ('vms' | Get-P2VServer).Address | Should -Be $folder
        (Get-Failure { Get-P2VServer nobody -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ServerNotConnected,*'
    }
}

Describe 'Completion' {
    It 'knows <What>' -ForEach @(
        @{ What = 'mount points'; Line = 'New-P2VTask -ExcludeVolume /da'; Expected = '/data' }
        @{ What = 'hardware versions'; Line = 'New-P2VTask -HardwareVersion vmx-2'; Expected = 'vmx-20' }
        @{ What = 'servers'; Line = 'New-P2VTask -Server v'; Expected = 'vms' }
    ) {
        Get-Completion $Line | Should -Contain $Expected
    }

    It 'never offers files: <Parameter>' -ForEach @(
        'VMHost', 'Datastore', 'ResourcePool', 'InventoryLocation', 'Location', 'NetworkName', 'ExcludeVolume', 'HelperIPAddress', 'Server' |
            ForEach-Object { @{ Parameter = $_ } }
    ) {
        Push-Location $root
        try {
            Get-Completion "New-P2VTask -$Parameter " | Where-Object { Test-Path $_ -PathType Leaf } | Should -BeNullOrEmpty
            Get-Completion "New-P2VTask -$Parameter REA" | Where-Object { $_ -like '*README*' } | Should -BeNullOrEmpty
        }
        finally { Pop-Location }
    }
}

Describe 'A mistake' {
    It 'of the unit is told' {
        (Get-Failure { $source | New-P2VTask -MemoryGB 4GB -ErrorAction Stop }).Exception.Message | Should -Match 'without a unit: 4'
    }

    It 'of an empty variable is told' {
        (Get-Failure { $source | New-P2VTask -Name '' -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ParameterEmpty,*'
        (Get-Failure { $source | New-P2VTask -Datastore ' ' -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ParameterEmpty,*'
        (Get-Failure { Get-P2VSource x -KeyFile $null -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ParameterEmpty,*'
    }

    It 'can be caught by the name of its type' {
        try { Get-P2VSource 127.0.0.1 -Port 1 @access -ErrorAction Stop; throw 'It did not fail.' }
        catch [LinuxP2V.Cmdlets.P2VConnectionException] { $_.Exception.Remedy | Should -Not -BeNullOrEmpty }
        try { Get-P2VConversion nobody -ErrorAction Stop; throw 'It did not fail.' }
        catch [LinuxP2V.Cmdlets.P2VCommandException] { $_.Exception.ErrorId | Should -Be 'ConversionNotFound' }
    }
}

Describe 'Settings that do not fit' {
    It 'are told where they are given: <Name>' -ForEach @(
        @{ Name = 'no address'; Parameters = @{ HelperIPAddress = '192.0.2.999/24' }; Message = 'is no IP address' }
        @{ Name = 'a short address'; Parameters = @{ HelperIPAddress = '10/8' }; Message = 'is no IP address' }
        @{ Name = 'a prefix beyond 32'; Parameters = @{ HelperIPAddress = '192.0.2.9/33' }; Message = 'no prefix length' }
        @{ Name = 'the address of the net'; Parameters = @{ HelperIPAddress = '192.0.2.0/24' }; Message = 'of the net itself' }
        @{ Name = 'a gateway elsewhere'; Parameters = @{ HelperIPAddress = '192.0.2.9/24'; HelperGateway = '198.51.100.1' }; Message = 'outside of the subnet' }
        @{ Name = 'a gateway alone'; Parameters = @{ HelperGateway = '192.0.2.1' }; Message = 'stands alone' }
        @{ Name = 'the kernel''s file systems'; Parameters = @{ ExcludeVolume = '/d[e]v' }; Message = 'no volume of the source matches' }
    ) {
        (Get-Failure { $source | New-P2VTask @Parameters -ErrorAction Stop }).Exception.Message | Should -Match $Message
    }

    It 'fit where they fit' {
        $task = $source | New-P2VTask -HelperIPAddress '192.0.2.9/24', '2001:db8::9/64' -HelperGateway '192.0.2.1', 'fe80::1' -HelperDns 192.0.2.53
        $task.Name | Should -Not -BeNullOrEmpty
    }

    It 'of another kind of destination are told' {
        $null = $source | New-P2VTask -NetworkName lan -HardwareVersion vmx-19 -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'no use for -NetworkName, -HardwareVersion'
        ($source | New-P2VTask -NetworkName lan -WarningAction Ignore | Test-P2VTask).Id | Should -Contain 'SettingIgnored'
    }
}

Describe 'A key' {
    It 'comes as text from a vault' {
        $key = ConvertTo-SecureString (Get-Content $fake.KeyFile -Raw) -AsPlainText -Force
        (Get-P2VSource $fake.Address -Key $key -KnownHostsFile $fake.KnownHostsFile).Name | Should -Be $source.Name
        $failure = Get-Failure { Get-P2VSource $fake.Address -Key $key -KeyFile $fake.KeyFile -ErrorAction Stop }
        $failure.Exception.Message | Should -Match '-Key and -KeyFile both'
    }
}

Describe 'The example for a wave' {
    BeforeAll {
        $script = "$root/docs/examples/convert-wave.ps1"
        $report = Join-Path $TestDrive 'wave.html'
        $wave = Join-Path $TestDrive 'wave.csv'
        $places = $env:PSModulePath
        $env:PSModulePath = "$root/out$([IO.Path]::PathSeparator)$env:PSModulePath"

        function Set-Wave([string[]] $Rows) {
            @('ComputerName,Port,Name,CutoverAt,CutoverUntil') + $Rows | Set-Content $wave
            Remove-Item $report -ErrorAction Ignore
        }

        function Start-Wave([hashtable] $Options = @{}) {
            & $script $wave -Access $access -ReportPath $report -WarningAction Ignore -ErrorAction SilentlyContinue @Options *>&1
        }
    }

    AfterAll { $env:PSModulePath = $places }

    It 'assesses, and converts nothing' {
        Set-Wave "127.0.0.1,$port,one,,", "127.0.0.1,$port,two,2027-03-05 22:00,2027-03-06 04:00"
        $before = @(Get-P2VConversion).Count
        "$(Start-Wave @{ AssessOnly = $true })" | Should -Match '2 of 2 machines were read'
        Get-Content $report -Raw | Should -Match 'one(.|\n)*two'
        @(Get-P2VConversion).Count | Should -Be $before
    }

    It 'converts none where one cannot be converted, and says so' {
        Set-Wave "127.0.0.1,$port,one,,", '127.0.0.1,1,two,,'
        $before = @(Get-P2VConversion).Count
        { Start-Wave } | Should -Throw 'Of 2 machines 1 can be converted*-SkipBlocked converts these.'
        Get-Content $report -Raw | Should -Match 'one'
        @(Get-P2VConversion).Count | Should -Be $before
    }

    It 'says what it would convert' {
        Set-Wave "127.0.0.1,$port,one,,", '127.0.0.1,1,two,,'
        $before = @(Get-P2VConversion).Count
        $null = Start-Wave @{ SkipBlocked = $true; WhatIf = $true }
        $report | Should -Not -Exist
        @(Get-P2VConversion).Count | Should -Be $before
    }

    It 'tells a wrong time before it reads a machine: <Cell>' -ForEach @(
        @{ Cell = 'tonight,' }
        @{ Cell = ',05.03.2027 22:00' }
        @{ Cell = '2027-03-05,' }
    ) {
        Set-Wave "127.0.0.1,1,one,$Cell"
        { Start-Wave } | Should -Throw '*is no time. Write it as 2027-03-05 22:00.'
    }

    It 'refuses a window that ends before it begins' {
        Set-Wave "127.0.0.1,1,one,2027-03-05 22:00,2027-03-05 04:00"
        { Start-Wave } | Should -Throw '*ends before it begins*'
    }

    It 'refuses a file that is not there, and one without machines' {
        { & $script (Join-Path $TestDrive 'none.csv') -Access $access } | Should -Throw '*none.csv*'
        Set-Wave @()
        { Start-Wave } | Should -Throw '*names no machine*'
    }
}
