#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0.0' }

# The staged module, as users get it: dotnet build src/LinuxP2V.Cmdlets -t:StageModule, then Invoke-Pester tests/Pester.

BeforeDiscovery {
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $manifest = Import-PowerShellDataFile "$root/out/LinuxP2V/LinuxP2V.psd1"
    $commands = $manifest.CmdletsToExport | ForEach-Object { @{ Name = $_ } }
}

BeforeAll {
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    $manifestPath = "$root/out/LinuxP2V/LinuxP2V.psd1"
    $env:LINUXP2V_STATE = Join-Path $TestDrive 'state'
    Import-Module $manifestPath -Force
}

AfterAll {
    Remove-Module LinuxP2V
    $env:LINUXP2V_STATE = $null
}

Describe 'The module' {
    It 'has a valid manifest with the version of the build' {
        $manifest = Test-ModuleManifest $manifestPath
        [xml] $properties = Get-Content "$root/Directory.Build.props" -Raw
        $manifest.Version | Should -Be ([version] $properties.Project.PropertyGroup.Version)
    }

    It 'exports its cmdlets and nothing else' {
        $module = Get-Module LinuxP2V
        $expected = (Import-PowerShellDataFile $manifestPath).CmdletsToExport | Sort-Object
        $module.ExportedCmdlets.Keys | Sort-Object | Should -Be $expected
        $module.ExportedFunctions.Count + $module.ExportedAliases.Count + $module.ExportedVariables.Count | Should -Be 0
    }

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
}

Describe '<Name>' -ForEach $commands {
    It 'uses an approved verb' {
        (Get-Verb).Verb | Should -Contain ($Name -split '-')[0]
    }

    It 'has a page that describes each parameter' {
        $page = Get-Content "$root/docs/cmdlets/$Name.md" -Raw
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
        foreach ($parameter in (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common }) {
            $page | Should -Match "(?m)^### -$parameter$"
        }
    }

    It 'shows its syntax' {
        Get-Command $Name -Syntax | Should -Match $Name
    }
}
