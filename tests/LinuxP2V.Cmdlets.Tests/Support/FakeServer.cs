using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets.Tests.Support;

/// <summary>A vCenter with the datastores ds1 and ds2, of which ds2 has an image already.</summary>
internal sealed class FakeServer(string address, int? port = null)
    : FakeDestination(new DestinationReference("VSphere", address, port)),
        IServerDestination
{
    public const string Thumbprint = "AB0000000000000000000000000000000000000000000000000000000000000C";

    public ServerIdentity Identity { get; } =
        new("VMware vCenter Server 8.0.3 build-1", "8.0.3", @"VSPHERE.LOCAL\Administrator", Thumbprint);

    public List<StoredHelperImage> Images { get; } =
    [new("ds2", "[ds2] linuxp2v/linuxp2v-helper-0123456789abcdef.iso", 3 << 20, "0123456789abcdef")];

    public List<(string Datastore, string Path)> Published { get; } = [];

    public int Disposals { get; private set; }

    /// <summary>How often its inventory was asked for.</summary>
    public int Listings { get; private set; }

    /// <summary>How long it takes to answer.</summary>
    public TimeSpan Delay { get; set; }

    public async Task<IReadOnlyList<InventoryName>> ListInventoryAsync(CancellationToken cancellationToken)
    {
        Listings++;
        await Task.Delay(Delay, cancellationToken);
        return
        [
            new InventoryName("esx01", "HostSystem", "/DC0/Cluster1/esx01"),
            new InventoryName("ds one", "Datastore", "/DC0/ds one"),
            new InventoryName("it's", "Network", "/DC0/it's"),
        ];
    }

    public Task<IReadOnlyList<StoredHelperImage>> ListHelperImagesAsync(
        string datastore,
        bool verify,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<StoredHelperImage>>([
            .. Images.Where(i => datastore == "*" || i.Datastore == datastore || datastore == "Datastore-" + i.Datastore),
        ]);

    public Task<IReadOnlyList<StoredHelperImage>> PublishHelperImageAsync(
        string datastore,
        string imagePath,
        CancellationToken cancellationToken
    )
    {
        Published.Add((datastore, imagePath));
        var prefix = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(imagePath)))[..16];
        var image = new StoredHelperImage(
            datastore,
            $"[{datastore}] linuxp2v/linuxp2v-helper-{prefix}.iso",
            new FileInfo(imagePath).Length,
            prefix
        );
        Images.Add(image);
        return Task.FromResult<IReadOnlyList<StoredHelperImage>>([image]);
    }

    public ValueTask DisposeAsync()
    {
        Disposals++;
        return ValueTask.CompletedTask;
    }
}
