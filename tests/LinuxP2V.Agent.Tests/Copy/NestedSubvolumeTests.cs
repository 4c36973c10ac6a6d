using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Agent.Verify;
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

    [RootFact("mkfs.btrfs")]
    public async Task A_subvolume_that_nobody_knew_of_is_named_as_not_copied_and_not_compared()
    {
        using var btrfs = new LoopVolume(200, "mkfs.btrfs -q -f", FileSystemKind.Btrfs);
        Shell.Run(
            "mkdir var; for v in known var/new; do btrfs subvolume create $v; echo in > $v/inside; done >/dev/null; mkdir plain",
            btrfs.MountPoint
        );
        await using var source = await ConnectAsync();
        var work = await WorkAsync(source, btrfs.Describe(), To.MountPoint);
        work = work with { OtherMountPoints = new HashSet<string> { btrfs.MountPoint + "/known" } };
        await using var streams = work.Streams;

        await new FileVolumeCopier().CopyAsync(work, default);
        var verified = await new VolumeVerifier().VerifyAsync(work, 100, default);

        var said = Assert.Single(Events.Of<LogEvent>(), e => e.Message.StartsWith("Not copied: ", StringComparison.Ordinal));
        Assert.Contains($"These btrfs subvolumes lie inside {btrfs.MountPoint}", said.Message, StringComparison.Ordinal);
        Assert.Contains("/var/new.", said.Message, StringComparison.Ordinal);
        Assert.Contains(verified.NotCompared, sentence => sentence.Contains("/var/new.", StringComparison.Ordinal));
        Assert.Equal(0, verified.Counts.Wrong);
    }

    [RootFact("mkfs.btrfs")]
    public async Task Subvolumes_that_were_made_in_an_empty_copy_are_no_remains_of_a_broken_one()
    {
        using var copy = await EmptyCopyAsync("btrfs subvolume create var/lib/machines; btrfs subvolume create var/lib/machines/web");

        Assert.DoesNotContain(Events.Of<LogEvent>(), said => said.Message.Contains("broke off", StringComparison.Ordinal));
        Assert.True(Directory.Exists(copy.MountPoint + "/var/lib/machines/web"));
    }

    [RootFact("mkfs.btrfs")]
    public async Task What_a_broken_copy_left_goes_and_subvolumes_in_it_stay_as_they_are()
    {
        using var copy = await EmptyCopyAsync(
            "btrfs subvolume create var/lib/machines; btrfs subvolume create var/empty; echo x > var/lib/machines/kept;"
                + "chattr +i var/lib/machines/kept; mkdir -p var/gone/deep; echo x > var/lib/gone; chattr +i var/lib/gone"
        );

        Assert.Equal("./var/lib/machines/kept\n", Shell.Run("find . -type f", copy.MountPoint));
        Assert.Equal(
            "./var\n./var/empty\n./var/lib\n./var/lib/machines\n",
            Shell.Run("find . -mindepth 1 -type d | sort", copy.MountPoint)
        );
        Assert.Contains(
            "i",
            Shell.Run("lsattr var/lib/machines/kept | cut -d ' ' -f 1; chattr -i var/lib/machines/kept", copy.MountPoint),
            StringComparison.Ordinal
        );
    }

    private async Task<LoopVolume> EmptyCopyAsync(string content)
    {
        var copy = new LoopVolume(200, "mkfs.btrfs -q -f", FileSystemKind.Btrfs);
        Shell.Run($"mkdir -p var/lib; {{ {content}; }} >/dev/null", copy.MountPoint);
        await TargetVolumeFolder.EmptyAsync(copy.Describe(), copy.MountPoint, Events, default);
        return copy;
    }
}
