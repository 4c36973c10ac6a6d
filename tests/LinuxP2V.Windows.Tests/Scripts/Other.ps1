# A second process of the same user: sees the conversions of the first (Conversion.ps1), stops them and removes them.
. "$PSScriptRoot\Steps.ps1"

Step 'other: import' { Import-Module "$env:P2V_MODULE\LinuxP2V.psd1" -ErrorAction Stop; 'imported' }
Step 'other: list' {
    $conversions = Get-P2VConversion
    New-Item $env:P2V_READY -Force | Out-Null
    $conversions | ForEach-Object { @{ Name = $_.Name; State = "$($_.State)"; IsRunning = $_.IsRunning } }
}
Step 'other: running' {
    $script:second = Wait-Until { Get-P2VConversion "second-$env:P2V_RUN" -ErrorAction Ignore | Where-Object { $_.State -eq 'DeployingHelper' } }
    @{ State = "$($second.State)"; IsRunning = $second.IsRunning }
}
Step 'other: remove what runs' { $second | Remove-P2VConversion -Confirm:$false }
Step 'other: stop what runs' { "$(($second | Stop-P2VConversion).State)" }
Step 'other: stop what rests' { "$((Get-P2VConversion "first-$env:P2V_RUN" | Stop-P2VConversion).State)" }
Step 'other: remove' {
    $credential = [pscredential]::new($env:P2V_SERVER_USER, (ConvertTo-SecureString $env:P2V_SERVER_PASSWORD -AsPlainText -Force))
    $null = Connect-P2VServer "127.0.0.1:$env:P2V_SERVER_PORT" -Credential $credential -CertificateThumbprint $env:P2V_SERVER_THUMBPRINT
    Get-P2VConversion | Remove-P2VConversion -DeleteVM -Confirm:$false
    (Get-P2VConversion).Name
}
Step 'end' { }
