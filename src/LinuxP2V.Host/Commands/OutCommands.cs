using System.Management.Automation;
using System.Text;
using LinuxP2V.Host.Console;

namespace LinuxP2V.Host.Commands;

/// <summary>Formats by PowerShell's own views, into a string.</summary>
[Cmdlet(VerbsData.Out, "String")]
[OutputType(typeof(string))]
public sealed class OutStringCommand : PSCmdlet
{
    private readonly List<PSObject?> _items = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void ProcessRecord() => _items.Add(InputObject);

    protected override void EndProcessing()
    {
        // The host that a cmdlet sees is PowerShell's wrapper; there is one screen in the process.
        var screen = Screen.Current ?? throw new PSNotSupportedException("Out-String of p2vsh needs p2vsh's own console.");
        screen.BeginCapture();
        try
        {
            using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
            shell.AddCommand("Out-Default").Invoke(_items);
        }
        finally
        {
            WriteObject(screen.EndCapture());
        }
    }
}

/// <summary>All properties or those named, one a line. It knows no views: without Format-List PowerShell shows them itself.</summary>
[Cmdlet(VerbsCommon.Format, "List")]
[Alias("fl")]
public sealed class FormatListCommand : PSCmdlet
{
    [Parameter(Position = 0)]
    public object[] Property { get; set; } = ["*"];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is null)
            return;
        var columns = Columns.Of(InputObject, Property).ToList();
        var width = columns.Count == 0 ? 0 : columns.Max(c => c.Name.Length);
        var text = new StringBuilder();
        foreach (var (name, value) in columns)
            text.Append('\n').Append(name.PadRight(width)).Append(" : ").Append(Cells.Of(value));
        WriteObject(text.ToString());
    }
}

/// <summary>The properties named, or all, as columns as wide as they need.</summary>
[Cmdlet(VerbsCommon.Format, "Table")]
[Alias("ft")]
public sealed class FormatTableCommand : PSCmdlet
{
    private readonly List<List<(string Name, object? Value)>> _rows = [];

    [Parameter(Position = 0)]
    public object[] Property { get; set; } = ["*"];

    [Parameter]
    public SwitchParameter AutoSize { get; set; }

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
            _rows.Add([.. Columns.Of(InputObject, Property)]);
    }

    protected override void EndProcessing()
    {
        if (_rows.Count == 0)
            return;
        var names = _rows[0].Select(c => c.Name).ToList();
        var lines = _rows.Select(r => r.Select(c => Cells.Of(c.Value)).ToList()).ToList();
        var widths = names.Select((n, i) => Math.Max(n.Length, lines.Max(l => i < l.Count ? l[i].Length : 0))).ToList();
        string Line(IEnumerable<string> cells) => string.Join(' ', cells.Zip(widths, (c, w) => c.PadRight(w))).TrimEnd();
        WriteObject("");
        WriteObject(Line(names));
        WriteObject(Line(names.Select(n => new string('-', n.Length))));
        foreach (var line in lines)
            WriteObject(Line(line));
    }
}

internal static class Cells
{
    public static string Of(object? value)
    {
        var item = value is PSObject wrapped ? wrapped.BaseObject : value;
        return item is System.Collections.IEnumerable list and not string
            ? "{" + string.Join(", ", list.Cast<object?>().Select(Text.Of)) + "}"
            : Text.Of(value);
    }
}
