namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>A vCenter whose VMs run nothing: what is asked of the calls needs no guest.</summary>
public sealed class CallsFixture : IAsyncLifetime
{
    public static readonly VSphereLabUser WithoutNetwork = new("half", "se:cret", "Administrator-Network.Assign");

    public VSphereLab Lab { get; private set; } = null!;

    public async Task InitializeAsync() =>
        Lab = await VSphereLab.StartAsync(
            new VSphereLabOptions
            {
                Folder = NewFolder(),
                WithoutQemu = true,
                Users =
                [
                    new("admin", "secret", "Administrator"),
                    new("reader", "secret", "ReadOnly"),
                    new("nobody", "secret", "NoAccess"),
                    WithoutNetwork,
                ],
                Datastores = ["datastore1=40", "tiny=0.001", "local-edge=20@esx-edge.lab", "pod1/pod1-a=60", "pod1/pod1-b=80"],
            }
        );

    public async Task DisposeAsync() => await Lab.DisposeAsync();

    public static string NewFolder() => Path.Combine(LabPaths.Run("vsphere-tests"), Guid.NewGuid().ToString("N"));
}

[CollectionDefinition(Name)]
public sealed class CallsGroup : ICollectionFixture<CallsFixture>
{
    public const string Name = "Calls";
}
