using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "P2VHelperImage", DefaultParameterSetName = FileSet)]
[OutputType(typeof(P2VHelperImage))]
public sealed class GetP2VHelperImageCommand : DatastoreCmdlet
{
    private const string FileSet = "File";
    private const string DatastoreSet = "Datastore";

    [Parameter(Position = 0, ParameterSetName = FileSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = DatastoreSet)]
    [DatastoreTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public P2VInventoryItem[] Datastore { get; set; } = [];

    [Parameter(ParameterSetName = DatastoreSet)]
    public SwitchParameter Verify { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (ParameterSetName == FileSet)
        {
            ShowFile(LocateHelperImage(Path));
            return;
        }

        var hash = HashHere();
        foreach (var datastore in Datastore)
        {
            try
            {
                var server = await FindServerAsync(datastore, cancellationToken);
                foreach (var image in await server.ListHelperImagesAsync(datastore.Reference, Verify, cancellationToken))
                    WriteObject(ToObject(image, hash));
            }
            catch (P2VException e)
            {
                WriteFailure(e, datastore);
            }
        }
    }

    private void ShowFile(string path)
    {
        var hash = HelperImage.ReadHash(path);
        WriteObject(
            new P2VHelperImage
            {
                Name = System.IO.Path.GetFileName(path),
                Path = path,
                SizeMB = decimal.Round(new FileInfo(path).Length / 1048576m, 1),
                Hash = hash,
                IsIntact = Path is null ? true : null,
                IsCurrent =
                    Path is null ? true
                    : HashHere() is { } here ? here == hash
                    : null,
            }
        );
    }

    /// <summary>What lies on a datastore can be looked at without an image of one's own.</summary>
    private string? HashHere()
    {
        try
        {
            return HelperImage.ReadHash(LocateHelperImage(null));
        }
        catch (P2VException e) when (e.ErrorId is ErrorIds.HelperImageMissing or ErrorIds.HelperImageAltered or ErrorIds.FileNotAccessible)
        {
            return null;
        }
    }
}
