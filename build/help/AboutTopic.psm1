# Makes the text that Get-Help about_<module> shows of a page of markdown, in lines of at most 80 characters.

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3

$width = 76
$indent = ' ' * 4

function Write-AboutTopic {
    <# .SYNOPSIS Writes the page as a help text. Its first line is '# about_<module>', its first section 'Short description'. #>
    param(
        [Parameter(Mandatory)] [string] $Page,
        [Parameter(Mandatory)] [string] $Path
    )

    $lines = (Get-Content -LiteralPath $Page -Raw) -replace "`r", '' -split "`n"
    $topic = [IO.Path]::GetFileNameWithoutExtension($Page)
    if ($lines[0] -cne "# $topic") { throw "${Page}:1: the first line must be '# $topic'." }
    if ($lines -cnotcontains '## Short description') { throw "${Page}: the section 'Short description' is missing: Get-Help lists it." }
    Set-Content -LiteralPath $Path -Value (ConvertTo-HelpText $Page $lines) -Encoding utf8BOM
}

function ConvertTo-HelpText([string] $Page, [string[]] $Lines) {
    $isCode = $false
    $number = 0
    foreach ($line in $Lines) {
        $number++
        switch -Regex ($line) {
            '^```' { $isCode = -not $isCode; break }
            { $isCode } { "$indent$indent$line".TrimEnd(); break }
            '^# ' { 'TOPIC'; "$indent$($line.Substring(2))"; break }
            '^## ' { $line.Substring(3).ToUpperInvariant(); break }
            '^$' { ''; break }
            '^- ' { Split-Line "- $(ConvertTo-Plain $line.Substring(2))" '  '; break }
            '^[A-Z`"(]' { Split-Line (ConvertTo-Plain $line) ''; break }
            default { throw "${Page}:${number}: '$line' is not understood: a paragraph, or an item of a list, is one line." }
        }
    }
    if ($isCode) { throw "${Page}: a block of code has no end." }
}

# Without marks; a link as its text and its target.
function ConvertTo-Plain([string] $Text) {
    $Text -replace '\[([^\]]+)\]\(([^)]+)\)', '$1 ($2)' -replace '[`*]', ''
}

function Split-Line([string] $Text, [string] $Hanging) {
    $line = $indent
    foreach ($word in $Text -split ' ') {
        if ($line.Trim() -and $line.Length + 1 + $word.Length -gt $width) { $line; $line = "$indent$Hanging" }
        $line = if ($line.Trim()) { "$line $word" } else { "$line$word" }
    }
    $line
}

Export-ModuleMember -Function Write-AboutTopic
