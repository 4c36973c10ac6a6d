using System.Collections;
using System.Management.Automation;
using LinuxP2V.Cmdlets.PowerCli;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>Turns what an admin gives into one of our objects, one by one where an array is given.</summary>
internal abstract class ItemTransformationAttribute : ArgumentTransformationAttribute
{
    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var input = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        return input switch
        {
            null => null,
            IList list => list.Cast<object?>().Select(item => item is null ? null : Convert(PSObject.AsPSObject(item))).ToArray(),
            _ => Convert(PSObject.AsPSObject(inputData)),
        };
    }

    protected abstract object Convert(PSObject item);

    protected static string? StringProperty(PSObject item, string name) =>
        item.Properties[name]?.Value switch
        {
            string text => text,
            PSObject { BaseObject: string text } => text,
            _ => null,
        };

    protected static ArgumentTransformationMetadataException NoSuch(PSObject item, string what) =>
        new($"'{item}' ({item.TypeNames.FirstOrDefault()}) is no {what}.");
}

/// <summary>A P2VTask, or whatever is left of one after Export-Clixml or ConvertTo-Json: an object with its Definition.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TaskTransformationAttribute : ItemTransformationAttribute
{
    protected override object Convert(PSObject item) =>
        item.BaseObject switch
        {
            P2VTask task => task,
            string definition => new P2VTask(definition),
            _ => StringProperty(item, nameof(P2VTask.Definition)) is { } definition
                ? new P2VTask(definition) { Name = StringProperty(item, nameof(P2VTask.Name)) }
                : throw NoSuch(item, "P2VTask: it has no property Definition with the task's text"),
        };
}

/// <summary>A P2VConversion, its id, or an object with such an Id.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ConversionTransformationAttribute : ItemTransformationAttribute
{
    protected override object Convert(PSObject item) =>
        item.BaseObject switch
        {
            P2VConversion conversion => conversion,
            string id => new P2VConversion(id),
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
            _ => VIServerShape.Read(item) is { } lender
                ? new P2VServer(lender)
                : throw NoSuch(item, "P2VServer, and no VIServer of PowerCLI: that has Name, IsConnected and SessionSecret"),
        };
}
