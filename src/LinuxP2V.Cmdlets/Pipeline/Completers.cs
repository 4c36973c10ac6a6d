using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using LinuxP2V.Cmdlets.PowerCli;
using LinuxP2V.Cmdlets.Session;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>
/// Offers what the session knows. Completion must neither wait nor fail, and never offers names of files: that is what
/// PowerShell does where a completer has nothing to say.
/// </summary>
internal abstract class SessionCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        var word = wordToComplete.Trim('\'', '"');
        var results = Choices(P2VSession.OfCurrentRunspace(), fakeBoundParameters)
            .Where(choice => choice.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .GroupBy(choice => choice.Text, StringComparer.OrdinalIgnoreCase)
            .Select(same => same.First())
            .Select(choice => new CompletionResult(
                Quote(choice.Text),
                choice.Text,
                CompletionResultType.ParameterValue,
                choice.Description
            ))
            .ToList();
        // What was typed stays as it is.
        return results.Count > 0 ? results : [new CompletionResult(wordToComplete.Length > 0 ? wordToComplete : " ")];
    }

    private protected abstract IEnumerable<Choice> Choices(P2VSession session, IDictionary bound);

    /// <summary>As one word of PowerShell, whatever stands in it.</summary>
    private static string Quote(string text) =>
        text.Length > 0 && text.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or ':')
            ? text
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

    /// <param name="Description">Shown beside it.</param>
    private protected sealed record Choice(string Text, string Description);
}

/// <summary>For values that nobody can guess: addresses, names of users.</summary>
internal sealed class NoCompleter : SessionCompleter
{
    private protected override IEnumerable<Choice> Choices(P2VSession session, IDictionary bound) => [];
}

/// <summary>Names and ids of the conversions that this session has seen, the newest first.</summary>
internal sealed class ConversionCompleter : SessionCompleter
{
    private protected override IEnumerable<Choice> Choices(P2VSession session, IDictionary bound)
    {
        var seen = session.Seen.Values.OrderByDescending(conversion => conversion.StartTime).ToList();
        return seen.Where(conversion => conversion.Name is { Length: > 0 })
            .Select(conversion => new Choice(conversion.Name!, $"{conversion.Id}, {conversion.State}"))
            .Concat(seen.Select(conversion => new Choice(conversion.Id, $"{conversion.Name}, {conversion.State}")));
    }
}

/// <summary>Ids of the conversions that this session has seen.</summary>
internal sealed class ConversionIdCompleter : SessionCompleter
{
    private protected override IEnumerable<Choice> Choices(P2VSession session, IDictionary bound) =>
        session
            .Seen.Values.OrderByDescending(conversion => conversion.StartTime)
            .Select(conversion => new Choice(conversion.Id, $"{conversion.Name}, {conversion.State}"));
}

/// <summary>Names of the conversions that this session has seen.</summary>
internal sealed class ConversionNameCompleter : SessionCompleter
{
    private protected override IEnumerable<Choice> Choices(P2VSession session, IDictionary bound) =>
        session
            .Seen.Values.Where(conversion => conversion.Name is { Length: > 0 })
            .OrderBy(conversion => conversion.Name, StringComparer.OrdinalIgnoreCase)
            .Select(conversion => new Choice(conversion.Name!, conversion.State.ToString()));
}

/// <summary>Names of the connected servers.</summary>
internal sealed class ServerCompleter : SessionCompleter
{
    private protected override IEnumerable<Choice> Choices(P2VSession session, IDictionary bound) =>
        session.Servers.All.Select(server => new Choice(server.Name, server.Address ?? server.Name));
}

/// <summary>Mount points of the sources that this session has read.</summary>
internal sealed class MountPointCompleter : SessionCompleter
{
    private protected override IEnumerable<Choice> Choices(P2VSession session, IDictionary bound) =>
        session
            .Sources.Values.OrderBy(source => source.Name, StringComparer.OrdinalIgnoreCase)
            .SelectMany(source =>
                source.Volumes.Select(volume => new Choice(volume.Name, $"{source.Name}: {volume.FileSystem}, {volume.UsedGB} GB"))
            );
}

/// <summary>What -MacAddress takes beside an address.</summary>
internal sealed class MacAddressCompleter : SessionCompleter
{
    private protected override IEnumerable<Choice> Choices(P2VSession session, IDictionary bound) =>
        [new Choice("Keep", "that of the source's adapter"), new Choice(P2VTask.GeneratedMacAddress, "the destination makes one")];
}

/// <summary>Databases that run on the sources that this session has read, which a cutover should stop.</summary>
internal sealed class ServiceCompleter : SessionCompleter
{
    private protected override IEnumerable<Choice> Choices(P2VSession session, IDictionary bound) =>
        session.Sources.Values.SelectMany(source => source.Databases.Select(name => new Choice(name, $"runs on {source.Name}")));
}

/// <summary>vSphere's versions of virtual hardware that current hosts have.</summary>
internal sealed class HardwareVersionCompleter : SessionCompleter
{
    private static readonly (string Version, string Since)[] Versions =
    [
        ("vmx-22", "ESXi 9.0"),
        ("vmx-21", "ESXi 8.0 U2"),
        ("vmx-20", "ESXi 8.0"),
        ("vmx-19", "ESXi 7.0 U2"),
        ("vmx-18", "ESXi 7.0 U1"),
        ("vmx-17", "ESXi 7.0"),
        ("vmx-15", "ESXi 6.7 U2"),
        ("vmx-14", "ESXi 6.7"),
        ("vmx-13", "ESXi 6.5"),
    ];

    private protected override IEnumerable<Choice> Choices(P2VSession session, IDictionary bound) =>
        Versions.Select(version => new Choice(version.Version, version.Since));
}

/// <summary>Objects of the server's inventory: one question to the server, which waits a moment and is kept for a minute.</summary>
internal abstract class InventoryCompleter(InventoryKind kind) : SessionCompleter
{
    private protected sealed override IEnumerable<Choice> Choices(P2VSession session, IDictionary bound) =>
        session
            .Inventory.Of(
                bound["Server"]?.ToString() is not { } name ? session.Servers.Default
                : session.Servers.Find(name) is [var server, ..] ? server
                : null
            )
            .Where(item => kind.Has(item.Type))
            .OrderBy(item => item.Name, StringComparer.OrdinalIgnoreCase)
            .Select(item => new Choice(item.Name, item.Path));
}

internal sealed class HostCompleter() : InventoryCompleter(InventoryKind.Host);

internal sealed class DatastoreCompleter() : InventoryCompleter(InventoryKind.Datastore);

internal sealed class PoolCompleter() : InventoryCompleter(InventoryKind.Pool);

internal sealed class FolderCompleter() : InventoryCompleter(InventoryKind.Folder);

internal sealed class LocationCompleter() : InventoryCompleter(InventoryKind.Location);

internal sealed class NetworkCompleter() : InventoryCompleter(InventoryKind.Network);
