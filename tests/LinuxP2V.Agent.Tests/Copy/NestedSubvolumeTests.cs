using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>A subvolume without a mount of its own is a volume of the layout, and a folder on the source.</summary>
public sealed class NestedSubvolumeTests : CopyTestBase
{
    [RootFact("mkfs.btrfs")]
    public async Task A_nested_subvolume_is_copied_by_itself_and_a_plain_folder_is_not_taken_for_one()
    {
        using var btrfs = new LoopVolume(200, "mkfs.btrfs -q -f", FileSystemKind.Btrfs);
        Shell.Run("btrfs subvolume create nested >/dev/null; echo in > nested/inside; echo out > outside; mkdir plain", btrfs.MountPoint);
        var above = btrfs.Describe();
        var nested = above with
        {
            Id = btrfs.MountPoint + "/nested",
            MountPoint = btrfs.MountPoint + "/nested",
            Subvolume = new TargetSubvolume("nested") { IsNested = true },
        };

        await CopyAsync(new FileVolumeCopier(), above);
        Assert.Equal("./outside\n", Shell.Run("find . -type f", To.MountPoint));

        await CopyAsync(new FileVolumeCopier(), nested, To.MountPoint + "/nested");
        Assert.Equal("in\n", File.ReadAllText(To.MountPoint + "/nested/inside"));

        var error = await Assert.ThrowsAsync<AgentException>(() =>
            CopyAsync(new FileVolumeCopier(), nested with { MountPoint = btrfs.MountPoint + "/plain" }, To.MountPoint + "/plain")
        );
        Assert.Equal(ErrorIds.VolumeNotFound, error.Error.Id);
    }
}
