<#
.SYNOPSIS
Writes the packaged module's bill of materials, CycloneDX 1.6: the NuGet packages of module and agent, and the Debian packages
of the helper image.

.DESCRIPTION
Ends with an error on a DLL of the module that comes from no package that it knows, so that nothing is left out. The same
inputs give the same file.
#>
param(
    # The folder of the packaged module. LinuxP2V.cdx.json is written there.
    [Parameter(Mandatory)] [string] $ModuleFolder,

    # project.assets.json of the module, as NuGet's restore writes it.
    [Parameter(Mandatory)] [string] $ModuleAssets,

    # project.assets.json of the agent, which is in the helper image.
    [Parameter(Mandatory)] [string] $AgentAssets,

    # The helper image's manifest: package, version, source, source version, with tabs between them.
    [Parameter(Mandatory)] [string] $ImageManifest,

    # Of the module.
    [Parameter(Mandatory)] [string] $Version
)

$ErrorActionPreference = 'Stop'

# Packages of a restore with the names of their DLLs, without the projects.
function Read-Package {
    param([string] $Path)

    $assets = Get-Content -Raw $Path | ConvertFrom-Json -AsHashtable
    $folder = @($assets.packageFolders.Keys)[0]
    foreach ($target in $assets.targets.Values) {
        foreach ($key in $target.Keys | Where-Object { $target[$_].type -eq 'package' }) {
            $name, $number = $key -split '/'
            New-Package $folder $name $number @($target[$key].runtime.Keys | Where-Object { $_ } | ForEach-Object { Split-Path -Leaf $_ })
        }
    }
    # What the SDK fetches beside the references, such as the runtime that goes into a program.
    foreach ($framework in $assets.project.frameworks.Values) {
        foreach ($download in $framework.downloadDependencies) {
            New-Package $folder $download.name ($download.version.Trim('[', ']') -split ',')[0] @()
        }
    }
}

function New-Package {
    param([string] $Folder, [string] $Name, [string] $Version, [string[]] $Files)

    $id = $Name.ToLowerInvariant()
    $path = Join-Path $Folder $id $Version
    # Not all that a restore names is fetched.
    if (-not (Test-Path $path)) { return }
    $hash = Get-Content -Raw (Join-Path $path "$id.$Version.nupkg.sha512")
    [pscustomobject]@{
        Name    = $Name
        Version = $Version
        Files   = $Files
        Hash    = [Convert]::ToHexString([Convert]::FromBase64String($hash.Trim())).ToLowerInvariant()
        Nuspec  = Join-Path $path "$id.nuspec"
    }
}

function ConvertTo-NuGetComponent {
    param($Package, [string] $Part)

    $license = ([xml] (Get-Content -Raw $Package.Nuspec)).package.metadata.license
    $component = [ordered]@{
        type       = 'library'
        'bom-ref'  = "pkg:nuget/$($Package.Name)@$($Package.Version)"
        name       = $Package.Name
        version    = $Package.Version
        hashes     = @([ordered]@{ alg = 'SHA-512'; content = $Package.Hash })
    }
    if ($license.type -eq 'expression') { $component.licenses = @([ordered]@{ expression = $license.InnerText }) }
    $component.purl = $component.'bom-ref'
    $component.properties = @([ordered]@{ name = 'linuxp2v:part'; value = $Part })
    $component
}

function ConvertTo-DebianComponent {
    param([string] $Line)

    $name, $number, $source, $sourceNumber = $Line -split "`t"
    $purl = "pkg:deb/debian/$([Uri]::EscapeDataString($name))@$([Uri]::EscapeDataString($number))?arch=amd64"
    [ordered]@{
        type       = 'library'
        'bom-ref'  = $purl
        name       = $name
        version    = $number
        purl       = $purl
        properties = @(
            [ordered]@{ name = 'linuxp2v:part'; value = 'helper image' }
            [ordered]@{ name = 'linuxp2v:source'; value = "$source $sourceNumber" }
        )
    }
}

$shipped = Get-ChildItem (Join-Path $ModuleFolder 'bin') -Recurse -Filter *.dll | Where-Object Name -NotLike 'LinuxP2V.*' |
    Select-Object -ExpandProperty Name -Unique
$modulePackages = @(Read-Package $ModuleAssets | Where-Object { $_.Files | Where-Object { $_ -in $shipped } } |
        Sort-Object Name, Version -Unique)
$unknown = $shipped | Where-Object { $_ -notin $modulePackages.Files }
if ($unknown) { throw "These files of the module come from no package of ${ModuleAssets}: $($unknown -join ', ')." }

# The agent is compiled into one program, so that its packages have no files of their own there; the runtime is in it, too.
$agentPackages = @(Read-Package $AgentAssets |
        Where-Object { $_.Files -or $_.Name -like 'runtime.*.ILCompiler' -or $_.Name -like '*.Runtime.NativeAOT.*' } |
        Sort-Object Name, Version -Unique)
$components = @(
    $modulePackages | ForEach-Object { ConvertTo-NuGetComponent $_ 'module' }
    $agentPackages | ForEach-Object { ConvertTo-NuGetComponent $_ 'agent, in the helper image' }
    Get-Content $ImageManifest | Where-Object { $_ } | Sort-Object | ForEach-Object { ConvertTo-DebianComponent $_ }
)
$bom = [ordered]@{
    '$schema'   = 'http://cyclonedx.org/schema/bom-1.6.schema.json'
    bomFormat   = 'CycloneDX'
    specVersion = '1.6'
    version     = 1
    metadata    = [ordered]@{
        component = [ordered]@{
            type      = 'application'
            'bom-ref' = "LinuxP2V@$Version"
            name      = 'LinuxP2V'
            version   = $Version
            licenses  = @([ordered]@{ license = [ordered]@{ id = 'MIT' } })
        }
    }
    components  = $components
}
$file = Join-Path $ModuleFolder 'LinuxP2V.cdx.json'
$bom | ConvertTo-Json -Depth 8 | Set-Content -Encoding utf8NoBOM $file
"Bill of materials of $($components.Count) packages -> $file"
