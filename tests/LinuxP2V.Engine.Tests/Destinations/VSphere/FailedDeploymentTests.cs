using LinuxP2V.Engine.Destinations.VSphere;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>Each call of a deployment but those that wait fails once.</summary>
public abstract class FailedDeploymentTests(FailureKind kind) : LeftoverTestBase
{
    /// <summary>More calls than a deployment has.</summary>
    private const int MostCalls = 120;

    [Fact]
    public async Task A_deployment_that_fails_leaves_nothing()
    {
        var admin = await Server.ConnectAsync();
        await PutStrangerAsync();
        var before = await MachinesAsync(admin);
        var failed = new List<string>();
        for (var number = 1; ; number++)
        {
            Assert.True(number < MostCalls);
            // Another image each time, or the upload would be left out.
            await File.WriteAllTextAsync(Image, $"{kind} {number}");
            var failing = new FailingHandler { Kind = kind };
            await using var destination = await VSphereDestination.ConnectAsync(
                Server.Options,
                NullConsole.Instance,
                failing.Around,
                CancellationToken.None
            );
            failing.FailFrom(number);
            P2VException? error = null;
            try
            {
                var machine = await destination.CreateAsync(
                    Samples.Machine("victim"),
                    Samples.Settings(),
                    Image,
                    "c-1",
                    CancellationToken.None
                );
                failing.FailAt = 0;
                await destination.DeleteAsync(machine.Id, CancellationToken.None);
            }
            catch (P2VException exception)
            {
                error = exception;
            }

            failing.FailAt = 0;
            Assert.Equal(before, await MachinesAsync(admin));
            Assert.Empty(await HalfImagesAsync(admin));
            if (failing.Failed is null)
            {
                Assert.Null(error);
                break;
            }

            failed.Add($"{failing.Failed}{(error is null ? " (made up for)" : "")}");
        }

        // Each call that makes something was among those that failed.
        foreach (var call in new[] { "CreateVM_Task", "MoveDatastoreFile_Task", "PUT (made up for)" })
            Assert.Contains(call, failed);

        await admin.CloseAsync();
    }

    /// <summary>A VM of another conversion in the same folder, which must stay.</summary>
    private async Task PutStrangerAsync()
    {
        await File.WriteAllTextAsync(Image, "stranger");
        await using var destination = await VSphereDestination.ConnectAsync(Server.Options, NullConsole.Instance, CancellationToken.None);
        await destination.CreateAsync(Samples.Machine("stranger"), Samples.Settings("c-0"), Image, "c-0", CancellationToken.None);
    }
}

// A class for each way in which a call can fail: classes run side by side, and most of this is waiting.
public sealed class DeploymentThatIsRefusedTests() : FailedDeploymentTests(FailureKind.Fault);

public sealed class DeploymentWhoseRequestIsLostTests() : FailedDeploymentTests(FailureKind.RequestLost);

public sealed class DeploymentWhoseAnswerIsLostTests() : FailedDeploymentTests(FailureKind.AnswerLost);
