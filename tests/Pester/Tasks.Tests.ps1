# From a source to a task, and what becomes of a task in files. The source is an sshd of the test's own; no VM is made.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1", "$PSScriptRoot/FakeSource.psm1"
    Import-PackagedModule (Join-Path $TestDrive 'state')
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $fake = Start-FakeSource (Join-Path $TestDrive 'source')
    $login = [pscredential]::new('root', (ConvertTo-SecureString 'geheim' -AsPlainText -Force))
    $access = @{ KeyFile = $fake.KeyFile; KnownHostsFile = $fake.KnownHostsFile; HostKeyPolicy = 'AcceptNew' }
    $source = Get-P2VSource $fake.Address -Credential $login @access
    $folder = Join-Path $TestDrive 'vms'
    $server = Connect-P2VServer -LocalPath $folder -Accelerator Tcg
    $task = $source | New-P2VTask -Name web01-vm -ExcludeVolume /data

    # In one text, as on a screen of 200 columns.
    function Show($Objects) { $Objects | Out-String -Width 200 }
}

AfterAll {
    if ($fake) { Stop-FakeSource $fake }
    if ($server) { Disconnect-P2VServer $server }
    Remove-PackagedModule
}

Describe 'A source' {
    It 'is remembered in known_hosts when it was accepted' {
        (Get-Content $fake.KnownHostsFile).Count | Should -Be 1
        { Get-P2VSource $fake.Address -KeyFile $fake.KeyFile -KnownHostsFile $fake.KnownHostsFile -ErrorAction Stop } | Should -Not -Throw
    }

    It 'is refused when its key is not known' {
        $failure = Get-Failure { Get-P2VSource $fake.Address -KeyFile $fake.KeyFile -KnownHostsFile (Join-Path $TestDrive 'empty') -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SourceHostKeyUnknown,*'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'AcceptNew'
    }

    It 'binds from the pipeline by value and by property name' {
        ($fake.Address | Get-P2VSource @access).Name | Should -Be $source.Name
        ([pscustomobject] @{ ComputerName = $fake.Address } | Get-P2VSource @access).Name | Should -Be $source.Name
        ([pscustomobject] @{ HostName = $fake.Address } | Get-P2VSource @access).Name | Should -Be $source.Name
    }

    It 'is shown as a table, its parts too' {
        Show $source | Should -Match 'Name\s+OperatingSystem\s+Firmware\s+NumCpu\s+MemoryGB\s+UsedGB'
        Show $source | Should -Match 'demo\s+Debian GNU/Linux 12 \(Bücherwurm\) ✓\s+Bios\s+1\s+'
        Show $source.Volumes | Should -Match '(?m)^/\s+/dev/mapper/vg--demo-root\s+ext4\s'
        Show $source.NetworkAdapters | Should -Match 'ens192\s+52:54:00:12:34:56\s+True'
    }

    It 'gives no secret away' {
        Show ($source | Format-List *) | Should -Not -Match 'geheim'
        $source | ConvertTo-Json -Depth 5 -WarningAction Ignore | Should -Not -Match 'geheim'
    }
}

Describe 'A task' {
    It 'is shown as a table, its disks too' {
        Show $task | Should -Match "web01-vm\s+127\.0\.0\.1\s+$([regex]::Escape($folder))"
        Show $task.Disks | Should -Match '(?m)^\s*0\s+[\d.]+\s+Pvscsi\s+Gpt\s'
    }

    It 'leaves out what it is told to' {
        $task.Volumes.Name | Should -Not -Contain '/data'
        $task.Skipped.Name | Should -Contain '/data'
    }

    It 'refuses a size that is none' {
        (Get-Failure { $source | New-P2VTask -VolumeSize @{ '/' = 'big' } -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'PlanNotPossible,*'
    }

    It 'comes back from a file whole and without a secret, in another session' {
        $file = Join-Path $TestDrive 'task.xml'
        $task | Export-Clixml $file
        Get-Content $file -Raw | Should -Not -Match 'geheim'
        $run = Invoke-OtherPowerShell @"
Import-Module '$root/out/LinuxP2V/LinuxP2V.psd1'
`$null = Connect-P2VServer -LocalPath '$folder' -Accelerator Tcg
`$task = Import-Clixml '$file'
`$task | Start-P2VConversion -ErrorAction SilentlyContinue
`$Error[0].FullyQualifiedErrorId
`$task | Start-P2VConversion -WhatIf -KeyFile '$($fake.KeyFile)'
"@
        $run.Output | Should -Contain 'SourceCredentialRequired,LinuxP2V.Cmdlets.Commands.StartP2VConversionCommand'
        $text = $run.Output -join "`n"
        $text | Should -Match "Convert 127\.0\.0\.1 \(Debian GNU/Linux 12 \(Bücherwurm\) ✓\) to the VM 'web01-vm'"
        $text | Should -Match 'disk 0: '
        $text | Should -Match 'not copied: /data'
    }

    It 'comes back from JSON' {
        $back = $task | ConvertTo-Json -Depth 5 -WarningAction Ignore | ConvertFrom-Json
        $back.Definition | Should -Be $task.Definition
        { $back | Test-P2VTask -ErrorAction Stop } | Should -Not -Throw
    }

    It 'is told from what is none' {
        (Get-Failure { Start-P2VConversion -Task ([pscustomobject] @{ A = 1 }) }).Exception.Message | Should -Match 'Definition'
    }

    It 'is refused for its errors, which are named, and is started with -Force' {
        # Its destination has a VM of that name by now.
        $taken = New-Item -ItemType Directory (Join-Path $folder $task.Name)
        try {
            ($task | Test-P2VTask | Where-Object Severity -eq Error).Id | Should -Be 'DestinationNameTaken'
            foreach ($start in { $task | Start-P2VConversion -ErrorAction Stop }, { $task | New-P2VHelper -ErrorAction Stop }) {
                $failure = Get-Failure $start
                $failure.FullyQualifiedErrorId | Should -BeLike 'TaskHasErrors,*'
                $failure.Exception.Message | Should -Match 'DestinationNameTaken: There is a '
                $failure.ErrorDetails.RecommendedAction | Should -Match '-Force'
            }
            Get-P2VConversion | Should -BeNullOrEmpty
            $forced = $task | Start-P2VConversion -Force
            try {
                $forced.ForcedError.Id | Should -Be 'DestinationNameTaken'
                (Get-P2VConversion -Id $forced.Id).ForcedError.Remedy | Should -Match '-Name'
            }
            finally {
                $null = $forced | Wait-P2VConversion -ErrorAction SilentlyContinue
                Get-Content $forced.LogPath -Raw | Should -Match 'in spite of DestinationNameTaken'
                $forced | Remove-P2VConversion -Confirm:$false
            }
        }
        finally {
            Remove-Item $taken
        }
    }

    It 'is not planned of a source that has errors' {
        $failure = Get-Failure { $source | New-P2VTask -IncludeVolume /nowhere -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'VolumeNotFound,*'
    }

    It 'is not started without the helper image, and leaves nothing behind' {
        (Get-Failure { $task | Start-P2VConversion -HelperImage /missing.iso -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'HelperImageMissing,*'
        Get-P2VConversion | Should -BeNullOrEmpty
    }
}

Describe 'Findings' {
    It 'of a source are objects with a remedy' {
        foreach ($finding in $source | Test-P2VSource) {
            $finding.Remedy | Should -Not -BeNullOrEmpty
            $finding.Source | Should -Be $source.Name
        }
        ($source | Test-P2VSource).Id | Should -Contain 'BusyDatabase'
    }

    It 'of a task are those of both sides' {
        ($task | Test-P2VTask).Id | Should -Contain 'BusyDatabase'
    }
}

Describe 'Get-P2VHelperImage' {
    It 'gives a file with its hash' {
        $file = Join-Path $TestDrive 'image.iso'
        Set-Content $file 'iso' -NoNewline
        (Get-P2VHelperImage $file).Hash | Should -Be (Get-FileHash $file -Algorithm SHA256).Hash.ToLowerInvariant()
    }

    It 'gives the image in the package, which is the current one' {
        $image = Get-P2VHelperImage
        $image.Path | Should -BeLike "$root/out/LinuxP2V/helper/*.iso"
        $image.IsCurrent | Should -BeTrue
    }
}
