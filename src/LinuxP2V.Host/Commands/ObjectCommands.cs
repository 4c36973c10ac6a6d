using System.Collections;
using System.Management.Automation;

namespace LinuxP2V.Host.Commands;

/// <summary>Property names with wildcards, script blocks, and @{ Name = …; Expression = … }.</summary>
internal static class Columns
{
    public static IEnumerable<(string Name, object? Value)> Of(PSObject item, IEnumerable<object> wanted)
    {
        foreach (var column in wanted.Select(w => w is PSObject p ? p.BaseObject : w))
        {
            switch (column)
            {
                case Hashtable table:
                    yield return (Text.Of(table["Name"] ?? table["Label"] ?? table["N"] ?? table["L"]), Evaluate(item, table["Expression"] ?? table["E"]));
                    break;
                case ScriptBlock block:
                    yield return (block.ToString().Trim(), Evaluate(item, block));
                    break;
                default:
                    foreach (var named in Named(item, Text.Of(column)))
                        yield return named;
                    break;
            }
        }
    }

    public static object? Evaluate(PSObject item, object? expression) => expression switch
    {
        ScriptBlock block => Single(block.InvokeWithContext(null, [new PSVariable("_", item)])),
        null => null,
        _ => item.Properties[Text.Of(expression)]?.Value,
    };

    private static object? Single(System.Collections.ObjectModel.Collection<PSObject> results) => results.Count switch
    {
        0 => null,
        1 => results[0],
        _ => results.ToArray(),
    };

    private static IEnumerable<(string, object?)> Named(PSObject item, string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name))
            return [(item.Properties[name]?.Name ?? name, item.Properties[name]?.Value)];
        var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
        return item.Properties.Where(p => p.IsGettable && pattern.IsMatch(p.Name)).Select(p => (p.Name, (object?)p.Value));
    }
}

/// <summary>Unlike PowerShell's own, -First does not stop the command before it: its further output is dropped.</summary>
[Cmdlet(VerbsCommon.Select, "Object")]
[Alias("select")]
public sealed class SelectObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _items = [];

    [Parameter(Position = 0)]
    public object[] Property { get; set; } = [];

    [Parameter]
    public string? ExpandProperty { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int First { get; set; } = int.MaxValue;

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Last { get; set; } = int.MaxValue;

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Skip { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
            _items.Add(InputObject);
    }

    protected override void EndProcessing()
    {
        var rest = _items.Skip(Skip).Take(First).ToList();
        foreach (var item in rest.Skip(Last == int.MaxValue ? 0 : Math.Max(0, rest.Count - Last)).Select(Shape).DistinctBy(Key))
            WriteObject(item, ExpandProperty is not null);
    }

    private object? Shape(PSObject item)
    {
        if (ExpandProperty is not null)
            return item.Properties[ExpandProperty]?.Value;
        if (Property.Length == 0)
            return item;
        var result = new PSObject();
        foreach (var (name, value) in Columns.Of(item, Property))
            result.Properties.Add(new PSNoteProperty(name, value));
        return result;
    }

    private object Key(object? item) => Unique ? Text.Of(item) : new object();
}

[Cmdlet("Sort", "Object")]
[Alias("sort")]
public sealed class SortObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _items = [];

    [Parameter(Position = 0)]
    public object[] Property { get; set; } = [];

    [Parameter]
    public SwitchParameter Descending { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
            _items.Add(InputObject);
    }

    protected override void EndProcessing()
    {
        var comparer = Comparer<object?>.Create((x, y) => LanguagePrimitives.Compare(x, y, ignoreCase: true));
        object[] keys = Property.Length == 0 ? [ScriptBlock.Create("$_")] : Property;
        IOrderedEnumerable<PSObject>? sorted = null;
        foreach (var key in keys)
        {
            object? Value(PSObject item) => Columns.Evaluate(item, key is PSObject wrapped ? wrapped.BaseObject : key);
            sorted = (sorted, (bool)Descending) switch
            {
                (null, false) => _items.OrderBy(Value, comparer),
                (null, true) => _items.OrderByDescending(Value, comparer),
                (_, false) => sorted.ThenBy(Value, comparer),
                (_, true) => sorted.ThenByDescending(Value, comparer),
            };
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in sorted!)
        {
            if (!Unique || seen.Add(string.Join('\0', keys.Select(k => Text.Of(Columns.Evaluate(item, k))))))
                WriteObject(item);
        }
    }
}
