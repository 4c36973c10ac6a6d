# Writes MAML, the XML from which Get-Help shows the help of cmdlets. What a page says comes from the page; parameters, their
# types and places come from the cmdlet itself; Get-PageDifference tells where a page says otherwise.

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3

$namespaces = @{
    command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'
    maml = 'http://schemas.microsoft.com/maml/2004/10'
    dev = 'http://schemas.microsoft.com/maml/dev/2004/10'
}
$common = [Management.Automation.PSCmdlet]::CommonParameters

function Write-Maml {
    <# .SYNOPSIS Writes the help of commands to a file. Page is a table of pages of Read-HelpPage by the name of their command. #>
    param(
        [Parameter(Mandatory)] [Management.Automation.CommandInfo[]] $Command,
        [Parameter(Mandatory)] [hashtable] $Page,
        [Parameter(Mandatory)] [string] $Path
    )

    $settings = [Xml.XmlWriterSettings]@{ Indent = $true; Encoding = [Text.UTF8Encoding]::new($false); NewLineChars = "`n" }
    $script:xml = [Xml.XmlWriter]::Create($Path, $settings)
    try {
        $xml.WriteStartElement('helpItems', 'http://msh')
        $xml.WriteAttributeString('schema', 'maml')
        foreach ($one in $Command) { Write-Command $one $Page[$one.Name] }
        $xml.WriteEndElement()
    }
    finally {
        $xml.Dispose()
    }
}

# What the page says otherwise than the cmdlet is, a sentence each.
function Get-PageDifference($Command, $Page) {
    $own = @($Command.Parameters.Values | Where-Object Name -NotIn $common)
    Compare-Text 'Parameters' ($Page.Parameters.Keys | Sort-Object) ($own.Name | Sort-Object)
    Compare-Text 'Syntax' ($Page.Syntax | Sort-Object) ($Command.ParameterSets | ForEach-Object { "$($Command.Name) $_" } | Sort-Object)
    foreach ($parameter in $own | Where-Object Name -In $Page.Parameters.Keys) {
        $fields = $Page.Parameters[$parameter.Name].Fields
        $declared = @($parameter.ParameterSets.Values)[0]
        Compare-Text "-$($parameter.Name): Aliases" $fields['Aliases'] ($parameter.Aliases -join ', ')
        Compare-Text "-$($parameter.Name): Required" $fields['Required'] $declared.IsMandatory
        Compare-Text "-$($parameter.Name): Position" $fields['Position'] $(if ($declared.Position -ge 0) { $declared.Position } else { 'Named' })
        Compare-Text "-$($parameter.Name): Accept pipeline input" $fields['Accept pipeline input'] (Get-PipelineInput $declared)
        $type = $parameter.ParameterType
        if ($type.IsArray) { $type = $type.GetElementType() }
        $type = [Nullable]::GetUnderlyingType($type) ?? $type
        if ($type.IsEnum) { Compare-Text "-$($parameter.Name): Accepted values" $fields['Accepted values'] ([enum]::GetNames($type) -join ', ') }
    }
}

function Compare-Text([string] $What, $OnPage, $OfCmdlet) {
    if ("$OnPage" -cne "$OfCmdlet") { "$What. The page says '$OnPage', the cmdlet '$OfCmdlet'." }
}

function Write-Command($Command, $Page) {
    Write-Element command:command {
        Write-Element command:details {
            Write-Element command:name $Command.Name
            Write-Element command:verb $Command.Verb
            Write-Element command:noun $Command.Noun
            Write-Paragraphs maml:description $Page.Synopsis
        }
        Write-Paragraphs maml:description $Page.Description
        Write-Element command:syntax {
            foreach ($set in $Command.ParameterSets) { Write-SyntaxItem $Command $set $Page }
        }
        Write-Element command:parameters {
            foreach ($name in $Page.Parameters.Keys) {
                $set = @($Command.ParameterSets | Where-Object { $name -in $_.Parameters.Name })[0]
                Write-Parameter ($set.Parameters | Where-Object Name -EQ $name) $Page.Parameters[$name]
            }
        }
        Write-Element command:inputTypes { foreach ($type in $Page.Inputs) { Write-Type command:inputType $type } }
        Write-Element command:returnValues { foreach ($type in $Page.Outputs) { Write-Type command:returnValue $type } }
        Write-Element maml:alertSet { Write-Paragraphs maml:alert $Page.Notes }
        Write-Element command:examples { foreach ($example in $Page.Examples) { Write-Example $example } }
        Write-Element command:relatedLinks { foreach ($link in $Page.Links) { Write-Link $link } }
    }
}

function Write-SyntaxItem($Command, $Set, $Page) {
    Write-Element command:syntaxItem {
        Write-Element maml:name $Command.Name
        $own = $Set.Parameters | Where-Object Name -NotIn $common
        $inOrder = $own | Sort-Object -Stable { if ($_.Position -ge 0) { $_.Position } else { [int]::MaxValue } }
        foreach ($parameter in $inOrder) { Write-Parameter $parameter $Page.Parameters[$parameter.Name] }
    }
}

# As it is in one parameter set.
function Write-Parameter($Parameter, $Written) {
    $type = $Parameter.ParameterType
    $element = if ($type.IsArray) { $type.GetElementType() } else { [Nullable]::GetUnderlyingType($type) ?? $type }
    $typeName = if ($type.IsArray) { "$($element.Name)[]" } else { $element.Name }
    $attributes = [ordered]@{
        required = "$($Parameter.IsMandatory)".ToLowerInvariant()
        variableLength = "$($type.IsArray)".ToLowerInvariant()
        globbing = "$($Written.Fields['Accept wildcard characters'])".ToLowerInvariant()
        pipelineInput = Get-PipelineInput $Parameter
        position = if ($Parameter.Position -ge 0) { "$($Parameter.Position)" } else { 'named' }
        aliases = if ($Parameter.Aliases) { $Parameter.Aliases -join ', ' } else { 'none' }
    }
    Write-Element command:parameter -Attributes $attributes {
        Write-Element maml:name $Parameter.Name
        Write-Paragraphs maml:description $Written.Description
        if ($element.IsEnum) {
            Write-Element command:parameterValueGroup {
                foreach ($value in [enum]::GetNames($element)) { Write-Element command:parameterValue $value -Attributes @{ required = 'false' } }
            }
        }
        if ($type -ne [switch]) { Write-Element command:parameterValue $typeName -Attributes @{ required = 'true' } }
        Write-Element dev:type { Write-Element maml:name $typeName }
        Write-Element dev:defaultValue $Written.Fields['Default value']
    }
}

function Get-PipelineInput($Parameter) {
    $ways = @(
        if ($Parameter.ValueFromPipelineByPropertyName) { 'ByPropertyName' }
        if ($Parameter.ValueFromPipeline) { 'ByValue' }
    )
    if ($ways) { "True ($($ways -join ', '))" } else { 'False' }
}

function Write-Type([string] $Element, $Type) {
    Write-Element $Element {
        Write-Element dev:type { Write-Element maml:name $Type.Name }
        Write-Paragraphs maml:description $Type.Description
    }
}

function Write-Example($Example) {
    Write-Element command:example {
        Write-Element maml:title $Example.Title
        Write-Paragraphs maml:introduction $Example.Introduction
        Write-Element dev:code $Example.Code
        Write-Paragraphs dev:remarks $Example.Remarks
    }
}

function Write-Link($Link) {
    Write-Element maml:navigationLink {
        Write-Element maml:linkText $Link.Text
        Write-Element maml:uri $Link.Uri
    }
}

function Write-Paragraphs([string] $Element, [string[]] $Text) {
    Write-Element $Element { foreach ($paragraph in $Text) { Write-Element maml:para $paragraph } }
}

# Content is a text, or a block that writes the elements within. The block sees the variables of this function before those
# of its own: their names must not be used there.
function Write-Element([string] $QualifiedName, $Content, [System.Collections.IDictionary] $Attributes = @{}) {
    $prefix, $local = $QualifiedName -split ':'
    $xml.WriteStartElement($prefix, $local, $namespaces[$prefix])
    foreach ($attribute in $Attributes.Keys) { $xml.WriteAttributeString($attribute, $Attributes[$attribute]) }
    if ($Content -is [scriptblock]) { & $Content } else { $xml.WriteString("$Content") }
    $xml.WriteEndElement()
}

Export-ModuleMember -Function Write-Maml, Get-PageDifference
