# What Invoke-Suite.ps1 counts: nothing that goes wrong may look like a pass. Each case is a folder of its own.

BeforeDiscovery {
    $cases = @(
        @{ Name = 'tests that pass, fail and are skipped'; Passed = 1; Failed = 1; Skipped = 1
            Text = "Describe x { It a { 1 | Should -Be 1 }; It b { 1 | Should -Be 2 }; It c -Skip { } }" }
        @{ Name = 'a set-up that fails'; Passed = 0; Failed = 2; Skipped = 0
            Text = "Describe x { BeforeAll { throw 'broken' }; It a { } }" }
        @{ Name = 'a clean-up that fails'; Passed = 1; Failed = 1; Skipped = 0
            Text = "Describe x { It a { }; AfterAll { throw 'broken' } }" }
        @{ Name = 'a file that cannot be parsed'; Passed = 0; Failed = 1; Skipped = 0
            Text = "Describe x { It a {" }
        @{ Name = 'a file that fails before its tests are known'; Passed = 0; Failed = 1; Skipped = 0
            Text = "BeforeDiscovery { throw 'broken' }`nDescribe x { It a { } }" }
        @{ Name = 'a test without a verdict'; Passed = 0; Failed = 1; Skipped = 0
            Text = "Describe x { It a { Set-ItResult -Inconclusive } }" }
        @{ Name = 'no tests'; Passed = 0; Failed = 0; Skipped = 0
            Text = "Describe x { }" }
        @{ Name = 'a test of the full run'; Passed = 1; Failed = 0; Skipped = 0
            Text = "Describe x { It a { }; It b -Tag Full { throw 'not now' } }" }
    )
    for ($i = 0; $i -lt $cases.Count; $i++) { $cases[$i].Folder = "case$i" }
}

Describe 'The suite' -ForEach @{ Cases = $cases } {
    # In one process, since its start takes most of the time.
    BeforeAll {
        Import-Module "$PSScriptRoot/Support.psm1"
        $calls = foreach ($case in $Cases) {
            $path = New-Item -ItemType Directory (Join-Path $TestDrive $case.Folder)
            Copy-Item "$PSScriptRoot/Invoke-Suite.ps1" $path
            Set-Content (Join-Path $path 'Case.Tests.ps1') $case.Text
            "& '$path/Invoke-Suite.ps1' -PesterModule '$((Get-Module Pester).Path)' -ResultFolder '$path'; Set-Content '$path/exit' `$LASTEXITCODE"
        }
        $null = Invoke-OtherPowerShell ($calls -join "`n")
    }

    It 'counts <Name>' -ForEach $cases {
        $path = Join-Path $TestDrive $Folder
        $counts = Get-Content (Join-Path $path 'Pester.json') -Raw | ConvertFrom-Json
        $counts.passed | Should -Be $Passed
        $counts.failed | Should -Be $Failed
        $counts.skipped | Should -Be $Skipped
        Get-Content (Join-Path $path 'exit') | Should -Be ([int] ($Failed -gt 0))
    }
}
