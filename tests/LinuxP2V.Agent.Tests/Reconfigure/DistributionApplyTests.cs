using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Apply;
using LinuxP2V.Agent.Reconfigure.Check;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Guest;
using LinuxP2V.Protocol.Findings;
using LinuxP2V.Tests.Shared.Distributions;

namespace LinuxP2V.Agent.Tests.Reconfigure;

/// <summary>
/// The plans of what installers write, carried out with stand-ins for the distributions' tools: they take the options that
/// their documentation lists. What comes out is judged as a copy is.
/// </summary>
[Trait("Run", "Full")]
public sealed class DistributionApplyTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("p2v-tree-").FullName;
    private readonly LoopDisks disks = new(1 << 20);

    public DistributionApplyTests() => LoopDisks.Run("mount", "--bind", "-o", "nodev", root, root);

    public void Dispose()
    {
        Mounts.UnmountTreeAsync(root, CancellationToken.None).GetAwaiter().GetResult();
        Directory.Delete(root, recursive: true);
        disks.Dispose();
    }

    [RootFact("busybox")]
    public async Task Every_plan_is_carried_out_and_its_result_boots()
    {
        var faults = new List<string>();
        foreach (var tree in DistributionTree.Names.Select(DistributionTree.Read).Where(tree => !tree.IsRefused))
            faults.AddRange((await FaultsAsync(tree)).Select(fault => $"{tree.Name}: {fault}"));

        Assert.Empty(faults);
    }

    /// <summary>grub2-mkconfig of Fedora would write the words of /etc/default/grub into each entry.</summary>
    [RootFact("busybox")]
    public async Task What_an_entry_was_given_by_grubby_outlives_a_new_menu()
    {
        await ApplyAsync(DistributionTree.Read("fedora-43-upgraded"), _ => { });
        var entry = await File.ReadAllTextAsync($"{root}/boot/loader/entries/4e1f-6.17.1-300.fc43.x86_64.conf");
        Assert.Contains("rhgb quiet mitigations=off $tuned_params\n", entry, StringComparison.Ordinal);
        Assert.DoesNotContain("resume=", entry, StringComparison.Ordinal);
        var menu = await File.ReadAllTextAsync($"{root}/boot/efi/EFI/fedora/grub.cfg");
        Assert.Equal(await File.ReadAllTextAsync($"{root}/stand-in/grub.cfg"), menu);
    }

    [RootFact("busybox")]
    public async Task The_first_failure_of_update_initramfs_is_the_one_that_is_told()
    {
        var failure = await Assert.ThrowsAsync<AgentException>(() =>
            ApplyAsync(
                DistributionTree.Read("ubuntu-24.04"),
                folder =>
                {
                    var program = $"{folder}/usr/sbin/update-initramfs";
                    var script = File.ReadAllText(program);
                    File.WriteAllText(
                        program,
                        script.Replace("make_image \"/boot", "fail 'No space left on device'\nmake_image \"/boot", StringComparison.Ordinal)
                    );
                }
            )
        );
        Assert.Contains("No space left on device", failure.Error.Detail, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> FaultsAsync(DistributionTree tree)
    {
        ReconfigureContext context;
        try
        {
            context = await ApplyAsync(tree, _ => { });
        }
        catch (AgentException failure)
        {
            return [$"{failure.Error.Cause} {failure.Error.Detail}"];
        }

        var calls = ReadCalls() + string.Concat(context.Warnings.Select(warning => $"warning: {warning}\n"));
        var findings = await ResultCheck.RunAsync(context, null, CancellationToken.None);
        return
        [
            .. tree.Expected("calls", calls) == calls ? [] : (string[])[$"the calls differ:\n{calls}"],
            .. findings.Where(finding => finding.Severity == FindingSeverity.Error).Select(finding => finding.What),
        ];
    }

    private async Task<ReconfigureContext> ApplyAsync(DistributionTree tree, Action<string> spoil)
    {
        await ClearAsync();
        tree.WriteTo(root, StandIn.Script);
        PrepareShell();
        spoil(root);
        // What grub-install would put there.
        await File.WriteAllTextAsync(disks[0], "GRUB".PadRight(512));
        var target = new MountedTarget
        {
            Layout = tree.Layout,
            VolumePaths = tree
                .Layout.Volumes.Where(volume => volume.MountPoint is not null)
                .ToDictionary(volume => volume.Id, volume => root + volume.MountPoint),
            VolumeDevices = new Dictionary<string, string>(),
            DiskDevices = new Dictionary<int, string> { [0] = disks[0] },
            Journal = new NoJournal(),
        };
        var context = new ReconfigureContext(
            target,
            tree.Target with
            {
                DiskDevices = target.DiskDevices,
            },
            new CopyRoot(root),
            new RecordingSink()
        );
        var plan = GuestPlanner.Plan(context.Files.Tree.Store, context.Guest);
        await Appliers.ApplyAsync(plan, context, CancellationToken.None);
        return context;
    }

    /// <summary>Folders of an assembled copy, and a shell for the stand-ins.</summary>
    private void PrepareShell()
    {
        foreach (var folder in (string[])["proc", "dev", "tmp", "usr/bin", "stand-in"])
            Directory.CreateDirectory(Path.Combine(root, folder));

        LoopDisks.Run("mount", "-t", "tmpfs", "-o", "mode=755", "devices", root + "/dev");
        LoopDisks.Run("cp", "-a", "/dev/null", root + "/dev/null");
        LoopDisks.Run("cp", Shared.Busybox, root + StandIn.Shell);
        foreach (var name in (string[])["sh", "cat", "cpio", "find", "mkdir", "mktemp", "rm", "sed"])
            File.CreateSymbolicLink($"{root}/stand-in/{name}", "busybox");

        foreach (var name in (string[])["sh", "env", "sed"])
            File.CreateSymbolicLink($"{root}/usr/bin/{name}", StandIn.Shell);
    }

    private async Task ClearAsync()
    {
        await Mounts.UnmountTreeAsync(root, CancellationToken.None);
        Directory.Delete(root, recursive: true);
        Directory.CreateDirectory(root);
        LoopDisks.Run("mount", "--bind", "-o", "nodev", root, root);
    }

    private string ReadCalls() =>
        File.Exists(root + StandIn.Calls) ? File.ReadAllText(root + StandIn.Calls).Replace(disks[0], "DISK", StringComparison.Ordinal) : "";

    private static class Shared
    {
        public static string Busybox => File.Exists("/usr/bin/busybox") ? "/usr/bin/busybox" : "/bin/busybox";
    }

    private sealed class NoJournal : ITargetJournal
    {
        public bool IsReconfigured => false;

        public bool IsSynchronizing => false;

        public bool IsVolumeComplete(string volumeId) => false;

        public void MarkVolumeComplete(string volumeId, long bytes, long files) { }

        public void MarkReconfiguring() { }

        public void MarkReconfigured() { }

        public bool IsAltered(string volumeId) => false;

        public void MarkSynchronizing() { }

        public void MarkVolumeSynchronized(string volumeId) { }

        public void MarkSynchronized() { }
    }
}
