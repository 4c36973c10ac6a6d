using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>The main job through vSphere, by the example script: a running machine becomes a VM of a vCenter that boots and equals it.</summary>
public sealed class VSphereConversionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_running_machine_becomes_a_VM_of_a_vCenter_that_boots_and_equals_it()
    {
        var folder = await FreshFolder.MakeAsync("e2e-vsphere");
        await using var vsphere = await VSphereDemo.StartAsync(folder, output.WriteLine, CancellationToken.None);
        try
        {
            var image = await TestSource.GetAsync(LabFirmware.Bios, output.WriteLine);
            var source = await SourceMachine.StartAsync(image, Path.Combine(folder, "source"), CancellationToken.None, vsphere.SourceHost);
            await source.WaitForSshAsync(CancellationToken.None);
            var before = await MachineDescription.ReadAsync(source.Root, CancellationToken.None);

            var conversion = await vsphere.ConvertAsync(source, "copy", CancellationToken.None);

            // The source was only read.
            var after = await MachineDescription.ReadAsync(source.Root, CancellationToken.None);
            Assert.Equal(before.Facts, after.Facts);
            Assert.Equal(ConversionState.Completed, conversion.State);
            Assert.All(conversion.Volumes, volume => Assert.True(volume.IsComplete, volume.VolumeId));

            await source.StopAsync();
            var proof = await vsphere.ProveAsync(conversion, image, before, CancellationToken.None);
            foreach (var line in proof.Table())
            {
                output.WriteLine(line);
            }

            Assert.True(proof.IsProven, proof.Reason());

            // The lab holds every request against vSphere's schema.
            var state = await vsphere.Lab.Control.StateAsync();
            Assert.Empty(state.Refused);
        }
        finally
        {
            await QemuMachine.KillAllBelowAsync(folder);
        }
    }
}
