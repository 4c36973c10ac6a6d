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
        Assert.Empty(await destination.ListHelperImagesAsync("*", false, None));
        var sent = Assert.Single(await destination.PublishHelperImageAsync("big", image, None));
        Assert.Equal(
            ("big", 70_000L, $"[big] linuxp2v/linuxp2v-helper-{sent.HashPrefix}.iso"),
            (sent.Datastore, sent.SizeBytes, sent.Path)
        );
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(new byte[70_000]))[..16], sent.HashPrefix);
        Assert.True(sent.IsIntact);
        Assert.Equal([sent], await destination.PublishHelperImageAsync("big", image, None));
        Assert.Equal([sent with { IsIntact = null }], await destination.ListHelperImagesAsync("*", false, None));
        Assert.Equal([sent], await destination.ListHelperImagesAsync("*", true, None));
    }

    [Fact]
    public async Task What_was_sent_is_read_back_once_and_again_when_the_file_is_another()
    {
        var recording = new RecordingHandler();
        await using var watched = await VSphereDestination.ConnectAsync(server.Options, new ListeningConsole(), recording.Around, None);
        await watched.PublishHelperImageAsync("big", image, None);
        await watched.PublishHelperImageAsync("big", image, None);
        Assert.Equal((1, 1), (recording.Calls.Count(call => call == "PUT"), recording.Calls.Count(call => call == "GET")));

        // Of the same length: its time alone tells.
        Alter();
        Assert.False(Assert.Single(await watched.ListHelperImagesAsync("big", true, None)).IsIntact);
        Assert.True(Assert.Single(await watched.PublishHelperImageAsync("big", image, None)).IsIntact);
        Assert.Equal(2, recording.Calls.Count(call => call == "PUT"));
    }

    [Fact]
    public async Task An_image_that_somebody_changed_is_told_and_sent_again()
    {
        await destination.PublishHelperImageAsync("big", image, None);
        Alter();
        var console = new ListeningConsole();
        await using var later = await VSphereDestination.ConnectAsync(server.Options, console, None);

        Assert.True(Assert.Single(await later.PublishHelperImageAsync("big", image, None)).IsIntact);

        Assert.Contains(console.Lines, line => line.Contains("is not the helper image that its name tells", StringComparison.Ordinal));
        Assert.Equal(await File.ReadAllBytesAsync(image), await File.ReadAllBytesAsync(StoredFile));
    }

    [Fact]
    public async Task An_image_that_somebody_changed_and_that_cannot_be_replaced_is_an_error()
    {
        await destination.PublishHelperImageAsync("big", image, None);
        Alter();
        await server.ControlAsync("/fault", """{"method":"MoveDatastoreFile_Task","kind":"taskError","fault":"FileLocked"}""");
        await using var later = await VSphereDestination.ConnectAsync(server.Options, new ListeningConsole(), None);

        var error = await Assert.ThrowsAsync<P2VException>(() => later.PublishHelperImageAsync("big", image, None));

        Assert.Equal(ErrorIds.HelperImageAltered, error.ErrorId);
        Assert.Contains("[big] linuxp2v/linuxp2v-helper-", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_may_not_read_files_uses_the_image_that_is_there_and_is_told()
    {
        await destination.PublishHelperImageAsync("big", image, None);
        var console = new ListeningConsole();
        var options = server.OptionsOf(SimulatorFixture.UserWithoutFiles);
        await using var limited = await VSphereDestination.ConnectAsync(options, console, None);

        Assert.Null(Assert.Single(await limited.PublishHelperImageAsync("big", image, None)).IsIntact);

        Assert.Contains(console.Lines, line => line.Contains("Its length alone was compared", StringComparison.Ordinal));
    }

    private string StoredFile => Assert.Single(Directory.GetFiles(server.Folder, "linuxp2v-helper-*.iso", SearchOption.AllDirectories));

    private void Alter()
    {
        var file = StoredFile;
        using (var content = File.OpenWrite(file))
        {
            content.Position = 5000;
            content.WriteByte(1);
        }

        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task A_datastore_cluster_is_all_its_datastores()
    {
        var sent = await destination.PublishHelperImageAsync("Pod1", image, None);
        Assert.Equal(["pod-a", "pod-b"], sent.Select(stored => stored.Datastore).Order());
        Assert.Equal("pod-a", Assert.Single(await destination.ListHelperImagesAsync("*-a", false, None)).Datastore);
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
        Assert.Equal([sent], await destination.ListHelperImagesAsync("big", true, None));
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
