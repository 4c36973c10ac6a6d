# The package for a repository of PowerShell modules, installed from a folder in a PowerShell with a home of its own.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1"
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $package = @(Get-ChildItem "$root/out" -Filter 'LinuxP2V.*.nupkg')
    $files = @()
    if ($package) {
        $archive = [IO.Compression.ZipFile]::OpenRead($package[0].FullName)
        try {
            $files = $archive.Entries.FullName
            $reader = [IO.StreamReader]::new(($archive.Entries | Where-Object Name -EQ 'LinuxP2V.nuspec').Open())
            $description = [xml] $reader.ReadToEnd()
        }
        finally { $archive.Dispose() }
    }
}

Describe 'The package' {
    It 'is there once' {
        $package.Count | Should -Be 1
    }

    It 'holds <_>' -ForEach 'LinuxP2V.psd1', 'LICENSE', 'CHANGELOG.md', 'LinuxP2V.cdx.json', 'icon.png', 'helper/linuxp2v-helper.iso',
        'en-US/about_LinuxP2V.help.txt', 'en-US/LinuxP2V.Cmdlets.dll-Help.xml' {
        $files | Should -Contain $_
    }

    It 'says what it is' {
        $description.package.metadata.id | Should -Be 'LinuxP2V'
        $description.package.metadata.licenseUrl | Should -BeLike 'https://*'
        $description.package.metadata.iconUrl | Should -BeLike 'https://*'
        $description.package.metadata.releaseNotes | Should -Not -BeNullOrEmpty
        $description.package.metadata.tags | Should -Match 'P2V'
    }

    It 'is installed by Install-PSResource from a folder, with its help' {
        # The home is the test's own; the .NET tools stay where they are.
        $names = 'HOME', 'DOTNET_CLI_HOME', 'NUGET_PACKAGES', 'XDG_DATA_HOME', 'XDG_CACHE_HOME'
        $before = @{}
        foreach ($name in $names) { $before[$name] = [Environment]::GetEnvironmentVariable($name) }
        $env:DOTNET_CLI_HOME = $before.DOTNET_CLI_HOME ? $before.DOTNET_CLI_HOME : $env:HOME
        $env:NUGET_PACKAGES = $before.NUGET_PACKAGES ? $before.NUGET_PACKAGES : (Join-Path $env:HOME '.nuget/packages')
        $env:HOME = New-Item -ItemType Directory (Join-Path $TestDrive 'home')
        $env:XDG_DATA_HOME = $env:XDG_CACHE_HOME = $null
        try {
            $repository = New-Item -ItemType Directory (Join-Path $TestDrive 'repository')
            Copy-Item $package[0] $repository
            $run = Invoke-OtherPowerShell @"
`$ErrorActionPreference = 'Stop'
Register-PSResourceRepository -Name Folder -Uri '$repository' -Trusted
Install-PSResource LinuxP2V -Repository Folder -Prerelease
Import-Module LinuxP2V
(Get-Module LinuxP2V).ModuleBase
(Get-Help Get-P2VSource).Synopsis
(Get-P2VHelperImage).Path
"@
            $run.Error | Should -BeNullOrEmpty
            $run.Output[0] | Should -BeLike "$env:HOME/.local/share/powershell/Modules/LinuxP2V/*"
            $run.Output[1] | Should -Match '^Reads running Linux machines'
        }
        finally {
            foreach ($name in $names) { [Environment]::SetEnvironmentVariable($name, $before[$name]) }
        }
    }
}
