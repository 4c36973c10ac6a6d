<#
.SYNOPSIS
Makes the help of the packaged module: the cmdlets' pages as MAML, the page about the module as text.

.DESCRIPTION
Ends with an error on a page that it does not understand, on a cmdlet without a page, and on a page without a cmdlet.
#>
param(
    # The folder of the packaged module: LinuxP2V.psd1 is in it, en-US is made in it.
    [Parameter(Mandatory)] [string] $ModuleFolder,

    # The pages of the cmdlets, one a file.
    [Parameter(Mandatory)] [string] $PageFolder,

    # The page about the module: about_LinuxP2V.md.
    [Parameter(Mandatory)] [string] $AboutPage
)

$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/HelpPage.psm1", "$PSScriptRoot/Maml.psm1", "$PSScriptRoot/AboutTopic.psm1"

$module = Import-Module (Convert-Path (Join-Path $ModuleFolder 'LinuxP2V.psd1')) -PassThru
$commands = @(Get-Command -Module $module.Name -CommandType Cmdlet | Sort-Object Name)
$pages = @{}
Get-ChildItem (Join-Path $PageFolder '*.md') | ForEach-Object { $pages[$_.BaseName] = Read-HelpPage $_.FullName }

$faults = @(
    foreach ($one in Compare-Object @($pages.Keys) @($commands.Name)) {
        if ($one.SideIndicator -eq '=>') { "$($one.InputObject) has no page in $PageFolder." }
        else { "$($pages[$one.InputObject].Path) is the page of no cmdlet." }
    }
    foreach ($command in $commands | Where-Object Name -In $pages.Keys) {
        Get-PageDifference $command $pages[$command.Name] | ForEach-Object { "$($pages[$command.Name].Path): $_" }
    }
)
if ($faults) { throw "The pages are not those of the cmdlets.`n$($faults -join "`n")" }

$folder = New-Item -ItemType Directory -Force (Join-Path $ModuleFolder 'en-US')
Write-Maml -Command $commands -Page $pages -Path (Join-Path $folder 'LinuxP2V.Cmdlets.dll-Help.xml')
$about = [IO.Path]::GetFileNameWithoutExtension($AboutPage)
Write-AboutTopic -Page $AboutPage -Path (Join-Path $folder "$about.help.txt")
"Help of $($commands.Count) cmdlets -> $folder"
