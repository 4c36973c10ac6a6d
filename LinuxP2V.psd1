# The manifest of the module LinuxP2V. ./build.sh package puts the module together, in out/LinuxP2V.
@{
    RootModule             = 'LinuxP2V.psm1'
    # The build puts the version of Directory.Build.props here.
    ModuleVersion          = '0.0.0'
    GUID                   = '7c1b7b0e-6f0d-4a51-9d3b-2f6f7f6a2b11'
    Author                 = 'The LinuxP2V authors'
    CompanyName            = 'LinuxP2V'
    Copyright              = '(c) The LinuxP2V authors'
    Description            = 'Clones a running Linux machine into a VM, without an agent on the source.'
    PowerShellVersion      = '5.1'
    CompatiblePSEditions   = @('Desktop', 'Core')
    DotNetFrameworkVersion = '4.7.2'
    FormatsToProcess       = @('LinuxP2V.Format.ps1xml')
    TypesToProcess         = @('LinuxP2V.Types.ps1xml')
    FunctionsToExport      = @()
    VariablesToExport      = @()
    AliasesToExport        = @()
    CmdletsToExport        = @(
        'Complete-P2VConversion'
        'Connect-P2VServer'
        'Copy-P2VVolume'
        'Disconnect-P2VServer'
        'Export-P2VLog'
        'Export-P2VReport'
        'Get-P2VConversion'
        'Get-P2VHelperImage'
        'Get-P2VServer'
        'Get-P2VSource'
        'Invoke-P2VReconfiguration'
        'New-P2VHelper'
        'New-P2VHook'
        'New-P2VTask'
        'Publish-P2VHelperImage'
        'Remove-P2VConversion'
        'Resume-P2VConversion'
        'Set-P2VConversion'
        'Set-P2VTask'
        'Start-P2VConversion'
        'Stop-P2VConversion'
        'Sync-P2VConversion'
        'Test-P2VBoot'
        'Test-P2VConversion'
        'Test-P2VSource'
        'Test-P2VTask'
        'Wait-P2VConversion'
    )
    PrivateData            = @{
        # SHA-256 of helper/linuxp2v-helper.iso. The build puts it here.
        HelperImageHash = ''
        PSData = @{
            Tags         = @('P2V', 'V2V', 'Linux', 'Migration', 'Converter', 'VMware', 'vSphere', 'PowerCLI', 'QEMU')
            # A reserved name: docs/publishing.md says who puts the real address here.
            ProjectUri   = 'https://linuxp2v.example'
            IconUri      = 'https://linuxp2v.example/icon.png'
            LicenseUri   = 'https://opensource.org/license/mit'
            ReleaseNotes = 'CHANGELOG.md, in the folder of the module, tells what changed.'
        }
    }
}
