using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>The main job without a failure, by the example script in PowerShell: the BIOS machine becomes a VM that boots.</summary>
[Trait("Area", "Conversions")]
[Collection(SourceTestGroup.Name)]
public sealed class WholeConversionTests(SourceFixture lab, ITestOutputHelper output)
{
    [Fact]
    public async Task A_running_machine_becomes_a_VM_that_boots_and_equals_it()
    {
        var folder = Directory.CreateDirectory(Path.Combine(lab.Folder, "whole")).FullName;
        try
        {
            var before = await MachineDescription.ReadAsync(lab.Source.Root, CancellationToken.None);
            var script = new ScriptConversion(folder, output.WriteLine);

            var conversion = await script.RunAsync(lab.Source, "whole", verify: false, CancellationToken.None);

            Assert.Equal(ConversionState.Completed, conversion.State);
            Assert.All(conversion.Volumes, volume => Assert.True(volume.IsComplete, volume.VolumeId));
            // The source was only read.
            Assert.Equal(before.Facts, (await MachineDescription.ReadAsync(lab.Source.Root, CancellationToken.None)).Facts);
            var proof = await CopyProof.RunAsync(
                conversion.Location!,
                lab.Source.KeyFile,
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
}
