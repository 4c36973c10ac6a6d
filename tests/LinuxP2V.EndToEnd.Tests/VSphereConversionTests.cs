using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>
/// The main job through vSphere, by the example scripts, whose process is killed in every state that lasts long enough to
/// be met: a running machine becomes a VM of a vCenter that boots and equals it. One conversion for both, since each takes
/// minutes.
/// </summary>
[Trait("Area", "vSphere")]
[Trait("Run", "Full")]
public sealed class VSphereConversionTests(ITestOutputHelper output)
{
    private const long SomeBytes = 20 << 20;

    private static readonly ConversionState[] States =
    [
        ConversionState.DeployingHelper,
        ConversionState.Preparing,
        ConversionState.Copying,
        ConversionState.Reconfiguring,
        ConversionState.Finishing,
    ];

    [Fact]
    public async Task A_running_machine_becomes_a_VM_of_a_vCenter_though_the_engine_is_killed_in_every_state()
    {
        var folder = await FreshFolder.MakeAsync("e2e-vsphere");
        await using var vsphere = await VSphereDemo.StartAsync(folder, output.WriteLine, CancellationToken.None);
        try
        {
            var image = await TestSource.GetAsync(SourceImage.Bios, output.WriteLine);
            var source = await SourceMachine.StartAsync(image, Path.Combine(folder, "source"), CancellationToken.None, vsphere.SourceHost);
            await source.WaitForSshAsync(CancellationToken.None);
            var before = await MachineDescription.ReadAsync(source.Root, CancellationToken.None);

            foreach (var state in States)
            {
                await KillInAsync(
                    vsphere.Script,
                    state,
                    token =>
                        vsphere.Script.Newest() is null
                            ? vsphere.ConvertAsync(source, "copy", token)
                            : vsphere.Script.ResumeOnVSphereAsync(source, vsphere.Lab, token)
                );
            }

            var conversion = await vsphere.Script.ResumeOnVSphereAsync(source, vsphere.Lab, CancellationToken.None);

            // Neither the vCenter's files nor the VM's settings on disk hold the login of the source.
            var key = Canary.Key(
                "the key",
                await File.ReadAllLinesAsync(image.KeyFile),
                await File.ReadAllTextAsync(image.KeyFile + ".pub")
            );
            Assert.Empty(SecretSearch.Files(folder, [key]));

            // The source was only read.
            var after = await MachineDescription.ReadAsync(source.Root, CancellationToken.None);
            Assert.Equal(before.Facts, after.Facts);
            Assert.Equal(ConversionState.Completed, conversion.State);
            Assert.All(conversion.Volumes, volume => Assert.True(volume.IsComplete, volume.VolumeId));

            // The root volume, on LVM, came by the used blocks of a snapshot, which is gone again.
            Assert.Contains(
                "/ is copied by its used blocks",
                await File.ReadAllTextAsync(vsphere.Script.LogOf(conversion)),
                StringComparison.Ordinal
            );
            var volumes = (await source.Root.RunAsync("lvs --noheadings -o lv_name", CancellationToken.None)).OrThrow(
                "The source's volumes were not listed"
            );
            Assert.DoesNotContain("linuxp2v", volumes.Output, StringComparison.OrdinalIgnoreCase);

            // Nothing was begun anew: each engine found the VM and the operation of the one before it.
            Assert.Equal(1, conversion.Attempt);
            var lab = await vsphere.Lab.Control.StateAsync();
            Assert.Single(lab.Vms, vm => vm.Name.StartsWith("copy", StringComparison.Ordinal));

            await source.StopAsync();
            var proof = await vsphere.ProveAsync(conversion, image, before, CancellationToken.None);
            foreach (var line in proof.Table())
            {
                output.WriteLine(line);
            }

            Assert.True(proof.IsProven, proof.Reason());

            // The lab holds every request against vSphere's schema.
            Assert.Empty((await vsphere.Lab.Control.StateAsync()).Refused);
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
            if (
                script.Newest() is { } conversion
                && conversion.State == state
                && (state != ConversionState.Copying || conversion.Volumes.Sum(v => v.BytesDone) >= SomeBytes)
            )
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
