using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>The main job, by the example script: a running machine becomes a VM that boots and equals it.</summary>
public sealed class WholeConversionTests(ITestOutputHelper output)
{
    /// <summary>LINUXP2V_E2E_FIRMWARE: uefi (the default, since KilledEngineTests converts the BIOS machine), bios, or both.</summary>
    public static TheoryData<LabFirmware> Firmwares { get; } = Environment.GetEnvironmentVariable("LINUXP2V_E2E_FIRMWARE") switch
    {
        null or "" or "uefi" => [LabFirmware.Uefi],
        "bios" => [LabFirmware.Bios],
        "both" => [LabFirmware.Bios, LabFirmware.Uefi],
        var other => throw new InvalidOperationException($"LINUXP2V_E2E_FIRMWARE is bios, uefi or both, not '{other}'."),
    };

    [Theory]
    [MemberData(nameof(Firmwares))]
    public async Task A_running_machine_becomes_a_VM_that_boots_and_equals_it(LabFirmware firmware)
    {
        var folder = await FreshFolder.MakeAsync($"e2e-whole-{SourceImage.Name(firmware)}");
        try
        {
            var image = await SourceImage.GetAsync(firmware, output.WriteLine, CancellationToken.None);
            var source = await SourceMachine.StartAsync(image, Path.Combine(folder, "source"), CancellationToken.None);
            await source.WaitForSshAsync(CancellationToken.None);
            var before = await MachineDescription.ReadAsync(source.Root, CancellationToken.None);

            var conversion = await new ScriptConversion(folder, output.WriteLine).RunAsync(source, "copy", CancellationToken.None);

            // The source was only read.
            var after = await MachineDescription.ReadAsync(source.Root, CancellationToken.None);
            Assert.Equal(before.Facts, after.Facts);
            Assert.Equal(ConversionState.Completed, conversion.State);
            Assert.All(conversion.Volumes, volume => Assert.True(volume.IsComplete, volume.VolumeId));

            await source.StopAsync();
            var proof = await CopyProof.RunAsync(
                conversion.Location!, image.KeyFile, before, Path.Combine(folder, "proof"), CancellationToken.None);
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
}
