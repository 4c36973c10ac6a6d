# The help as Get-Help shows it of the packaged module, and the build step that makes it of docs/cmdlets.

BeforeDiscovery {
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
    Import-Module "$root/out/LinuxP2V/LinuxP2V.psd1" -Force
    $commands = (Get-Command -Module LinuxP2V).Name
    $parameters = foreach ($command in Get-Command -Module LinuxP2V) {
        foreach ($parameter in $command.Parameters.Keys | Where-Object { $_ -notin [System.Management.Automation.PSCmdlet]::CommonParameters }) {
            @{ Command = $command.Name; Parameter = $parameter }
        }
    }
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1"
    Import-PackagedModule (Join-Path $TestDrive 'state')
    $root = (Resolve-Path "$PSScriptRoot/../..").Path
}

AfterAll {
    Remove-PackagedModule
}

Describe 'The help of <_>' -ForEach $commands {
    BeforeAll {
        $help = Get-Help $_ -Full
    }

    It 'has a synopsis' {
        # Without a file of help the synopsis is the syntax.
        $help.Synopsis.Trim() | Should -Match '^[A-Z].*\.$'
        $help.Synopsis | Should -Not -Match ([regex]::Escape($help.Name))
    }

    It 'has a description' {
        (@($help.Description.Text) -join ' ').Length | Should -BeGreaterThan 40
    }

    It 'has two examples, with a title and code that names the cmdlet' {
        $examples = @($help.Examples.Example)
        $examples.Count | Should -BeGreaterOrEqual 2
        foreach ($example in $examples) {
            $example.Title | Should -Match 'Example \d: \w'
            $example.Code | Should -Not -BeNullOrEmpty
        }
        $examples.Code -join "`n" | Should -Match $_
    }

    It 'has a syntax for each parameter set' {
        @($help.Syntax.SyntaxItem).Count | Should -Be (Get-Command $_).ParameterSets.Count
    }

    It 'says what goes in and what comes out' {
        $types = (Get-Command $_).OutputType.Name
        foreach ($type in $types) { $help.ReturnValues.ReturnValue.Type.Name | Should -Contain $type }
    }

    It 'shows itself whole' {
        $text = $help | Out-String -Width 120
        foreach ($heading in 'NAME', 'SYNOPSIS', 'SYNTAX', 'DESCRIPTION', 'PARAMETERS') { $text | Should -MatchExactly "(?m)^$heading" }
        $text | Should -Match 'Example 1: '
    }
}

Describe 'The help of parameters' {
    It '<Command> -<Parameter> has a description and its own facts' -ForEach $parameters {
        $help = Get-Help $Command -Parameter $Parameter
        (@($help.Description.Text) -join ' ').Trim().Length | Should -BeGreaterThan 5
        $declared = @((Get-Command $Command).Parameters[$Parameter].ParameterSets.Values)[0]
        $help.Required | Should -Be "$($declared.IsMandatory)"
        $help.Position | Should -Be $(if ($declared.Position -ge 0) { "$($declared.Position)" } else { 'named' })
    }
}

Describe 'about_LinuxP2V' {
    It 'is shown by Get-Help' {
        $text = Get-Help about_LinuxP2V | Out-String
        $text | Should -Match 'Converts a running Linux machine'
        $text | Should -Match 'Connect-P2VServer -LocalPath'
        $text | Should -Not -Match '[`#]'
    }

    It 'names no cmdlet that is not there' {
        $text = Get-Help about_LinuxP2V | Out-String
        $named = [regex]::Matches($text, '\w+-P2V\w+').Value | Sort-Object -Unique
        $named | Should -Not -BeNullOrEmpty
        $named | Where-Object { -not (Get-Command $_ -ErrorAction Ignore) } | Should -BeNullOrEmpty
    }

    It 'is no wider than a console' {
        $prose = Get-Content "$root/out/LinuxP2V/en-US/about_LinuxP2V.help.txt" | Where-Object { $_ -notmatch '^ {8}' }
        ($prose | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
    }
}

Describe 'The step that makes the help' {
    BeforeAll {
        Import-Module "$root/build/help/HelpPage.psm1", "$root/build/help/Maml.psm1"
        $page = Get-Content "$root/docs/cmdlets/Test-P2VTask.md" -Raw

        # Reads the page with a change in it.
        function Read-Changed([string] $Old, [string] $New) {
            $page.Contains($Old) | Should -BeTrue
            $file = Join-Path $TestDrive 'Test-P2VTask.md'
            Set-Content $file $page.Replace($Old, $New) -NoNewline
            Read-HelpPage $file
        }

        # Runs the whole step over copies of package and pages.
        function Invoke-Step([scriptblock] $Change) {
            $pages = Join-Path $TestDrive 'pages'
            Remove-Item $pages -Recurse -ErrorAction Ignore
            Copy-Item "$root/docs/cmdlets" $pages -Recurse
            & $Change $pages
            $run = Invoke-OtherPowerShell "& '$root/build/help/New-ModuleHelp.ps1' -ModuleFolder '$TestDrive/module' -PageFolder '$pages' -AboutPage '$root/docs/about_LinuxP2V.md'"
            # An error is printed in lines of the console's width.
            $run.Error = $run.Error -replace '\s*\n\s*\|?\s*', ' '
            $run
        }
        $null = New-Item -ItemType Directory "$TestDrive/module"
        Get-ChildItem "$root/out/LinuxP2V" -Exclude 'helper', 'en-US' | Copy-Item -Destination "$TestDrive/module" -Recurse
    }

    AfterAll {
        Remove-Module HelpPage, Maml
    }

    It 'reads a page' {
        $read = Read-Changed 'Tests a task' 'Tests *one* `task`'
        $read.Name | Should -Be 'Test-P2VTask'
        $read.Synopsis | Should -BeLike 'Tests one task *'
        $read.Examples.Count | Should -BeGreaterOrEqual 2
        $read.Parameters.Keys | Should -Be 'PlannedChange', 'Task'
    }

    It 'refuses <Fault>, and says in which line' -ForEach @(
        @{ Fault = 'an unknown section'; Old = '## NOTES'; New = '## REMARKS'; Message = "no section 'REMARKS'" }
        @{ Fault = 'a missing section'; Old = '## DESCRIPTION'; New = ''; Message = "'DESCRIPTION' is missing" }
        @{ Fault = 'a section that comes twice'; Old = '## NOTES'; New = '## INPUTS'; Message = "'INPUTS' comes twice" }
        @{ Fault = 'another cmdlet''s title'; Old = '# Test-P2VTask'; New = '# Test-P2VTasks'; Message = 'heading of the first level' }
        @{ Fault = 'an example without code'; Old = '```powershell'; New = '```text'; Message = 'one block of code, which is powershell' }
        @{ Fault = 'an example out of order'; Old = '### Example 2'; New = '### Example 3'; Message = 'Example 2' }
        @{ Fault = 'a parameter without facts'; Old = '```yaml'; New = '```text'; Message = '-PlannedChange must end with its block of yaml' }
        @{ Fault = 'a table'; Old = '## DESCRIPTION'; New = "## DESCRIPTION`n| a | b |`n"; Message = 'no tables' }
        @{ Fault = 'a quotation'; Old = '## DESCRIPTION'; New = "## DESCRIPTION`n> said`n"; Message = 'QuoteBlock is not understood' }
        @{ Fault = 'HTML'; Old = 'Tests a task'; New = 'Tests a <b>task'; Message = 'HtmlInline is not understood' }
        @{ Fault = 'a placeholder'; Old = 'Tests a task'; New = '{{ Fill in }}'; Message = 'placeholder' }
        @{ Fault = 'no front matter'; Old = 'schema: 2.0.0'; New = 'schema: 1.0.0'; Message = 'schema: 2.0.0' }
    ) {
        { Read-Changed $Old $New } | Should -Throw "*Test-P2VTask.md:*$Message*"
    }

    It 'ends with an error on a cmdlet without a page' {
        $run = Invoke-Step { param($Pages) Remove-Item "$Pages/Test-P2VTask.md" }
        $run.ExitCode | Should -Not -Be 0
        $run.Error | Should -Match 'Test-P2VTask has no page'
    }

    It 'ends with an error on a page without a cmdlet' {
        $run = Invoke-Step { param($Pages) (Get-Content "$Pages/Test-P2VTask.md" -Raw).Replace('Test-P2VTask', 'Test-P2VTusk') | Set-Content "$Pages/Test-P2VTusk.md" }
        $run.ExitCode | Should -Not -Be 0
        $run.Error | Should -Match 'is the page of no cmdlet'
    }

    It 'finds <Fault>' -ForEach @(
        @{ Fault = 'a parameter that the page lacks'; Page = 'Disconnect-P2VServer'; Old = '### -WhatIf'; New = '### -What'; Message = 'Parameters. The page says *' }
        @{ Fault = 'an alias that is gone'; Page = 'Get-P2VSource'; Old = 'Aliases: IdentityFile'; New = 'Aliases: Identity'; Message = '-KeyFile: Aliases.*' }
        @{ Fault = 'a place that is another'; Page = 'Test-P2VTask'; Old = 'Position: 0'; New = 'Position: 1'; Message = '-Task: Position.*' }
        @{ Fault = 'a pipeline that is not there'; Page = 'Test-P2VTask'; Old = 'input: True (ByValue)'; New = 'input: False'; Message = '-Task: Accept pipeline input.*' }
        @{ Fault = 'a parameter that must be given'; Page = 'Test-P2VTask'; Old = 'Required: True'; New = 'Required: False'; Message = '-Task: Required.*' }
        @{ Fault = 'a value that is gone'; Page = 'New-P2VTask'; Old = 'Accepted values: Keep, Basic'; New = 'Accepted values: Keep'; Message = '-LvmMode: Accepted values.*' }
        @{ Fault = 'an old syntax'; Page = 'Test-P2VTask'; Old = '[-Task] <P2VTask[]>'; New = '[-Task] <P2VTask>'; Message = 'Syntax. The page says *' }
    ) {
        $text = Get-Content "$root/docs/cmdlets/$Page.md" -Raw
        $text.Contains($Old) | Should -BeTrue
        $file = Join-Path $TestDrive "$Page.md"
        Set-Content $file $text.Replace($Old, $New) -NoNewline
        $found = @(Get-PageDifference (Get-Command $Page) (Read-HelpPage $file))
        $found.Count | Should -Be 1
        $found[0] | Should -BeLike $Message
    }
}
