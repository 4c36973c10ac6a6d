using LinuxP2V.Engine.Destinations.VSphere;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>A deployment that the caller stops takes away what it made.</summary>
public sealed class StoppedDeploymentTests : LeftoverTestBase
{
    [Fact]
    public async Task A_deployment_that_is_stopped_leaves_nothing()
    {
        var admin = await Server.ConnectAsync();
        var before = await MachinesAsync(admin);
        foreach (var call in new[] { "PUT", "MoveDatastoreFile_Task", "CreateVM_Task", "SetField" })
        {
            await File.WriteAllTextAsync(Image, call);
            using var stop = new CancellationTokenSource();
            var stopping = new StoppingHandler(call, stop);
            await using var destination = await VSphereDestination.ConnectAsync(
                Server.Options,
                NullConsole.Instance,
                stopping.Around,
                CancellationToken.None
            );
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                destination.CreateAsync(Samples.Machine("victim"), Samples.Settings(), Image, "c-1", stop.Token)
            );
            Assert.Equal(before, await MachinesAsync(admin));
            Assert.Empty(await HalfImagesAsync(admin));
        }

        await admin.CloseAsync();
    }

    /// <summary>Stops the caller while a call is under way.</summary>
    private sealed class StoppingHandler(string call, CancellationTokenSource stop) : RecordingHandler
    {
        protected override async Task<HttpResponseMessage> AnswerAsync(
            string name,
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var response = await base.AnswerAsync(name, request, cancellationToken);
            if (name == call)
                await stop.CancelAsync();

            return response;
        }
    }
}
