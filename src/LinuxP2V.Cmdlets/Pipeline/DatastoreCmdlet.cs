using System.Management.Automation;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A cmdlet that has to do with helper images on datastores.</summary>
public abstract class DatastoreCmdlet : P2VCmdlet
{
    [Parameter]
    [ServerTransformation]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public P2VServer? Server { get; set; }

    internal async Task<IServerDestination> FindServerAsync(P2VInventoryItem datastore, CancellationToken cancellationToken)
    {
        var server = await Servers.FindAsync(Server, [datastore], cancellationToken);
        return server.Connection?.Destination as IServerDestination
            ?? throw new P2VException(
                ErrorIds.DestinationNotSupported,
                $"{server.Name} has no datastores.",
                "Name a vCenter or ESXi with -Server. A folder of this machine needs no helper image of its own.",
                server
            );
    }

    /// <param name="hash">Of the image here; null when there is none.</param>
    internal static P2VHelperImage ToObject(StoredHelperImage image, string? hash)
    {
        bool? isCurrent = hash?.StartsWith(image.HashPrefix, StringComparison.Ordinal);
        return new P2VHelperImage
        {
            Name = image.Path.Substring(image.Path.LastIndexOf('/') + 1),
            Path = image.Path,
            Datastore = image.Datastore,
            SizeMB = decimal.Round(image.SizeBytes / 1048576m, 1),
            Hash = isCurrent == true ? hash! : image.HashPrefix,
            IsCurrent = isCurrent,
            IsIntact = image.IsIntact,
        };
    }
}
