# Reads a page of docs/cmdlets: PlatyPS markdown, schema 2.0.0. What a page holds that this does not understand is an error
# with file and line: text must not be lost on its way into the help.

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3

# The command loads Markdig, the parser behind it.
$null = ConvertFrom-Markdown -InputObject 'x'

$sections = 'SYNOPSIS', 'SYNTAX', 'DESCRIPTION', 'EXAMPLES', 'PARAMETERS', 'INPUTS', 'OUTPUTS', 'NOTES', 'RELATED LINKS'

function Read-HelpPage {
    <# .SYNOPSIS Gives Name, Synopsis, Syntax, Description, Examples, Parameters, Inputs, Outputs, Notes and Links of a page. #>
    param([Parameter(Mandatory)] [string] $Path)

    $page = Open-Page $Path
    $title = @(Split-Blocks $page $page.Blocks 1)
    if ($title.Count -ne 1 -or $title[0].Title -ne $page.Name) {
        Stop-Page $page 0 "the page needs one heading of the first level, '# $($page.Name)'"
    }
    $parts = [ordered]@{}
    foreach ($part in Split-Blocks $page $title[0].Blocks 2) {
        if ($part.Title -cnotin $sections) { Stop-Page $page $part.Line "there is no section '$($part.Title)'" }
        if ($parts.Contains($part.Title)) { Stop-Page $page $part.Line "the section '$($part.Title)' comes twice" }
        $parts[$part.Title] = $part
    }
    foreach ($section in $sections) {
        if (-not $parts.Contains($section)) { Stop-Page $page 0 "the section '$section' is missing" }
    }

    [pscustomobject]@{
        Path = $Path
        Name = $page.Name
        Synopsis = Read-Synopsis $page $parts['SYNOPSIS']
        Syntax = @(Read-Syntax $page $parts['SYNTAX'])
        Description = @(Read-Text $page $parts['DESCRIPTION'] -Required)
        Examples = @(Read-Examples $page $parts['EXAMPLES'])
        Parameters = Read-Parameters $page $parts['PARAMETERS']
        Inputs = @(Read-Types $page $parts['INPUTS'])
        Outputs = @(Read-Types $page $parts['OUTPUTS'])
        Notes = @(Read-Text $page $parts['NOTES'])
        Links = @(Read-Links $page $parts['RELATED LINKS'])
    }
}

# The text without its front matter, as blocks of Markdig.
function Open-Page([string] $Path) {
    $page = @{ Path = $Path; Name = [IO.Path]::GetFileNameWithoutExtension($Path); FirstLine = 1; Blocks = @() }
    $text = (Get-Content -LiteralPath $Path -Raw) -replace "`r", ''
    if ($text -notmatch '\A---\n([^\0]*?)\n---\n') { Stop-Page $page 0 'the page needs a front matter between lines of ---' }
    $header = $Matches[0]
    if ($text.Contains('{{')) { Stop-Page $page 0 'a placeholder, {{ … }}, is left' }
    $fields = Read-Fields $page $Matches[1] 2
    if ($fields['schema'] -ne '2.0.0') { Stop-Page $page 0 'the front matter must say schema: 2.0.0' }
    if ($fields['external help file'] -ne 'LinuxP2V.Cmdlets.dll-Help.xml') { Stop-Page $page 0 'the front matter must name the help file LinuxP2V.Cmdlets.dll-Help.xml' }
    $page.FirstLine = ($header -split "`n").Count
    $page.Blocks = @([Markdig.Markdown]::Parse($text.Substring($header.Length)))
    $page
}

# Parts of a list of blocks: a heading of the level, and what comes up to the next one.
function Split-Blocks($Page, $Blocks, [int] $Level) {
    $part = $null
    foreach ($block in $Blocks) {
        if ($block -is [Markdig.Syntax.HeadingBlock] -and $block.Level -le $Level) {
            if ($null -ne $part) { $part }
            $part = [pscustomobject]@{ Title = ConvertTo-Text $Page $block; Line = $block.Line; Blocks = [Collections.Generic.List[object]]::new() }
        }
        elseif ($null -eq $part) { Stop-Page $Page $block.Line "there is text before the first heading of level $Level" }
        else { $part.Blocks.Add($block) }
    }
    if ($null -ne $part) { $part }
}

function Read-Synopsis($Page, $Part) {
    $paragraphs = @(Read-Text $Page $Part -Required)
    if ($paragraphs.Count -ne 1) { Stop-Page $Page $Part.Line 'the synopsis is one paragraph' }
    $paragraphs[0]
}

# One text for each parameter set, on one line.
function Read-Syntax($Page, $Part) {
    foreach ($block in $Part.Blocks) {
        if ($block -is [Markdig.Syntax.FencedCodeBlock]) { ($block.Lines.ToString() -replace '\s+', ' ').Trim() }
        elseif ($block -isnot [Markdig.Syntax.HeadingBlock]) { Stop-Page $Page $block.Line 'the syntax holds headings and code alone' }
    }
}

function Read-Examples($Page, $Part) {
    $number = 0
    foreach ($example in Split-Blocks $Page $Part.Blocks 3) {
        $number++
        if ($example.Title -notmatch "^Example ${number}: \S") { Stop-Page $Page $example.Line "the heading must be 'Example ${number}: what it shows'" }
        $code = @($example.Blocks | Where-Object { $_ -is [Markdig.Syntax.FencedCodeBlock] })
        if ($code.Count -ne 1 -or $code[0].Info -ne 'powershell') { Stop-Page $Page $example.Line 'an example has one block of code, which is powershell' }
        $position = $example.Blocks.IndexOf($code[0])
        [pscustomobject]@{
            Title = $example.Title
            Introduction = @(for ($i = 0; $i -lt $position; $i++) { Read-Block $Page $example.Blocks[$i] })
            Code = $code[0].Lines.ToString().TrimEnd()
            Remarks = @(for ($i = $position + 1; $i -lt $example.Blocks.Count; $i++) { Read-Block $Page $example.Blocks[$i] })
        }
    }
}

# By name: the description, and the fields of the yaml below it. The common parameters are PowerShell's.
function Read-Parameters($Page, $Part) {
    $parameters = [ordered]@{}
    foreach ($parameter in Split-Blocks $Page $Part.Blocks 3) {
        if ($parameter.Title -eq 'CommonParameters') { continue }
        if ($parameter.Title -notmatch '^-(\w+)$') { Stop-Page $Page $parameter.Line "'$($parameter.Title)' is no parameter" }
        $name = $Matches[1]
        if ($parameters.Contains($name)) { Stop-Page $Page $parameter.Line "-$name comes twice" }
        $last = $parameter.Blocks | Select-Object -Last 1
        if ($last -isnot [Markdig.Syntax.FencedCodeBlock] -or $last.Info -ne 'yaml') { Stop-Page $Page $parameter.Line "-$name must end with its block of yaml" }
        $text = @($parameter.Blocks | Select-Object -SkipLast 1 | ForEach-Object { Read-Block $Page $_ })
        if (-not $text) { Stop-Page $Page $parameter.Line "-$name has no description" }
        $parameters[$name] = [pscustomobject]@{ Name = $name; Description = $text; Fields = Read-Fields $Page $last.Lines.ToString() ($Page.FirstLine + $last.Line + 1) }
    }
    $parameters
}

function Read-Types($Page, $Part) {
    foreach ($type in Split-Blocks $Page $Part.Blocks 3) {
        [pscustomobject]@{ Name = $type.Title; Description = @($type.Blocks | ForEach-Object { Read-Block $Page $_ }) }
    }
}

function Read-Links($Page, $Part) {
    foreach ($block in $Part.Blocks) {
        foreach ($inline in $block.Inline) {
            if ($inline -is [Markdig.Syntax.Inlines.LinkInline]) { [pscustomobject]@{ Text = ConvertTo-Text $Page $inline; Uri = $inline.Url } }
            elseif ($inline -isnot [Markdig.Syntax.Inlines.LineBreakInline]) { Stop-Page $Page $block.Line 'the related links are links alone' }
        }
    }
}

function Read-Text($Page, $Part, [switch] $Required) {
    $text = @($Part.Blocks | ForEach-Object { Read-Block $Page $_ })
    if ($Required -and -not $text) { Stop-Page $Page $Part.Line "'$($Part.Title)' is empty" }
    $text
}

# A block as paragraphs.
function Read-Block($Page, $Block) {
    if ($Block -is [Markdig.Syntax.ParagraphBlock]) {
        $text = ConvertTo-Text $Page $Block
        if ($text.StartsWith('|')) { Stop-Page $Page $Block.Line 'help shows no tables' }
        $text
    }
    elseif ($Block -is [Markdig.Syntax.ListBlock]) {
        foreach ($item in $Block) { "- $(@($item | ForEach-Object { Read-Block $Page $_ }) -join ' ')" }
    }
    else { Stop-Page $Page $Block.Line "a $($Block.GetType().Name) is not understood here" }
}

# The text of a block or a link as help shows it: without marks, on one line.
function ConvertTo-Text($Page, $Node) {
    $inlines = if ($Node -is [Markdig.Syntax.LeafBlock]) { $Node.Inline } else { $Node }
    $line = if ($Node -is [Markdig.Syntax.Block]) { $Node.Line } else { 0 }
    $text = foreach ($inline in $inlines) {
        switch ($inline) {
            { $_ -is [Markdig.Syntax.Inlines.LiteralInline] } { $_.Content.ToString(); break }
            { $_ -is [Markdig.Syntax.Inlines.CodeInline] } { $_.Content; break }
            { $_ -is [Markdig.Syntax.Inlines.LineBreakInline] } { ' '; break }
            { $_ -is [Markdig.Syntax.Inlines.EmphasisInline] } { ConvertTo-Text $Page $_; break }
            { $_ -is [Markdig.Syntax.Inlines.LinkInline] } { "$(ConvertTo-Text $Page $_) ($($_.Url))"; break }
            { $_ -is [Markdig.Syntax.Inlines.HtmlEntityInline] } { $_.Transcoded.ToString(); break }
            default { Stop-Page $Page $line "a $($_.GetType().Name) is not understood in a text" }
        }
    }
    -join $text
}

# Lines of 'name: value'.
function Read-Fields($Page, [string] $Text, [int] $FirstLine) {
    $fields = @{}
    $number = $FirstLine
    foreach ($line in $Text -split "`n") {
        if ($line.Trim()) {
            if ($line -notmatch '^([A-Za-z ]+):\s*(.*?)\s*$') { throw "$($Page.Path):${number}: '$line' is not 'name: value'." }
            $fields[$Matches[1]] = $Matches[2]
        }
        $number++
    }
    $fields
}

function Stop-Page($Page, [int] $Line, [string] $Message) {
    throw "$($Page.Path):$($Page.FirstLine + $Line): $Message."
}

Export-ModuleMember -Function Read-HelpPage
