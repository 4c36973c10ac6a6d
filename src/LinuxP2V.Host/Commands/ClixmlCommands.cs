using System.Management.Automation;

namespace LinuxP2V.Host.Commands;

[Cmdlet(VerbsData.Export, "Clixml", SupportsShouldProcess = true)]
public sealed class ExportClixmlCommand : PSCmdlet
{
    private readonly List<object?> _items = [];

    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    public string Path { get; set; } = "";

    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    [Parameter]
    [ValidateRange(1, 100)]
    public int Depth { get; set; } = 2;

    protected override void ProcessRecord() => _items.Add(InputObject);

    protected override void EndProcessing()
    {
        var file = GetUnresolvedProviderPathFromPSPath(Path);
        if (!ShouldProcess(file))
            return;
        // PSSerializer makes a document of one object; a list of them comes back as a list.
        File.WriteAllText(file, PSSerializer.Serialize(_items.Count == 1 ? _items[0] : _items.ToArray(), Depth + (_items.Count == 1 ? 0 : 1)));
    }
}

[Cmdlet(VerbsData.Import, "Clixml")]
public sealed class ImportClixmlCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("LiteralPath")]
    public string Path { get; set; } = "";

    protected override void ProcessRecord()
    {
        var value = PSSerializer.Deserialize(File.ReadAllText(GetUnresolvedProviderPathFromPSPath(Path)));
        WriteObject(value is PSObject { BaseObject: System.Collections.ArrayList list } ? list : value, enumerateCollection: true);
    }
}
