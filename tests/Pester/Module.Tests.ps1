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
`$Error[0].Exception.GetType().FullName
"@
        $run.Output | Should -Contain 'SourceKeyUnreadable,LinuxP2V.Cmdlets.Commands.GetP2VSourceCommand'
        $run.Output | Should -Contain 'LinuxP2V.Cmdlets.P2VCommandException'
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

Describe 'The helper image' {
    It 'is the one whose hash the manifest holds' {
        $expected = (Import-PowerShellDataFile $manifestPath).PrivateData.HelperImageHash
        $expected | Should -Be (Get-FileHash "$moduleFolder/helper/linuxp2v-helper.iso").Hash
        (Get-P2VHelperImage).Hash | Should -Be $expected
        (Get-P2VHelperImage).IsIntact | Should -BeTrue
    }

    It 'is refused where it is another, and one that the user names is taken' {
        $copy = Join-Path $TestDrive 'altered'
        New-Item -ItemType Directory $copy
        Copy-Item -Recurse $moduleFolder "$copy/LinuxP2V"
        Add-Content "$copy/LinuxP2V/helper/linuxp2v-helper.iso" 'more'
        $result = Invoke-OtherPowerShell "
            Import-Module '$copy/LinuxP2V/LinuxP2V.psd1'
            try { Get-P2VHelperImage -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `$_.ErrorDetails.RecommendedAction }
            (Get-P2VHelperImage '$moduleFolder/helper/linuxp2v-helper.iso').Name"
        $result.Output[0] | Should -BeLike 'HelperImageAltered*'
        $result.Output[-1] | Should -Be 'linuxp2v-helper.iso'
        $result.Error | Should -BeNullOrEmpty
    }
}

Describe 'The bill of materials' {
    BeforeAll {
        $bom = Get-Content "$moduleFolder/LinuxP2V.cdx.json" -Raw | ConvertFrom-Json
    }

    It 'is CycloneDX, and names each package once by its address' {
        $bom.bomFormat | Should -Be 'CycloneDX'
        $bom.metadata.component.version | Should -Be (Test-ModuleManifest $manifestPath).Version.ToString()
        $bom.components.purl | Should -Be ($bom.components.purl | Select-Object -Unique)
        $bom.components.purl | Should -Match '^pkg:(nuget|deb/debian)/.+@.+'
    }

    It 'names what the module and the image consist of' {
        $bom.components.name | Should -Contain 'SSH.NET'
        $bom.components.name | Should -Contain 'System.CommandLine'
        $bom.components.name | Should -Contain 'runtime.linux-x64.Microsoft.DotNet.ILCompiler'
        $image = $bom.components | Where-Object { $_.purl -like 'pkg:deb/*' }
        $manifest = Get-Content "$root/out/linuxp2v-helper.iso.manifest" | Where-Object { $_ }
        $image.Count | Should -Be $manifest.Count
        $image | ForEach-Object { "$($_.name)`t$($_.version)" } | Sort-Object |
            Should -Be ($manifest | ForEach-Object { ($_ -split "`t")[0..1] -join "`t" } | Sort-Object)
    }
}
