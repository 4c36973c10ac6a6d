# A source that puts escape sequences and formulas into all that it says: nothing of it reaches a terminal or a spreadsheet.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1", "$PSScriptRoot/FakeSource.psm1"
    Import-PackagedModule (Join-Path $TestDrive 'state')
    # It would set the title of the window, clear the screen, and turn text around.
    $attack = "$([char] 27)]0;owned$([char] 7)$([char] 27)[2J$([char] 0x9b)31m$([char] 0x202e)"
    $script = Join-Path $TestDrive 'hostile.sed'
    @(
        "/^@@vm hostname/{n;s/`$/$attack/}"
        "s/^PRETTY_NAME=`"/&=$attack/"
        "/^@@vm uname/{n;n;s/`$/$attack/}"
        "s/^\(sys_vendor\|product_name\|device\/vendor\|device\/model\)=/&=$attack/"
        "s/^model name.*: /&+$attack/"
        "s/^\(Name:.\)mysqld/\1mysqld$attack/"
        # The mount point of a data volume.
        "s# /data # /da${attack}ta #g"
    ) | Set-Content $script
    $fake = Start-FakeSource (Join-Path $TestDrive 'source') -Hostile $script
    $access = @{ KeyFile = $fake.KeyFile; KnownHostsFile = $fake.KnownHostsFile; HostKeyPolicy = 'AcceptNew' }
    $said = & { Get-P2VSource $fake.Address @access -Verbose } *>&1
    $source = $said | Where-Object { $_.PSObject.TypeNames[0] -like '*P2VSource' }
    $server = Connect-P2VServer -LocalPath (Join-Path $TestDrive 'vms') -Accelerator Tcg

    function Get-ActiveCharacter([string] $Text) {
        $Text.ToCharArray() | Where-Object { ([char]::IsControl($_) -and $_ -notin "`n", "`r", "`t") -or $_ -in [char] 0x202e, [char] 0x2066 }
    }

    function Get-Text($Object, [int] $Depth = 4) {
        if ($Object -is [string]) { return $Object }
        if ($null -eq $Object -or $Depth -eq 0 -or $Object -is [ValueType]) { return }
        if ($Object -is [Collections.IEnumerable]) { return $Object | ForEach-Object { Get-Text $_ ($Depth - 1) } }
        foreach ($property in $Object.PSObject.Properties) { Get-Text $property.Value ($Depth - 1) }
    }

    function Show($Objects) {
        $PSStyle.OutputRendering = 'PlainText'
        $Objects | Format-List * -Force | Out-String -Width 400
        $Objects | Format-Table | Out-String -Width 400
    }
}

AfterAll {
    if ($fake) { Stop-FakeSource $fake }
    if ($server) { Disconnect-P2VServer $server }
    Remove-PackagedModule
}

Describe 'What a hostile source says of itself' {
    It 'arrives as text that can be read' {
        $source.Name | Should -BeLike 'demo\x1b?0;owned\x07*'
        $source.Manufacturer | Should -BeLike "'=\x1b*QEMU"
        $source.CpuModel | Should -BeLike "'+\x1b*"
        ($source.Volumes | Where-Object Name -Like '*owned*').Name | Should -BeLike '/da\x1b*ta'
    }

    It 'has no active character in any property, table, list or file' {
        Get-ActiveCharacter ((Get-Text $source) -join '') | Should -BeNullOrEmpty
        Get-ActiveCharacter (Show $source) | Should -BeNullOrEmpty
        Get-ActiveCharacter (Show $source.Volumes) | Should -BeNullOrEmpty
        Get-ActiveCharacter ($source | ConvertTo-Json -Depth 5) | Should -BeNullOrEmpty
        Get-ActiveCharacter (($source | ConvertTo-Csv) -join "`n") | Should -BeNullOrEmpty
    }

    It 'begins no formula in a CSV file' {
        $source, $source.Disks | ForEach-Object { $_ } | ConvertTo-Csv | Should -Not -Match '(^|,)"[=+@-]'
    }

    It 'has none in what the cmdlets say on the way' {
        $lines = $said | Where-Object { $_.PSObject.TypeNames[0] -notlike '*P2VSource' } | ForEach-Object { "$_" }
        $lines -join "`n" | Should -Match 'owned'
        Get-ActiveCharacter ($lines -join "`n") | Should -BeNullOrEmpty
    }

    It 'has none in findings, warnings and errors' {
        $findings = $source | Test-P2VSource -WarningVariable warnings -WarningAction SilentlyContinue
        Get-ActiveCharacter ((Get-Text $findings) -join '') | Should -BeNullOrEmpty
        Get-ActiveCharacter (Show $findings) | Should -BeNullOrEmpty
        Get-ActiveCharacter ("$warnings") | Should -BeNullOrEmpty
        $failure = Get-Failure { $source | New-P2VTask -Name hostile-vm -ErrorAction Stop }
        $failure.Exception.Message | Should -Match 'owned'
        Get-ActiveCharacter (($failure | Format-List * -Force | Out-String) + ($failure | Out-String)) | Should -BeNullOrEmpty
    }

    It 'has none in a task without the volume, nor in what -WhatIf prints of it' {
        $task = $source | New-P2VTask -Name hostile-vm -ExcludeVolume '/da*ta'
        Get-ActiveCharacter ((Get-Text ($task | Select-Object * -ExcludeProperty Definition)) -join '') | Should -BeNullOrEmpty
        Get-ActiveCharacter (Show $task) | Should -BeNullOrEmpty
        $started = & { $task | Start-P2VConversion -WhatIf -WarningAction SilentlyContinue } *>&1
        Get-ActiveCharacter ($started | Out-String -Width 400) | Should -BeNullOrEmpty
    }
}
