# One build for PowerShell 7 and one for Windows PowerShell: each has its own runtime and its own way to load dependencies.
if ($PSEdition -eq 'Core') {
    if ($PSVersionTable.PSVersion -lt [version]'7.4') {
        throw "LinuxP2V needs PowerShell 7.4 or later (this is $($PSVersionTable.PSVersion)), or Windows PowerShell 5.1."
    }
    $framework = 'net8.0'
}
else {
    $framework = 'net472'
}

# Import-Module is of PowerShell's engine: a host without PowerShell's own modules has it too.
$binary = Import-Module -Name "$PSScriptRoot/bin/$framework/LinuxP2V.Cmdlets.dll" -PassThru
$ExecutionContext.SessionState.Module.OnRemove = { Remove-Module -ModuleInfo $binary }.GetNewClosure()
