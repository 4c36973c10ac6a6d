# What an admin does with a source, at the module's own places for state and known hosts.
. "$PSScriptRoot\Steps.ps1"

$real = @{ ComputerName = '127.0.0.1'; Port = [int] $env:P2V_SOURCE_PORT }
$recorded = @{ ComputerName = '127.0.0.1'; Port = [int] $env:P2V_RECORDED_PORT }
$keys = $env:P2V_KEYS

function Read-Name([string] $KeyFile) { (Get-P2VSource @real -UserName root -KeyFile $KeyFile).Name }
function New-Credential([string] $Name, [string] $Password) { [pscredential]::new($Name, (ConvertTo-SecureString $Password -AsPlainText -Force)) }

Step 'shell' { @{ Version = "$($PSVersionTable.PSVersion)"; IsWindows = $IsWindows; Major = [Environment]::OSVersion.Version.Major } }
Step 'import' {
    Import-Module "$env:P2V_MODULE\LinuxP2V.psd1" -ErrorAction Stop
    @{ Commands = @((Get-Command -Module LinuxP2V -CommandType Cmdlet).Name) }
}
Step 'no conversions' { Get-P2VConversion }

Step 'unknown host key' { Get-P2VSource @real -UserName root -KeyFile "$keys\plain" }
Step 'by key' {
    $source = Get-P2VSource @real -UserName root -KeyFile "$keys\plain" -HostKeyPolicy AcceptNew
    @{ Name = $source.Name; Kernel = $source.Kernel; IsRoot = $source.IsRoot; Elevation = $source.Elevation; View = ($source | Out-String) }
}
Step 'known host key' { Read-Name "$keys\plain" }
foreach ($form in 'crlf', 'bom-crlf', 'utf16') {
    Step "key file, $form" { Read-Name "$keys\$form" }
}
Step 'key file with a passphrase' {
    $passphrase = ConvertTo-SecureString $env:P2V_PASSPHRASE -AsPlainText -Force
    (Get-P2VSource @real -UserName root -KeyFile "$keys\encrypted" -KeyPassphrase $passphrase).Name
}

Copy-Item "$keys\plain" (New-Item -ItemType Directory -Force "$HOME\my keys") -Force
Set-Location $HOME
$below = $HOME.Substring(2)
foreach ($path in '.\my keys\plain', 'my keys/plain', '~\my keys\plain', '~/my keys/plain', 'C:my keys\plain', "C:$below\my keys\plain",
    "C:$($below.Replace('\', '/'))/my keys/plain", "$below\my keys\plain", "FileSystem::C:$below\my keys\plain") {
    Step "key path, $($path.Replace($below, '<home>').Replace($below.Replace('\', '/'), '<home>'))" { Read-Name $path }
}

Step 'by password' {
    $source = Get-P2VSource @real -Credential (New-Credential $env:P2V_USER $env:P2V_PASSWORD)
    @{ Name = $source.Name; IsRoot = $source.IsRoot; Elevation = $source.Elevation }
}
Step 'wrong password' { Get-P2VSource @real -Credential (New-Credential $env:P2V_USER 'wrong') }
Step 'missing key file' { Read-Name 'C:\none\key' }
Step 'closed port' { Get-P2VSource 127.0.0.1 -Port $env:P2V_CLOSED_PORT -UserName root -KeyFile "$keys\plain" }
Step 'test' {
    $source = Get-P2VSource @recorded -UserName root -KeyFile "$keys\plain" -HostKeyPolicy AcceptNew
    $source | Test-P2VSource | ForEach-Object { "$($_.Severity) $($_.Id) $($_.Subject)" }
}
Step 'end' { }
