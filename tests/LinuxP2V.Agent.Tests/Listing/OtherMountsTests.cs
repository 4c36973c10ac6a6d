using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Tests.Copy;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Agent.Verify;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Listing;

public sealed class OtherMountsTests : CopyTestBase
{
    private const string Machine = """
        22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        23 22 0:21 / /proc rw - proc proc rw
        24 22 0:22 / /run rw - tmpfs tmpfs rw
        25 22 253:0 / /srv rw - xfs /dev/mapper/vg-srv rw

        """;

    [Theory]
    [InlineData("30 22 8:17 / /data rw - xfs /dev/sdb1 rw", "/data (xfs on /dev/sdb1)")]
    [InlineData(@"30 22 8:17 / /new\040data rw shared:9 master:1 - ext4 /dev/sdb1 rw", "/new data (ext4 on /dev/sdb1)")]
    [InlineData("30 22 0:50 /@data /data rw - btrfs /dev/sdb1 rw,subvol=/@data", "/data (btrfs on /dev/sdb1)")]
    [InlineData("30 22 0:50 / /tank rw - zfs tank rw", "/tank (zfs on tank)")]
    [InlineData("30 22 8:18 / /media/win rw - fuseblk /dev/sdb2 rw", "/media/win (fuseblk on /dev/sdb2)")]
    public void A_file_system_with_data_inside_the_volume_is_named(string mounted, string expected) =>
        Assert.Equal([expected], OtherMounts.Find(Machine + mounted, "/", new HashSet<string> { "/srv" }));

    [Theory]
    [InlineData("30 22 8:1 /home /exports rw - ext4 /dev/sda1 rw")]
    [InlineData("30 22 253:0 / /var/www rw - xfs /dev/mapper/vg-srv rw")]
    [InlineData("30 22 0:60 / /var/lib/lxd/storage-pools/default rw - btrfs /dev/loop5 rw,subvol=/")]
    [InlineData("30 22 7:3 / /snap/core/1 ro - squashfs /dev/loop3 ro")]
    [InlineData("30 22 11:0 / /media/cdrom ro - iso9660 /dev/sr0 ro")]
    [InlineData("30 22 0:50 / /net rw - nfs4 nas:/x rw")]
    [InlineData("30 22 0:51 / /var/lib/docker/overlay2/a/merged rw - overlay overlay rw,lowerdir=/l")]
    [InlineData("30 25 8:17 / /srv/more rw - xfs /dev/sdb1 rw")]
    [InlineData("cut short")]
    [InlineData("")]
    public void What_is_copied_with_another_volume_or_holds_no_data_of_this_machine_is_not_named(string mounted) =>
        Assert.Empty(OtherMounts.Find(Machine + mounted, "/", new HashSet<string> { "/srv" }));

    [Fact]
    public void A_file_system_that_is_mounted_twice_is_named_once_and_any_letters_are_kept() =>
        Assert.Equal(
            ["/srv/Büro (ext4 on /dev/sdb1)"],
            OtherMounts.Find(
                Machine + "30 25 8:17 / /srv/Büro rw - ext4 /dev/sdb1 rw\n31 25 8:17 / /srv/again rw - ext4 /dev/sdb1 rw",
                "/srv",
                new HashSet<string> { "/" }
            )
        );

    [Fact]
    public void A_mount_inside_another_volume_is_named_by_that_volume() =>
        Assert.Equal(
            ["/srv/more (xfs on /dev/sdb1)"],
            OtherMounts.Find(Machine + "30 25 8:17 / /srv/more rw - xfs /dev/sdb1 rw", "/srv", new HashSet<string> { "/" })
        );

    [Fact]
    public void A_subvolume_of_the_same_btrfs_is_named_unless_a_volume_shows_it()
    {
        const string Btrfs = """
            22 1 0:30 /@ / rw - btrfs /dev/sda1 rw,subvol=/@
            23 22 0:30 /@home /home rw - btrfs /dev/sda1 rw,subvol=/@home
            24 22 0:30 /@/var/lib /alias rw - btrfs /dev/sda1 rw,subvol=/@
            25 22 0:30 /@data /data rw - btrfs /dev/sda1 rw,subvol=/@data
            """;

        Assert.Equal(["/data (btrfs on /dev/sda1)"], OtherMounts.Find(Btrfs, "/", new HashSet<string> { "/home" }));
    }

    [Fact]
    public void Names_do_not_reach_a_terminal_raw() =>
        Assert.Equal(
            ["/x\uFFFD[2J (ext4 on /dev/sdb1)"],
            OtherMounts
                .Find(Machine + @"30 22 8:17 / /x\033[2J rw - ext4 /dev/sdb1 rw", "/", new HashSet<string>())
                .Where(name => name.StartsWith("/x", StringComparison.Ordinal))
        );

    [Fact]
    public async Task What_is_mounted_after_the_source_was_read_is_told_by_copy_pass_and_verify()
    {
        using var cat = new FakeTool(
            "cat",
            $"""
            case "$*" in */mountinfo)
              "$real" "$@"
              echo "900 1 8:177 / {From.MountPoint}/data rw - xfs /dev/sdl1 rw"
              exit ;;
            esac
            """
        );
        using var server = new TestSshServer("", cat.Mount);
        await using var source = await ConnectAsync(server);
        var work = await WorkAsync(source, From.Describe(), To.MountPoint);
        await using var streams = work.Streams;

        await new FileVolumeCopier().CopyAsync(work, default);
        var verified = await new VolumeVerifier().VerifyAsync(work, 100, default);

        var expected =
            $"These file systems are mounted inside {From.MountPoint} and do not belong to this conversion: "
            + $"{From.MountPoint}/data (xfs on /dev/sdl1).";
        Assert.Single(Events.Of<LogEvent>(), e => e.Message.StartsWith("Not copied: " + expected, StringComparison.Ordinal));
        Assert.Contains(expected, verified.NotCompared);
    }
}
