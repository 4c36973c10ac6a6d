# Every object that a cmdlet gives, used as a script uses it: each public property is read, and each list is indexed, counted
# and walked. The source is an sshd of the test's own that answers with a recorded machine; no VM is made.

BeforeDiscovery {
    # The types are those of the packaged assembly, so that a new one, and a new property, is tested without a word here.
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    Import-Module "$root/out/LinuxP2V/LinuxP2V.psd1" -Force
    $assembly = (Get-Command Get-P2VSource).ImplementingType.Assembly
    $outputTypes = $assembly.GetExportedTypes() | Where-Object { $_.Namespace -eq 'LinuxP2V.Cmdlets' -and $_.IsClass -and -not [Exception].IsAssignableFrom($_) }
    $properties = foreach ($type in $outputTypes) {
        foreach ($property in $type.GetProperties()) {
            @{ Type = $type.Name; Property = $property.Name; IsList = $property.PropertyType.IsArray }
        }
    }
    $lists = @($properties | Where-Object { $_.IsList })
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1", "$PSScriptRoot/FakeSource.psm1"
    Import-PackagedModule (Join-Path $TestDrive 'state')

    # A conversion as an earlier process left it.
    $stored = New-Item -ItemType Directory -Force (Join-Path $env:LINUXP2V_STATE 'conversions')
    Copy-Item "$PSScriptRoot/synchronized.json" (Join-Path $stored '0123456789ab.json')

    $rehearsed = New-Item -ItemType Directory -Force (Join-Path $env:LINUXP2V_STATE 'rehearsals/results/0123456789ab')
    Copy-Item "$PSScriptRoot/rehearsal.json" $rehearsed

    # By reflection: a script cannot set their properties.
    function New-OutputObject([string] $Type, [hashtable] $Properties) {
        $object = [Activator]::CreateInstance((Get-Command Get-P2VSource).ImplementingType.Assembly.GetType("LinuxP2V.Cmdlets.$Type"))
        foreach ($name in $Properties.Keys) {
            $property = $object.GetType().GetProperty($name)
            $property.SetValue($object, ($Properties[$name] -as $property.PropertyType))
        }
        $object
    }

    $fake = Start-FakeSource (Join-Path $TestDrive 'source')
    $source = Get-P2VSource $fake.Address -KeyFile $fake.KeyFile -KnownHostsFile $fake.KnownHostsFile -HostKeyPolicy AcceptNew
    $server = Connect-P2VServer -LocalPath (Join-Path $TestDrive 'vms') -Accelerator Tcg
    $addresses = @{}
    $source.NetworkAdapters | Select-Object -First 2 | ForEach-Object { $addresses[$_.Name] = "198.51.100.$($addresses.Count + 10)/24" }
    $hooks = 'AfterReconfiguration', 'FirstBoot' | ForEach-Object { New-P2VHook -Script 'true' -Moment $_ }
    $task = $source | New-P2VTask -Name objects -ExcludeVolume /data -Tag Site/Bonn, Daily -IPAddress $addresses -Hook $hooks -WarningAction SilentlyContinue
    $roots = @(
        $source
        $server
        $task
        Get-P2VConversion -Id 0123456789ab
        $source | Test-P2VSource | Select-Object -First 1
        $task | Test-P2VTask -PlannedChange | Select-Object -First 1
        Get-P2VHelperImage | Select-Object -First 1
        # What only a running conversion gives.
        New-OutputObject P2VDifference @{ Conversion = 'web01-vm'; Volume = '/'; Path = '/etc/passwd'; Kind = 'Content'; ChangedOnSource = $false }
        New-OutputObject P2VVirtualMachine @{ Name = 'web01-vm'; Id = 'VirtualMachine-vm-42'; Server = 'vc01' }
        New-OutputObject P2VConversionError @{ Id = 'AgentFailed'; Cause = 'It failed.'; Remedy = 'Mend it.' }
        [Activator]::CreateInstance([LinuxP2V.Cmdlets.P2VInventoryItem], [Reflection.BindingFlags] 'Instance, NonPublic', $null, @('ds1'), $null)
    )

    # The objects below the roots by the name of their type.
    $samples = @{}
    function Add-Sample($Object) {
        $name = $Object.GetType().Name
        if (-not $samples.ContainsKey($name)) { $samples[$name] = [Collections.Generic.List[object]]::new() }
        $samples[$name].Add($Object)
        foreach ($property in $Object.GetType().GetProperties()) {
            foreach ($part in $property.GetValue($Object)) {
                if ($null -ne $part -and $part.GetType().Namespace -eq 'LinuxP2V.Cmdlets' -and $part.GetType().IsClass) { Add-Sample $part }
            }
        }
    }
    $roots | ForEach-Object { Add-Sample $_ }

    # The lists of a property, of all objects of a type that have entries in it. By reflection: not as a script would.
    function Get-List([string] $Type, [string] $Property) {
        foreach ($object in $samples[$Type]) {
            $list = $object.GetType().GetProperty($Property).GetValue($object)
            if ($list.Count) { @{ Object = $object; Entries = @($list.GetEnumerator()) } }
        }
    }

    # Each way to use a list that a script has, against its entries.
    function Assert-List($List, $Entries) {
        $List.Count | Should -Be $Entries.Count
        $walked = @(foreach ($entry in $List) { $entry })
        $walked.Count | Should -Be $Entries.Count
        for ($i = 0; $i -lt $Entries.Count; $i++) {
            "$($List[$i])" | Should -Be "$($Entries[$i])"
            @($List[$i]).Count | Should -Be 1
            "$($walked[$i])" | Should -Be "$($Entries[$i])"
        }
        "$($List[-1])" | Should -Be "$($Entries[-1])"
        $List[$Entries.Count] | Should -BeNullOrEmpty
        @($List | ForEach-Object { $_ }).Count | Should -Be $Entries.Count
    }
}

AfterAll {
    if ($fake) { Stop-FakeSource $fake }
    if ($server) { Disconnect-P2VServer $server }
    Remove-PackagedModule
}

Describe 'Objects' {
    It 'are all looked at: <_>' -ForEach $outputTypes.Name {
        $samples[$_] | Should -Not -BeNullOrEmpty
    }

    It 'have lists of several entries to look at' {
        $source.Volumes.Count | Should -BeGreaterThan 1
        $source.Disks.Count | Should -BeGreaterThan 1
        $task.Disks.Count | Should -BeGreaterThan 1
        $task.Disks[0].Partitions.Count | Should -BeGreaterThan 1
    }

    It '<Type>.<Property> can be read' -ForEach $properties {
        $object = $samples[$Type][0]
        $object.PSObject.Properties.Name | Should -Contain $Property
        { $object.$Property } | Should -Not -Throw
        "$object" | Should -Not -BeNullOrEmpty -Because 'a script puts objects into texts'
    }
}

Describe 'A list' {
    It '<Type>.<Property> of a live object can be indexed, counted and walked' -ForEach $lists {
        $found = @(Get-List $Type $Property)
        $found.Count | Should -BeGreaterThan 0
        foreach ($one in $found) {
            $list = $one.Object.$Property
            Assert-List $list $one.Entries
            $list.Length | Should -Be $one.Entries.Count
            for ($i = 0; $i -lt $one.Entries.Count; $i++) { [object]::ReferenceEquals($list[$i], $one.Entries[$i]) | Should -BeTrue }
        }
    }

    It 'gives a property of all its entries at once: <_>' -ForEach @(
        '$source.Disks.CapacityGB', '$source.Volumes.Name', '$task.Disks.Partitions.Number', '$source.VolumeGroups.LogicalVolumes'
    ) {
        $numbers = Invoke-Expression $_
        $numbers.Count | Should -BeGreaterThan 1
        @($numbers[1]).Count | Should -Be 1
    }

    It 'that is empty counts nothing and has no first entry' {
        $other = Get-Content "$PSScriptRoot/synchronized.json" -Raw | ConvertFrom-Json -AsHashtable
        $other.id = 'ba9876543210'
        $other.stoppedServices = @()
        $other | ConvertTo-Json -Depth 20 | Set-Content (Join-Path $stored 'ba9876543210.json')
        $conversion = Get-P2VConversion -Id ba9876543210
        $conversion.StoppedService.GetType().IsArray | Should -BeTrue
        $conversion.StoppedService.Count | Should -Be 0
        $conversion.StoppedService.Length | Should -Be 0
        $conversion.StoppedService[0] | Should -BeNullOrEmpty
        @(foreach ($entry in $conversion.StoppedService) { $entry }).Count | Should -Be 0
    }

    It 'survives Export-Clixml and Import-Clixml: <Path>' -ForEach @(
        @{ Path = 'source.Disks' }
        @{ Path = 'source.Volumes' }
        @{ Path = 'source.VolumeGroups' }
        @{ Path = 'source.NetworkAdapters' }
        @{ Path = 'source.HostKeyFingerprint' }
        @{ Path = 'source.VolumeGroups[0].LogicalVolumes' }
        @{ Path = 'source.Kernels[0].Drivers' }
        @{ Path = 'task.Disks' }
        @{ Path = 'task.Disks[0].Partitions' }
        @{ Path = 'task.Volumes' }
        @{ Path = 'task.NetworkName' }
        @{ Path = 'conversion.Passes' }
        @{ Path = 'conversion.Volumes' }
        @{ Path = 'conversion.StoppedService' }
        @{ Path = 'conversion.Verification.NotCompared' }
    ) {
        $conversion = Get-P2VConversion -Id 0123456789ab
        $name, $rest = $Path -split '\.', 2
        $live = Get-Variable $name -ValueOnly
        $file = Join-Path $TestDrive 'object.xml'
        $live | Export-Clixml $file
        $imported = Import-Clixml $file
        $entries = @(Invoke-Expression "`$live.$rest")
        $list = Invoke-Expression ", `$imported.$rest"
        $entries.Count | Should -BeGreaterThan 0
        $list.Count | Should -Be $entries.Count
        for ($i = 0; $i -lt $entries.Count; $i++) { "$($list[$i])" | Should -Be "$($entries[$i])" }
        "$($list[-1])" | Should -Be "$($entries[-1])"
        @(foreach ($entry in $list) { $entry }).Count | Should -Be $entries.Count
    }
}
