using LinuxP2V.Engine.Destinations.VSphere;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>The helper image apart from a conversion, and what the server says of itself.</summary>
public sealed class VSphereImageTests : IAsyncLifetime
{
    private readonly SimulatorFixture server = SimulatorFixture.VCenter();
    private readonly string image = Path.GetTempFileName();
    private VSphereDestination destination = null!;

    private static CancellationToken None => CancellationToken.None;

    public async Task InitializeAsync()
    {
        await File.WriteAllBytesAsync(image, new byte[70_000]);
        if (server is not null)
            destination = await VSphereDestination.ConnectAsync(server.Options, new ListeningConsole(), None);
    }

    public async Task DisposeAsync()
    {
        File.Delete(image);
        await destination.DisposeAsync();
        server.Dispose();
    }

    [Fact]
    public async Task An_image_is_sent_once_to_each_datastore()
    {
        Assert.Empty(await destination.ListHelperImagesAsync("*", None));
        var sent = Assert.Single(await destination.PublishHelperImageAsync("big", image, None));
        Assert.Equal(
            ("big", 70_000L, $"[big] linuxp2v/linuxp2v-helper-{sent.HashPrefix}.iso"),
            (sent.Datastore, sent.SizeBytes, sent.Path)
        );
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(new byte[70_000]))[..16], sent.HashPrefix);
        Assert.Equal([sent], await destination.PublishHelperImageAsync("big", image, None));
        Assert.Equal([sent], await destination.ListHelperImagesAsync("*", None));
    }

    [Fact]
    public async Task A_datastore_cluster_is_all_its_datastores()
    {
        var sent = await destination.PublishHelperImageAsync("Pod1", image, None);
        Assert.Equal(["pod-a", "pod-b"], sent.Select(stored => stored.Datastore).Order());
        Assert.Equal("pod-a", Assert.Single(await destination.ListHelperImagesAsync("*-a", None)).Datastore);
        var missing = await Assert.ThrowsAsync<P2VException>(() => destination.PublishHelperImageAsync("none", image, None));
        Assert.Equal(ErrorIds.InventoryItemNotFound, missing.ErrorId);
    }

    [Fact]
    public async Task Of_two_engines_that_send_the_same_image_the_slower_one_finds_it_there()
    {
        var race = new RaceHandler(async () =>
        {
            await destination.PublishHelperImageAsync("big", image, None);
            // The faster one's VM has it open already.
            await server.ControlAsync("/fault", """{"method":"MoveDatastoreFile_Task","kind":"taskError","fault":"FileLocked"}""");
        });
        await using var slower = await VSphereDestination.ConnectAsync(server.Options, new ListeningConsole(), race.Around, None);
        var sent = Assert.Single(await slower.PublishHelperImageAsync("big", image, None));
        Assert.Equal([sent], await destination.ListHelperImagesAsync("big", None));
        Assert.Contains("DeleteDatastoreFile_Task", race.Calls);

        // With no image there, the failure is one.
        await server.ControlAsync("/fault", """{"method":"MoveDatastoreFile_Task","kind":"taskError","fault":"FileLocked"}""");
        await Assert.ThrowsAsync<P2VException>(() => destination.PublishHelperImageAsync("small", image, None));
    }

    private sealed class RaceHandler(Func<Task> faster) : RecordingHandler
    {
        protected override async Task<HttpResponseMessage> AnswerAsync(
            string name,
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            if (name == "MoveDatastoreFile_Task")
                await faster();

            return await base.AnswerAsync(name, request, cancellationToken);
        }
    }

    [Fact]
    public void The_server_says_what_it_is()
    {
        Assert.Contains(destination.Identity.Version, destination.Identity.Product, StringComparison.Ordinal);
        Assert.Equal(
            (SimulatorFixture.UserName, server.Sha256.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant()),
            (destination.Identity.User, destination.Identity.CertificateThumbprint)
        );
    }
}
