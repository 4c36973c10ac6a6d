# Reports: what the page, the table and the JSON say, and that nothing of a source can do anything in them.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1", "$PSScriptRoot/FakeSource.psm1"
    Import-PackagedModule (Join-Path $TestDrive 'state')
    $fake = Start-FakeSource (Join-Path $TestDrive 'source')
    $source = Get-P2VSource $fake.Address -KeyFile $fake.KeyFile -KnownHostsFile $fake.KnownHostsFile -HostKeyPolicy AcceptNew
    $server = Connect-P2VServer -LocalPath (Join-Path $TestDrive 'vms') -Accelerator Tcg
    $stored = New-Item -ItemType Directory -Force (Join-Path $env:LINUXP2V_STATE 'conversions')
    # Of the same machine.
    (Get-Content "$PSScriptRoot/synchronized.json" -Raw) -replace '"host": *"web01"', '"host": "127.0.0.1"' |
        Set-Content (Join-Path $stored '0123456789ab.json')
    $rehearsed = New-Item -ItemType Directory -Force (Join-Path $env:LINUXP2V_STATE 'rehearsals/results/0123456789ab')
    $picture = "$PSScriptRoot/../../docs/images/report.png"
    (Get-Content "$PSScriptRoot/rehearsal.json" -Raw) -replace '/state/console-1.png', (Resolve-Path $picture).Path |
        Set-Content (Join-Path $rehearsed 'rehearsal.json')
    $items = @($source; $source | New-P2VTask -Name planned; Get-P2VConversion -Id 0123456789ab)

    function Get-Report([string] $Extension, [object[]] $Objects = $items) {
        $file = Join-Path $TestDrive "report.$Extension"
        $null = $Objects | Export-P2VReport $file -Title 'Wave <1> & more' -Force
        Get-Content $file -Raw
    }
}

AfterAll {
    if ($fake) { Stop-FakeSource $fake }
    if ($server) { Disconnect-P2VServer $server }
    Remove-PackagedModule
}

Describe 'A report' {
    It 'is a page with a row for each machine, the picture of the times, and the findings' {
        $page = Get-Report html
        $page | Should -BeLike '<!DOCTYPE html>*'
        $tree = [xml] ($page -replace '^<!DOCTYPE html>', '')
        @($tree.html.body.table.tbody.tr).Count | Should -Be 3
        $tree.html.body.h1 | Should -Be 'Wave <1> & more'
        @($tree.html.body.svg.rect).Count | Should -BeGreaterThan 3
        $tree.html.body.dl.dt -join ' ' | Should -Match 'BusyDatabase'
        $tree.html.body.table.InnerText | Should -Match 'planned'
    }

    It 'has one row for a task and its conversion' {
        $conversion = Get-P2VConversion -Id 0123456789ab
        $rows = @(Get-Report csv @(($source | New-P2VTask -Name $conversion.Name), $conversion) | ConvertFrom-Csv)
        $rows.Count | Should -Be 1
        $rows[0].State | Should -Be 'InProgress'
        $rows[0].OperatingSystem | Should -Be $source.OperatingSystem
        $rows[0].Findings | Should -Match 'BusyDatabase'
        @(Get-Report csv @(($source | New-P2VTask -Name other), ($source | New-P2VTask -Name third), $conversion) | ConvertFrom-Csv).Count |
            Should -Be 3
    }

    It 'shows how the twin of a copy booted, with its screen' {
        $page = Get-Report html
        $page | Should -Match 'A twin of the copy booted. Its system is degraded after 24 s. Failed units: nginx.service, data.mount.'
        ([regex]::Matches($page, '<img [^>]*src="data:image/png;base64,iVBOR')).Count | Should -Be 1
        (Get-Report csv | ConvertFrom-Csv)[2].Booted | Should -Be 'True'
    }

    It 'needs nothing else: no script, nothing from the network' {
        Get-Report html | Should -Not -Match '(?i)<script|<link|@import|url\(|src="(?!data:image/png;base64,)'
    }

    It 'is shown by a browser, on a screen and in print' -Tag Full {
        $page = Join-Path $TestDrive 'report.html'
        $null = Get-Report html
        $options = @(
            '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'
            '--disable-component-update', '--disable-sync', "--user-data-dir=$TestDrive/browser", '--window-size=1200,1400'
        )
        $text = chromium @options --dump-dom "file://$page" 2> $null
        "$text" | Should -Match 'planned'
        chromium @options "--screenshot=$TestDrive/report.png" "file://$page" 2> $null
        (Get-Item "$TestDrive/report.png").Length | Should -BeGreaterThan 20000
        chromium @options "--print-to-pdf=$TestDrive/report.pdf" "file://$page" 2> $null
        [Text.Encoding]::ASCII.GetString([IO.File]::ReadAllBytes("$TestDrive/report.pdf")[0..3]) | Should -Be '%PDF'
    }

    It 'is a table for a spreadsheet' {
        $rows = Get-Report csv | ConvertFrom-Csv
        $rows.Count | Should -Be 3
        $rows[1].VM | Should -Be 'planned'
        [long] $rows[0].DataBytes | Should -BeGreaterThan 0
        $rows[0].State | Should -Be 'ReadyWithWarnings'
        $rows[2].State | Should -Be 'InProgress'
        [double] $rows[2].CutoverSeconds | Should -BeGreaterThan 0
    }

    It 'is JSON with all that the page has' {
        $report = Get-Report json | ConvertFrom-Json
        $report.Rows.Count | Should -Be 3
        $report.Rows[0].Findings.Id | Should -Contain 'BusyDatabase'
    }

    It 'takes no other things, and overwrites nothing unasked' {
        $file = Join-Path $TestDrive 'other.html'
        (Get-Failure { 5 | Export-P2VReport $file -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'PlanNotPossible,*'
        (Get-Failure { $source | Export-P2VReport (Join-Path $TestDrive 'a.txt') -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'FileNotAccessible,*'
        $null = $source | Export-P2VReport $file -WhatIf
        Test-Path $file | Should -BeFalse
        Set-Content $file 'mine'
        (Get-Failure { $source | Export-P2VReport $file -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'FileNotAccessible,*'
        Get-Content $file | Should -Be 'mine'
    }

    It 'shows what a hostile source says of itself as text' {
        $script = Join-Path $TestDrive 'hostile.sed'
        Set-Content $script 's/^PRETTY_NAME=.*/PRETTY_NAME="<script>alert(1)<\/script>\x01=cmd"/'
        $hostile = Start-FakeSource (Join-Path $TestDrive 'hostile') -Hostile $script
        try {
            $read = Get-P2VSource $hostile.Address -KeyFile $hostile.KeyFile -KnownHostsFile $hostile.KnownHostsFile -HostKeyPolicy AcceptNew
        }
        finally { Stop-FakeSource $hostile }
        $page = Get-Report html $read
        $page | Should -Match '&lt;script&gt;'
        $page | Should -Not -Match '<script'
    }
}
