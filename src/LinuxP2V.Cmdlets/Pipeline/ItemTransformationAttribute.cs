using System.Collections;
using System.Management.Automation;
using LinuxP2V.Cmdlets.PowerCli;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>Turns what an admin gives into one of our objects, one by one where an array is given.</summary>
internal abstract class ItemTransformationAttribute : ArgumentTransformationAttribute
{
    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var input = inputData.Unwrapped();
        return input switch
        {
            // The empty cell of a row.
            null => null,
            string text when string.IsNullOrWhiteSpace(text) => null,
            string cell when TakesList && cell.Contains(';') => Split(cell).Select(text => Convert(PSObject.AsPSObject(text))).ToArray(),
            IList list => list.Cast<object?>()
                .Where(item => item is not null)
                .Select(item => Convert(PSObject.AsPSObject(item!)))
                .ToArray(),
            _ => Convert(PSObject.AsPSObject(inputData)),
        };
    }

    /// <summary>Whether a text may name several items, with semicolons between.</summary>
    protected virtual bool TakesList => false;

    protected abstract object Convert(PSObject item);

    private static IEnumerable<string> Split(string cell) => cell.Split(';').Select(text => text.Trim()).Where(text => text.Length > 0);

    protected static string? StringProperty(PSObject item, string name) => item.Properties[name]?.Value.Unwrapped() as string;

    /// <summary>What Export-Clixml, a job or remoting left of an object of ours. ConvertTo-Json forgets the type.</summary>
    protected static bool IsOne(PSObject item, Type type) => item.WasA(type) || item.BaseObject is PSCustomObject;

    protected static PSObject? RowOf(PSObject item) => item.Properties["Row"]?.Value as PSObject;

    protected static ArgumentTransformationMetadataException NoSuch(PSObject item, string what) =>
        new($"'{item}' ({item.TypeNames.FirstOrDefault()}) is no {what}.");
}

/// <summary>A P2VSource, or whatever is left of one after Export-Clixml, in a job or by remoting: an object with its Definition.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SourceTransformationAttribute : ItemTransformationAttribute
{
    /// <returns>Null where it is no source.</returns>
    public static P2VSource? Read(PSObject item) =>
        item.BaseObject as P2VSource
        ?? (
            IsOne(item, typeof(P2VSource)) && StringProperty(item, nameof(P2VSource.Definition)) is { } definition
                ? new P2VSource(definition) { Imported = item, Row = RowOf(item) }
                : null
        );

    protected override object Convert(PSObject item)
    {
        if (Read(item) is { } source)
            return source;

        // With this cause PowerShell goes on to a property of the name.
        var text = item.BaseObject is string name
            ? $"'{name}' is a text. Read the machine first: Get-P2VSource {name}."
            : $"'{item}' ({item.TypeNames.FirstOrDefault()}) is no P2VSource.";
        throw new ArgumentTransformationMetadataException(text, new PSInvalidCastException(text));
    }
}

/// <summary>A P2VTask, or whatever is left of one after Export-Clixml or ConvertTo-Json: an object with its Definition.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TaskTransformationAttribute : ItemTransformationAttribute
{
    /// <returns>Null where it is no task.</returns>
    public static P2VTask? Read(PSObject item) =>
        item.BaseObject switch
        {
            P2VTask task => task,
            string definition => new P2VTask(definition),
            _ => StringProperty(item, nameof(P2VTask.Definition)) is { } definition
                ? new P2VTask(definition)
                {
                    Name = StringProperty(item, nameof(P2VTask.Name)),
                    Imported = item,
                    Row = RowOf(item),
                }
                : null,
        };

    protected override object Convert(PSObject item) =>
        Read(item) ?? throw NoSuch(item, "P2VTask: it has no property Definition with the task's text");
}

/// <summary>A P2VHook, or what Export-Clixml, a job or ConvertFrom-Json left of one.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class HookTransformationAttribute : ItemTransformationAttribute
{
    protected override object Convert(PSObject item) =>
        item.BaseObject as P2VHook
        ?? (
            IsOne(item, typeof(P2VHook))
            && StringProperty(item, nameof(P2VHook.Name)) is { } name
            && StringProperty(item, nameof(P2VHook.Script)) is { } script
            && Value(item, nameof(P2VHook.Moment), out P2VHookMoment moment)
            && Value(item, nameof(P2VHook.TimeoutSec), out int seconds)
            && Value(item, nameof(P2VHook.ContinueOnError), out bool goesOn)
                ? new P2VHook(name)
                {
                    Script = script,
                    Moment = moment,
                    TimeoutSec = seconds,
                    ContinueOnError = goesOn,
                }
                : throw NoSuch(item, "P2VHook. Make one: New-P2VHook -Path ./script.sh -Moment AfterReconfiguration")
        );

    private static bool Value<T>(PSObject item, string name, out T value) =>
        LanguagePrimitives.TryConvertTo(item.Properties[name]?.Value, System.Globalization.CultureInfo.InvariantCulture, out value);
}

/// <summary>A P2VConversion, its id, the name of its VM, or an object with such an Id.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ConversionTransformationAttribute : ItemTransformationAttribute
{
    protected override object Convert(PSObject item) =>
        item.BaseObject switch
        {
            P2VConversion conversion => conversion,
            string text => new P2VConversion(text) { IsText = true },
            _ => StringProperty(item, nameof(P2VConversion.Id)) is { } id
                ? new P2VConversion(id)
                : throw NoSuch(item, "P2VConversion: it has no property Id"),
        };
}

/// <summary>A P2VServer, the name of a connected one, or PowerCLI's connection.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ServerTransformationAttribute : ItemTransformationAttribute
{
    protected override object Convert(PSObject item) =>
        item.BaseObject switch
        {
            P2VServer server => server,
            string name => new P2VServer(name),
            // What a job or remoting leaves of one of ours: it is looked for by its name.
            _ when item.WasA(typeof(P2VServer)) && StringProperty(item, nameof(P2VServer.Name)) is { } name => new P2VServer(name),
            _ => VIServerShape.Read(item) is { } lender
                ? new P2VServer(lender)
                : throw NoSuch(item, "P2VServer, and no VIServer of PowerCLI: that has Name, IsConnected and SessionSecret"),
        };
}
