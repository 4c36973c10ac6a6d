using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>The UEFI machine (dracut, netplan), converted by scripts whose process is killed in every state that lasts long enough to be met.</summary>
public sealed class KilledEngineTests(ITestOutputHelper output)
{
    private const long SomeBytes = 20 << 20;

    private static readonly ConversionState[] s_states =
    [
        ConversionState.DeployingHelper, ConversionState.Preparing, ConversionState.Copying,
        ConversionState.Reconfiguring, ConversionState.Finishing,
    ];

    [Fact]
    public async Task A_conversion_whose_engine_is_killed_in_every_state_ends_in_a_VM_that_boots()
    {
        var folder = await FreshFolder.MakeAsync("e2e-killed");
        try
        {
            var image = await TestSource.GetAsync(LabFirmware.Uefi, output.WriteLine);
            var source = await SourceMachine.StartAsync(image, Path.Combine(folder, "source"), CancellationToken.None);
            await source.WaitForSshAsync(CancellationToken.None);
            var before = await MachineDescription.ReadAsync(source.Root, CancellationToken.None);

            var script = new ScriptConversion(folder, output.WriteLine);
            foreach (var state in s_states)
            {
                await KillInAsync(script, state, token => script.Newest() is null ? script.RunAsync(source, "copy", token) : script.ResumeAsync(source, token));
            }

            var conversion = await script.ResumeAsync(source, CancellationToken.None);
            Assert.Equal(ConversionState.Completed, conversion.State);

            // Nothing was begun anew: each engine found the operation of the one before it.
            Assert.Equal(1, conversion.Attempt);
            Assert.Equal((await MachineDescription.ReadAsync(source.Root, CancellationToken.None)).Facts, before.Facts);

            await source.StopAsync();
            var proof = await CopyProof.RunAsync(conversion.Location!, image.KeyFile, before, Path.Combine(folder, "proof"), CancellationToken.None);
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

    private async Task KillInAsync(ScriptConversion script, ConversionState state, Func<CancellationToken, Task<Conversion>> start)
    {
        using var kill = new CancellationTokenSource();
        var converting = start(kill.Token);
        while (!converting.IsCompleted)
        {
            if (script.Newest() is { } conversion && conversion.State == state
                && (state != ConversionState.Copying || conversion.Volumes.Sum(v => v.BytesDone) >= SomeBytes))
            {
                await kill.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => converting);
                output.WriteLine($"killed in {state}");
                return;
            }

            await Task.Delay(20);
        }

        await converting;
        Assert.Fail($"The conversion ended before it was seen in {state}.");
    }
}
