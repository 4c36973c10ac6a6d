using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using LinuxP2V.Protocol.Messages;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>
/// The UEFI machine (dracut, netplan), in one conversion that meets one failure after the other: no image, no way to the
/// source, an agent that is killed, a volume that is too small, a source that loses its power, a helper that loses its
/// power. The conversion recovers by itself where it can, and reports an error where it cannot. It keeps what was copied,
/// and ends with a VM that boots and equals its source. All failures share one conversion, since each conversion takes
/// minutes.
/// </summary>
[Trait("Area", "Failures")]
[Trait("Run", "Full")]
public sealed class FailedConversionTests(ITestOutputHelper output)
{
    private const long MiB = 1 << 20;
    private const long SomeBytes = 40 * MiB;
    private const long BootBytes = 176 * MiB;
    private const string Filler = "/boot/filler";
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task A_conversion_that_fails_in_every_way_still_ends_in_a_VM_that_boots()
    {
        var folder = await FreshFolder.MakeAsync("e2e-failed");
        try
        {
            var killingImage = await AgentKillingImage.MakeAsync(
                EngineRun.HelperImage,
                Directory.CreateDirectory(Path.Combine(folder, "image")).FullName
            );
            var image = await TestSource.GetAsync("uefi", output.WriteLine);
            var sourceFolder = Path.Combine(folder, "source");
            var source = await SourceMachine.StartAsync(image, sourceFolder, CancellationToken.None);
            await source.WaitForSshAsync(CancellationToken.None);
            var before = await MachineDescription.ReadAsync(source.Root, CancellationToken.None);
            var secrets = new SourceSecrets { PrivateKey = await File.ReadAllTextAsync(source.KeyFile) };

            var run = new EngineRun(folder);
            var discovered = await DiscoverAsync(source, secrets, folder);
            var settings = new TaskSettings
            {
                VolumeSizes = new Dictionary<string, long> { ["/boot"] = BootBytes },
                // Asked for, since each resumption would measure for ten emulated seconds what is best.
                Copy = new CopyOptions { Compression = CopyCompression.None },
            };
            var task = run.Plan(discovered, "copy", settings);
            var id = run.Manager.Create(task).Id;
            // Grown after the plan was made: it cannot fit onto the copy's /boot.
            await OnSourceAsync(source, $"tr '\\0' x < /dev/zero | head -c {BootBytes} > {Filler} && sync");

            // No helper image.
            var failure = await FailureAsync(run, id, secrets, Path.Combine(folder, "there-is-no.iso"));
            Assert.Equal(ErrorIds.HelperImageMissing, failure.Id);
            Assert.False(Directory.Exists(Path.Combine(run.Destination.Reference.Address, "copy")));

            // The helper finds no source.
            await source.SetReachableAsync(false);
            failure = await FailureAsync(run, id, secrets, killingImage);
            Assert.Equal(ErrorIds.HelperCannotReachSource, failure.Id);
            await source.SetReachableAsync(true);

            // The agent is killed in mid-copy: another one goes on by itself. Then the copy's /boot is full.
            run.Drive(id, secrets, killingImage);
            await WaitForSecondAgentAsync(run, id);
            var end = await run.WaitAsync(id, Timeout);
            output.WriteLine($"/boot full: {end.Error}");
            Assert.Equal((ConversionState.Failed, ErrorIds.TargetDiskFull), (end.State, end.Error?.Id));
            Assert.Contains("/boot", end.Error!.Cause, StringComparison.Ordinal);
            await OnSourceAsync(source, $"rm {Filler}");

            // The source loses its power in mid-copy: once it is back, the copy goes on by itself.
            run.Drive(id, secrets, killingImage);
            await run.WaitForCopiedAsync(id, SomeBytes, Timeout);
            await source.StopAsync();
            await WaitForLogAsync(run, id, "The helper tries again for");
            source = await RestartAsync(source, sourceFolder);
            await WaitForLogAsync(run, id, "answers again after");
            await run.WaitForCopiedAsync(id, SomeBytes, Timeout);

            // The helper loses its power in mid-copy: it is started again, and goes on with what is on its disks.
            await QemuMachine.KillAllBelowAsync(run.Destination.Reference.Address);
            end = await run.WaitAsync(id, Timeout);
            Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());
            var kept = (await LogAsync(run, id)).Count(line => line.Contains("are there already", StringComparison.Ordinal));
            Assert.InRange(kept, 2, int.MaxValue);

            Assert.Equal(before.Facts, (await MachineDescription.ReadAsync(source.Root, CancellationToken.None)).Facts);
            await source.StopAsync();
            var proof = await CopyProof.RunAsync(
                end.Location!,
                image.KeyFile,
                before,
                Path.Combine(folder, "proof"),
                CancellationToken.None
            );
            foreach (var line in proof.Table())
            {
                output.WriteLine(line);
            }

            Assert.True(proof.IsProven, proof.Reason());
        }
        finally
        {
            await QemuMachine.KillAllBelowAsync(folder);
        }
    }

    private static Task<DiscoveredSource> DiscoverAsync(SourceMachine source, SourceSecrets secrets, string folder) =>
        SourceDiscovery.ReadAsync(
            new SourceConnectionOptions
            {
                Host = source.Host,
                Port = source.Port,
                User = "root",
                HostKeyPolicy = HostKeyPolicy.AcceptNew,
                KnownHostsPath = Path.Combine(folder, "known_hosts"),
            },
            secrets,
            NullConsole.Instance,
            CancellationToken.None
        );

    private static async Task OnSourceAsync(SourceMachine source, string command) =>
        (await source.Root.RunAsync(command, CancellationToken.None)).OrThrow($"The source did not run '{command}'");

    private static async Task<SourceMachine> RestartAsync(SourceMachine source, string folder)
    {
        var restarted = await SourceMachine.RestartAsync(source, folder, CancellationToken.None);
        await restarted.WaitForSshAsync(CancellationToken.None);
        return restarted;
    }

    private async Task<ErrorDescription> FailureAsync(EngineRun run, string id, SourceSecrets secrets, string helperImage)
    {
        var failure = await run.FailureAsync(id, secrets, Timeout, helperImage);
        output.WriteLine(failure.ToString());
        Assert.NotEmpty(failure.Remedy);
        return failure;
    }

    /// <summary>Each agent that starts has a boot id of its own.</summary>
    private async Task WaitForSecondAgentAsync(EngineRun run, string id)
    {
        using var limit = new CancellationTokenSource(Timeout);
        string? first = null;
        while (true)
        {
            var conversion = run.Manager.Get(id);
            Assert.False(conversion.State is ConversionState.Failed, conversion.Error?.ToString());
            if (conversion.State == ConversionState.Copying)
            {
                first ??= conversion.AgentBootId;
                if (conversion.AgentBootId != first)
                {
                    output.WriteLine("the agent was killed, another one has taken over");
                    return;
                }
            }

            await Task.Delay(200, limit.Token);
        }
    }

    private static async Task WaitForLogAsync(EngineRun run, string id, string words)
    {
        using var limit = new CancellationTokenSource(Timeout);
        while (!(await LogAsync(run, id)).Any(line => line.Contains(words, StringComparison.Ordinal)))
        {
            var conversion = run.Manager.Get(id);
            Assert.False(conversion.State is ConversionState.Failed, conversion.Error?.ToString());
            await Task.Delay(500, limit.Token);
        }
    }

    private static async Task<IReadOnlyList<string>> LogAsync(EngineRun run, string id)
    {
        // The engine has it open for writing.
        await using var file = new FileStream(
            run.Manager.GetLogPath(id),
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete
        );
        using var reader = new StreamReader(file);
        return (await reader.ReadToEndAsync()).Split('\n');
    }
}
