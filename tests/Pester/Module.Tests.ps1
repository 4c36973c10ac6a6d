# The packaged module as users get it: manifest, exports, and how it stands beside other modules.

BeforeDiscovery {
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $commands = (Import-PowerShellDataFile "$root/out/LinuxP2V/LinuxP2V.psd1").CmdletsToExport
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1"
    Import-PackagedModule (Join-Path $TestDrive 'state')
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $moduleFolder = "$root/out/LinuxP2V"
    $manifestPath = "$moduleFolder/LinuxP2V.psd1"
}

AfterAll {
    Remove-PackagedModule
}

Describe 'The manifest' {
    It 'is valid and has the version of the build' {
        $manifest = Test-ModuleManifest $manifestPath
        [xml] $properties = Get-Content "$root/Directory.Build.props" -Raw
        $manifest.Version | Should -Be ([version] $properties.Project.PropertyGroup.Version)
        $manifest.Version | Should -BeGreaterThan ([version] '0.0.0')
    }

    It 'tells where project, licence and release notes are' {
        $manifest = Test-ModuleManifest $manifestPath
        $manifest.ProjectUri.Scheme | Should -Be 'https'
        $manifest.LicenseUri.Scheme | Should -Be 'https'
        $manifest.ReleaseNotes | Should -Match 'CHANGELOG'
    }

    It 'exports the cmdlets of the assembly and nothing else' {
        $module = Get-Module LinuxP2V
        $ofAssembly = (Get-Command Get-P2VSource).ImplementingType.Assembly.GetTypes() |
            ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" } | Sort-Object
        (Import-PowerShellDataFile $manifestPath).CmdletsToExport | Sort-Object | Should -Be $ofAssembly
        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be $ofAssembly
        $module.ExportedFunctions.Count + $module.ExportedAliases.Count + $module.ExportedVariables.Count | Should -Be 0
    }
}

Describe 'The package' {
    It 'holds <_>' -ForEach @(
        'CHANGELOG.md'
        'LICENSE'
        'LinuxP2V.psm1'
        'LinuxP2V.Format.ps1xml'
        'LinuxP2V.Types.ps1xml'
        'en-US/LinuxP2V.Cmdlets.dll-Help.xml'
        'en-US/about_LinuxP2V.help.txt'
        'helper/linuxp2v-helper.iso'
        'bin/net8.0/LinuxP2V.Cmdlets.dll'
        'bin/net8.0/deps/LinuxP2V.Engine.dll'
        'bin/net8.0/deps/Renci.SshNet.dll'
        'bin/net472/LinuxP2V.Cmdlets.dll'
        'bin/net472/deps/LinuxP2V.Engine.dll'
        'bin/net472/deps/Renci.SshNet.dll'
    ) {
        (Get-Item "$moduleFolder/$_").Length | Should -BeGreaterThan 0
    }

    It 'holds nothing of PowerShell''s own' {
        Get-ChildItem $moduleFolder -Recurse -Filter 'System.Management.Automation*' | Should -BeNullOrEmpty
    }
}

Describe 'The module' {
    It 'can be imported again' {
        { Import-Module $manifestPath -Force } | Should -Not -Throw
        Get-Command Get-P2VSource | Should -Not -BeNullOrEmpty
    }

    It 'loads none of its dependencies beside PowerShell''s own' {
        Get-P2VConversion | Out-Null
        $default = [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.ForEach({ $_.GetName().Name })
        $default | Should -Not -Contain 'LinuxP2V.Engine'
        $default | Should -Not -Contain 'Renci.SshNet'
    }

    It 'gives the errors of an engine that is loaded apart, with what to do' {
        $run = Invoke-OtherPowerShell @"
Import-Module '$manifestPath'
Get-P2VSource web01 -KeyFile /no/such/key
`$Error[0].FullyQualifiedErrorId
[Runtime.Loader.AssemblyLoadContext]::GetLoadContext(`$Error[0].Exception.GetType().Assembly).Name
"@
        $run.Output | Should -Contain 'SourceKeyUnreadable,LinuxP2V.Cmdlets.Commands.GetP2VSourceCommand'
        $run.Output | Should -Contain 'LinuxP2V'
        $run.Error | Should -Match 'Recommendation:'
    }

    It 'uses its own dependencies where another module loaded copies first' {
        foreach ($one in @{ Name = 'Renci.SshNet'; Version = '1.0.0.0' }, @{ Name = 'BouncyCastle.Cryptography'; Version = '99.0.0.0' }) {
            Add-Type -OutputAssembly (Join-Path $TestDrive "$($one.Name).dll") -TypeDefinition "[assembly: System.Reflection.AssemblyVersion(`"$($one.Version)`")] public class Copy { }"
        }
        $run = Invoke-OtherPowerShell @"
`$null = [Reflection.Assembly]::LoadFrom('$TestDrive/Renci.SshNet.dll'), [Reflection.Assembly]::LoadFrom('$TestDrive/BouncyCastle.Cryptography.dll')
Import-Module '$manifestPath'
`$login = [pscredential]::new('root', (ConvertTo-SecureString -AsPlainText 'x'))
Get-P2VSource 127.0.0.1:1 -Credential `$login -ErrorAction SilentlyContinue
`$Error[0].FullyQualifiedErrorId
`$context = [Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ LinuxP2V
foreach (`$name in 'LinuxP2V.Engine', 'Renci.SshNet', 'BouncyCastle.Cryptography', 'System.Text.Json') {
    `$ours = `$context.LoadFromAssemblyName([Reflection.AssemblyName]::new(`$name))
    "`$name `$(`$ours.GetName().Version.Major) `$(`$ours.Location)"
}
"@
        $run.ExitCode | Should -Be 0
        # Our SSH.NET was called and answered.
        $run.Output | Should -Contain 'SourceConnectionRefused,LinuxP2V.Cmdlets.Commands.GetP2VSourceCommand'
        $dependencies = "$moduleFolder/bin/net8.0/deps"
        $run.Output | Should -Contain "LinuxP2V.Engine 0 $dependencies/LinuxP2V.Engine.dll"
        $run.Output | Should -Contain "Renci.SshNet 2026 $dependencies/Renci.SshNet.dll"
        $run.Output | Should -Contain "BouncyCastle.Cryptography 2 $dependencies/BouncyCastle.Cryptography.dll"
        $run.Output | Should -Contain "System.Text.Json 10 $dependencies/System.Text.Json.dll"
    }
}

Describe '<_>' -ForEach $commands {
    It 'uses an approved verb' {
        (Get-Verb).Verb | Should -Contain ($_ -split '-')[0]
    }

    It 'shows its syntax' {
        Get-Command $_ -Syntax | Should -Match $_
    }
}
