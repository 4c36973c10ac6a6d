# What the PowerShell front of the build hands on to the shell front, which a script stands in for that prints a line for each argument.

Describe 'build.ps1' -Skip:(-not $IsLinux) {
    BeforeAll {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'front')
        Copy-Item "$PSScriptRoot/../../build.ps1" $folder
        $shellFront = Join-Path $folder 'build.sh'
        Set-Content $shellFront "#!/bin/sh`nfor word; do echo `"[`$word]`"; done`nexit 3"
        chmod +x $shellFront
    }

    It 'hands on <Line>' -ForEach @(
        @{ Line = ''; Expected = '[build] [-Destination] [Local]' }
        @{ Line = 'demo -Destination vSphere'; Expected = '[demo] [-Destination] [vSphere]' }
        @{ Line = 'bench'; Expected = '[bench]' }
        @{ Line = 'bench -Quick'; Expected = '[bench] [-Quick]' }
        @{ Line = 'bench -Shape big, small -Rounds 2'; Expected = '[bench] [-Shape] [big,small] [-Rounds] [2]' }
    ) {
        $printed = Invoke-Expression "& '$folder/build.ps1' $Line"
        $printed -join ' ' | Should -Be $Expected
        $LASTEXITCODE | Should -Be 3
    }

    It 'knows no other target' {
        { & "$folder/build.ps1" deploy } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
    }
}
