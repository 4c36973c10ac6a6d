using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>
/// Machines whose storage the copy has in another way, or in a way that is easily lost, each in a whole conversion by the
/// example script. The copy boots alone, equals its source, and holds nothing that it does not have.
/// </summary>
[Trait("Area", "Machines")]
[Trait("Run", "Full")]
public sealed class MachineConversionTests(ITestOutputHelper output)
{
    /// <summary>The comparison holds the subvolumes, the default one, their mounts, and what is in the nested ones.</summary>
    [Fact]
    public Task Subvolumes_of_btrfs_become_the_same_subvolumes() =>
        ConvertAsync(
            "btrfs",
            async copy =>
            {
                var devices = await OnCopyAsync(copy, "btrfs filesystem show / | grep -c devid");
                Assert.Equal("1", devices);
                // Mounted without a name, it is the default subvolume: what a rescue system and GRUB's tools see.
                var system = await OnCopyAsync(
                    copy,
                    "mkdir /run/top && mount UUID=$(findmnt -no UUID /) /run/top && cat /run/top/etc/hostname"
                );
                Assert.Equal("web01", system);
            }
        );

    [Fact]
    public Task Mirrored_disks_become_plain_ones() =>
        ConvertAsync(
            "md",
            async copy =>
            {
                Assert.Equal("", await OnCopyAsync(copy, "lsblk -rno NAME,TYPE | grep raid; blkid | grep linux_raid_member"));
                Assert.Equal("", await OnCopyAsync(copy, "grep -i '^ *array' /etc/mdadm/mdadm.conf"));
                // The initramfs brings its own copy of the file.
                Assert.Equal(
                    "",
                    await OnCopyAsync(
                        copy,
                        "cd $(mktemp -d) && unmkinitramfs /boot/initrd.img-$(uname -r) . && "
                            + "find . -name mdadm.conf | xargs -r grep -il '^ *array'"
                    )
                );
                Assert.Equal("", await OnCopyAsync(copy, "grep '^[^#].*/dev/md' /etc/fstab"));
                // GRUB's menu may still name the array as a place to begin its search at: what it starts is what counts.
                Assert.Equal("", await OnCopyAsync(copy, "grep -E 'md/|/dev/md' /proc/cmdline"));
                // Nothing was waited for in vain.
                Assert.Equal(
                    "",
                    await OnCopyAsync(copy, "journalctl -b -q -o cat | grep -E 'Timed out waiting|Dependency failed|Gave up waiting'")
                );
            }
        );

    /// <param name="machine">The name of its recipe.</param>
    /// <param name="check">What else has to hold in the copy that runs.</param>
    private async Task ConvertAsync(string machine, Func<SshLogin, Task> check)
    {
        var folder = await FreshFolder.MakeAsync($"e2e-{machine}");
        try
        {
            var image = await TestSource.GetAsync(machine, output.WriteLine);
            var source = await SourceMachine.StartAsync(image, Path.Combine(folder, "source"), CancellationToken.None);
            await source.WaitForSshAsync(CancellationToken.None);
            var before = await MachineDescription.ReadAsync(source.Root, CancellationToken.None);
            // A source that is not well itself would prove nothing.
            Assert.Equal(("running", ""), (before["system"], before["failed-units"]));

            var conversion = await new ScriptConversion(folder, output.WriteLine).RunAsync(
                source,
                machine,
                verify: true,
                CancellationToken.None
            );

            Assert.Equal(ConversionState.Completed, conversion.State);
            Assert.All(conversion.Volumes, volume => Assert.True(volume.IsComplete, volume.VolumeId));
            await source.StopAsync();
            await JudgeAsync(conversion, image, before, Path.Combine(folder, "proof"), check);
        }
        finally
        {
            await QemuMachine.KillAllBelowAsync(folder);
        }
    }

    private async Task JudgeAsync(
        Conversion conversion,
        SourceImage image,
        MachineDescription source,
        string folder,
        Func<SshLogin, Task> check
    )
    {
        var copy = await ConvertedMachine.StartAsync(conversion.Location!, image.KeyFile, folder, CancellationToken.None);
        try
        {
            var boot = await copy.WaitForSshAsync(CancellationToken.None);
            var proof = await CopyProof.JudgeAsync(copy.Root, boot, source, CancellationToken.None);
            foreach (var line in proof.Table())
            {
                output.WriteLine(line);
            }

            Assert.True(proof.IsProven, proof.Reason());
            await check(copy.Root);
        }
        finally
        {
            await copy.StopAsync();
        }
    }

    /// <summary>What a command in the copy prints; one that finds nothing, as grep, fails and prints nothing.</summary>
    private static async Task<string> OnCopyAsync(SshLogin copy, string command)
    {
        var result = await copy.RunAsync(command, CancellationToken.None);
        Assert.Equal("", result.Error);
        return result.Output.Trim();
    }
}
