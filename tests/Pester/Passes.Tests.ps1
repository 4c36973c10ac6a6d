# What comes between the first copy and the cutover, on a conversion as an earlier process left it. No machine is needed.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1"
    Import-PackagedModule (Join-Path $TestDrive 'state')
    $folder = New-Item -ItemType Directory -Force (Join-Path $env:LINUXP2V_STATE 'conversions')
    $id = '0123456789ab'

    # Puts the conversion there, with the changes that are given.
    function Set-Stored([hashtable] $Change = @{}) {
        $stored = Get-Content "$PSScriptRoot/synchronized.json" -Raw | ConvertFrom-Json -AsHashtable
        foreach ($key in $Change.Keys) { $stored[$key] = $Change[$key] }
        $stored | ConvertTo-Json -Depth 20 | Set-Content (Join-Path $folder "$id.json")
    }
}

AfterAll {
    Remove-PackagedModule
}

Describe 'A conversion between copy and cutover' {
    BeforeEach { Set-Stored }

    Context 'What it shows' {
        It 'shows its passes, its comparison and how long a cutover would take' {
            $conversion = Get-P2VConversion -Id $id
            $conversion.State | Should -Be 'Synchronized'
            $conversion.CanResume | Should -BeFalse
            $conversion.BytesKept | Should -Be 1GB
            $conversion.StoppedService | Should -Be 'nginx'
            $conversion.Passes.Count | Should -Be 1
            $conversion.Passes[0].Changed | Should -Be 20
            $conversion.EstimatedCutover | Should -BeGreaterThan ([timespan]::FromSeconds(5))
            $conversion.Verification.Wrong | Should -Be 1
            $conversion.Verification.NotCompared | Should -Match 'getfattr'
            $conversion.Passes | Out-String -Width 80 | Should -Match '1\s+20\s+3\s+0\s+4\s+5 MB\s+True'
            $conversion.Verification | Out-String | Should -Match 'ChangedOnSource\s*: 2'
        }

        It 'survives Export-Clixml with its passes' {
            $file = Join-Path $TestDrive 'conversion.xml'
            Get-P2VConversion -Id $id | Export-Clixml $file
            (Import-Clixml $file).Passes[0].Changed | Should -Be 20
        }

        It 'has the state <_> to ask for' -ForEach 'Synchronizing', 'Verifying' {
            Set-Stored @{ state = $_ }
            Get-P2VConversion -State $_ | Should -Not -BeNullOrEmpty
            Get-P2VConversion -State Synchronized | Should -BeNullOrEmpty
        }
    }

    Context 'Set-P2VConversion' {
        It 'keeps a limit for the next run, and takes it off' {
            (Get-P2VConversion -Id $id | Set-P2VConversion -BandwidthLimitMbps 12.5).BandwidthLimitMbps | Should -Be 12.5
            (Get-P2VConversion -Id $id).BandwidthLimitMbps | Should -Be 12.5
            (Set-P2VConversion $id -BandwidthLimitMbps 0).BandwidthLimitMbps | Should -BeNullOrEmpty
        }

        It 'does nothing with -WhatIf' {
            Set-P2VConversion $id -BandwidthLimitMbps 12.5 -WhatIf
            (Get-P2VConversion -Id $id).BandwidthLimitMbps | Should -BeNullOrEmpty
        }

        It 'refuses a conversion that is complete' {
            Set-Stored @{ state = 'Completed' }
            (Get-Failure { Set-P2VConversion $id -BandwidthLimitMbps 1 -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ConversionWrongState,*'
        }
    }

    Context '<Name>' -ForEach @(
        @{ Name = 'Sync-P2VConversion' }
        @{ Name = 'Test-P2VConversion' }
        @{ Name = 'Complete-P2VConversion' }
    ) {
        It 'says that the server of the conversion is not connected' {
            $failure = Get-Failure { & $Name $id -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ServerNotConnected,*'
            $failure.ErrorDetails.RecommendedAction | Should -Match 'Connect-P2VServer -LocalPath'
        }

        It 'does nothing with -WhatIf' {
            { & $Name $id -WhatIf -ErrorAction Stop } | Should -Not -Throw
            (Get-P2VConversion -Id $id).State | Should -Be 'Synchronized'
        }

        It 'names a conversion that is not there' {
            (Get-Failure { & $Name '000000000000' -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ConversionNotFound,*'
        }
    }

    Context 'What is out of a conversion''s reach' {
        It '<Name> needs a whole copy' -ForEach @{ Name = 'Sync-P2VConversion' }, @{ Name = 'Test-P2VConversion' } {
            Set-Stored @{ state = 'HelperReady'; volumes = @(@{ volumeId = '/'; bytesDone = 1; bytesTotal = 2; filesDone = 0; filesTotal = 1; isComplete = $false }) }
            $failure = Get-Failure { & $Name $id -WhatIf -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'ConversionWrongState,*'
            $failure.ErrorDetails.RecommendedAction | Should -Match 'Copy-P2VVolume'
        }

        It 'a comparison after the reconfiguration' {
            Set-Stored @{ state = 'Reconfiguring'; isReconfigured = $true }
            (Get-Failure { Test-P2VConversion $id -WhatIf -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ConversionWrongState,*'
            { Sync-P2VConversion $id -WhatIf -ErrorAction Stop } | Should -Not -Throw
        }

        It 'a resume of what stands where it was asked to' {
            (Get-Failure { Resume-P2VConversion $id -WhatIf -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ConversionWrongState,*'
            Set-Stored @{ state = 'Failed'; interruptedState = 'Synchronizing'; isGoalReached = $false }
            (Get-P2VConversion -Id $id).CanResume | Should -BeTrue
            { Resume-P2VConversion $id -WhatIf -ErrorAction Stop } | Should -Not -Throw
        }

        It 'a last pass that is both skipped and prepared for' {
            (Get-Failure { Complete-P2VConversion $id -SkipSync -QuiesceService nginx -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'AmbiguousParameterSet,*'
        }
    }

    Context 'Letting go of a conversion' {
        It 'names services that are still stopped on the source' {
            $null = Remove-P2VConversion $id -Confirm:$false -WarningVariable warnings -WarningAction SilentlyContinue
            $warnings | Should -Match 'systemctl start nginx'
            Get-P2VConversion | Should -BeNullOrEmpty
        }
    }
}
