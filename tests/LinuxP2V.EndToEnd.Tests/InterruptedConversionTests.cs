using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using LinuxP2V.Protocol.Messages;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>
/// One conversion that loses its source and its helper in the middle of the copy, one after the other, and still ends in
/// a VM that boots. One conversion for both, since each takes minutes.
/// </summary>
public sealed class InterruptedConversionTests(ITestOutputHelper output)
{
    private const long SomeBytes = 20 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(30);

    [FullRunFact]
    public async Task A_conversion_outlives_its_source_and_its_helper()
    {
        var folder = await FreshFolder.MakeAsync("e2e-interrupted");
        try
        {
            var image = await SourceImage.GetAsync(LabFirmware.Bios, output.WriteLine, CancellationToken.None);
            var sourceFolder = Path.Combine(folder, "source");
            var source = await SourceMachine.StartAsync(image, sourceFolder, CancellationToken.None);
            await source.WaitForSshAsync(CancellationToken.None);
            var before = await MachineDescription.ReadAsync(source.Root, CancellationToken.None);
            var secrets = new SourceSecrets { PrivateKey = await File.ReadAllTextAsync(source.KeyFile) };

            var run = new EngineRun(folder);
            var options = new SourceConnectionOptions
            {
                Host = SourceMachine.Host, Port = source.Port, User = "root", HostKeyPolicy = HostKeyPolicy.AcceptNew,
                KnownHostsPath = Path.Combine(folder, "known_hosts"),
            };
            var discovered = await SourceDiscovery.ReadAsync(options, secrets, NullConsole.Instance, CancellationToken.None);
            var id = run.Manager.Create(run.Plan(discovered, "copy")).Id;

            // The source loses its power.
            run.Drive(id, secrets);
            await run.WaitForCopiedAsync(id, SomeBytes, s_patience);
            await source.StopAsync();
            var withoutSource = await run.Manager.WaitAsync(id, null, new CancellationTokenSource(s_patience).Token);
            output.WriteLine($"source off: {withoutSource.Error}");
            Assert.Equal(ConversionState.Failed, withoutSource.State);
            Assert.Contains(
                withoutSource.Error!.Id, new[] { ErrorIds.SourceConnectionLost, ErrorIds.HelperCannotReachSource });

            // The source is back. Then the helper VM loses its power.
            source = await SourceMachine.RestartAsync(source, sourceFolder, CancellationToken.None);
            await source.WaitForSshAsync(CancellationToken.None);
            run.Drive(id, secrets);
            await run.WaitForCopiedAsync(id, SomeBytes, s_patience);
            await QemuMachine.KillAllBelowAsync(run.Destination.Reference.Address);

            // A helper that was lost is started again, and goes on with what its disks hold.
            var end = await run.Manager.WaitAsync(id, null, new CancellationTokenSource(s_patience).Token);
            Assert.True(end.State == ConversionState.Completed, end.Error?.ToString());

            await source.StopAsync();
            var proof = await CopyProof.RunAsync(end.Location!, image.KeyFile, before, Path.Combine(folder, "proof"), CancellationToken.None);
            Assert.True(proof.IsProven, proof.Reason());
        }
        finally
        {
            await QemuMachine.KillAllBelowAsync(folder);
        }
    }
}
