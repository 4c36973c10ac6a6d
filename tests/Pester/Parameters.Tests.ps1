BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1"
    Import-PackagedModule (Join-Path $TestDrive 'state')
}

AfterAll {
    Remove-PackagedModule
}

Describe 'Parameter validation' {
    It 'refuses <Command>' -ForEach @(
        @{ Command = 'Get-P2VSource web01 -Port 0' }
        @{ Command = 'Get-P2VSource web01 -HostKeyFingerprint MD5:00' }
        @{ Command = 'Get-P2VSource web01 -HostKeyPolicy Whatever' }
        @{ Command = 'Connect-P2VServer -LocalPath ./x -DiskImageFormat Floppy' }
        @{ Command = 'Start-P2VConversion -Task 5' }
        @{ Command = 'Get-P2VConversion -State Lost' }
        @{ Command = 'Set-P2VConversion none -BandwidthLimitMbps -1' }
        @{ Command = 'Test-P2VConversion none -SamplePercent 0' }
        @{ Command = 'Test-P2VConversion none -SamplePercent 101' }
        @{ Command = 'Complete-P2VConversion none -QuiesceService ''--now''' }
        @{ Command = 'New-P2VTask -StreamCount 17' }
        @{ Command = 'New-P2VTask -CopyMode Fast' }
        @{ Command = 'Publish-P2VHelperImage -Datastore 5' }
    ) {
        { Invoke-Expression "$Command -ErrorAction Stop" } | Should -Throw -ErrorId '*Argument*'
    }
}

Describe 'Errors' {
    It 'names the id and the remedy when no login is given' {
        $failure = Get-Failure { Get-P2VSource web01 -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'SourceCredentialRequired,LinuxP2V.Cmdlets.Commands.GetP2VSourceCommand'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Credential'
    }

    It 'names a key that cannot be read' {
        $failure = Get-Failure { Get-P2VSource web01 -KeyFile "$TestDrive/none" -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SourceKeyUnreadable,*'
        $failure.Exception.Message | Should -Match ([regex]::Escape("$TestDrive/none"))
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'names a machine that refuses the connection' {
        $login = [pscredential]::new('root', (ConvertTo-SecureString 'x' -AsPlainText -Force))
        $failure = Get-Failure { Get-P2VSource 127.0.0.1:1 -Credential $login -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SourceConnectionRefused,*'
        $failure.CategoryInfo.Category | Should -Be 'ConnectionError'
    }

    It 'goes on to the next machine after one that failed' {
        $login = [pscredential]::new('root', (ConvertTo-SecureString 'x' -AsPlainText -Force))
        '127.0.0.1:1', 'localhost:1' | Get-P2VSource -Credential $login -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.Count | Should -Be 2
    }

    It 'names a conversion that is not there' {
        (Get-Failure { Get-P2VConversion -Id 000000000000 -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ConversionNotFound,*'
    }

    It 'names a task that cannot be read' {
        $login = [pscredential]::new('root', (ConvertTo-SecureString 'x' -AsPlainText -Force))
        $failure = Get-Failure { [pscustomobject]@{ Definition = 'none' } | Start-P2VConversion -Credential $login -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'TaskUnreadable,*'
    }
}

Describe 'Publish-P2VHelperImage' {
    BeforeAll {
        $image = Join-Path $TestDrive 'helper.iso'
        Set-Content $image 'an image'
    }

    It 'needs a server' {
        $failure = Get-Failure { Publish-P2VHelperImage ds1 -Path $image -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ServerNotConnected,*'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Connect-P2VServer'
    }

    It 'names an image that is not there' {
        (Get-Failure { Publish-P2VHelperImage ds1 -Path "$TestDrive/none.iso" -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'HelperImageMissing,*'
    }

    It 'tells a folder of this computer from a datastore' -Skip:(-not $IsLinux -or -not (Get-Command qemu-system-x86_64 -ErrorAction Ignore)) {
        $server = Connect-P2VServer -LocalPath (Join-Path $TestDrive 'images') -Accelerator Tcg
        (Get-Failure { Publish-P2VHelperImage ds1 -Path $image -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'DestinationNotSupported,*'
        Disconnect-P2VServer $server
    }
}

Describe 'Connect-P2VServer' -Skip:(-not $IsLinux -or -not (Get-Command qemu-system-x86_64 -ErrorAction Ignore)) {
    It 'makes a folder a server, the default one, and forgets it again' {
        $folder = Join-Path $TestDrive 'vms'
        $server = Connect-P2VServer -LocalPath $folder -Accelerator Tcg
        $server.Kind | Should -Be 'Local'
        $server.IsConnected | Should -BeTrue
        $server.Address | Should -Be $folder
        Disconnect-P2VServer $server
        $server.IsConnected | Should -BeFalse
        (Get-Failure { Disconnect-P2VServer -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ServerNotConnected,*'
    }
}
