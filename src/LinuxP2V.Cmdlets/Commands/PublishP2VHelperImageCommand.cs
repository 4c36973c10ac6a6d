using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsData.Publish, "P2VHelperImage", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(P2VHelperImage))]
public sealed class PublishP2VHelperImageCommand : DatastoreCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [DatastoreTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public P2VInventoryItem[] Datastore { get; set; } = [];

    [Parameter(Position = 1)]
    [Alias("HelperImage")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var path = LocateHelperImage(Path);
        string? hash = null;
        foreach (var datastore in Datastore)
        {
            try
            {
                var server = await FindServerAsync(datastore, cancellationToken);
                if (!ShouldProcess($"{datastore.Name} ({server.Reference.Address})", $"Send the helper image {path}"))
                    continue;
                hash ??= HelperImage.ReadHash(path);
                foreach (var image in await server.PublishHelperImageAsync(datastore.Reference, path, cancellationToken))
                    WriteObject(ToObject(image, hash));
            }
            catch (P2VException e)
            {
                WriteFailure(e, datastore);
            }
        }
    }
}
