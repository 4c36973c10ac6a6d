# For the scripts of the tests, which dot-source it: runs steps, and records what came of each as a line of JSON.
# A step that fails does not end the script. Steps keep what later ones need in variables of the script's scope.
$ErrorActionPreference = 'Continue'
$ProgressPreference = 'SilentlyContinue'
$PSStyle.OutputRendering = 'PlainText'

function Step([string] $Name, [scriptblock] $Action) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $all = @(try { & $Action 2>&1 3>&1 } catch { $_ })
    $errors = @($all | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | ForEach-Object {
        @{ Id = ($_.FullyQualifiedErrorId -split ',')[0]; Message = "$_"; Remedy = $_.ErrorDetails.RecommendedAction }
    })
    $warnings = @($all | Where-Object { $_ -is [Management.Automation.WarningRecord] } | ForEach-Object { "$_" })
    $output = @($all | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] -and $_ -isnot [Management.Automation.WarningRecord] })
    $record = @{ Name = $Name; Output = $output; Errors = $errors; Warnings = $warnings; Seconds = $clock.Elapsed.TotalSeconds }
    [IO.File]::AppendAllText($env:P2V_RECORDS, (ConvertTo-Json $record -Compress -Depth 6) + "`n")
}

function Wait-Until([scriptblock] $Condition, [int] $Seconds = 300) {
    $end = [DateTime]::UtcNow.AddSeconds($Seconds)
    while (-not ($found = & $Condition)) {
        if ([DateTime]::UtcNow -gt $end) { throw "It did not happen within $Seconds seconds: $Condition" }
        Start-Sleep -Milliseconds 250
    }
    $found
}
