using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Copy.Flags;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Agent.Tests.Sync;
using LinuxP2V.Protocol.Layout;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy.Flags;

/// <summary>Flags of chattr and projects of quotas, through copy, pass and comparison, on real file systems.</summary>
public sealed class FlagTests
{
    [RootFact("mkfs.xfs")]
    public Task Projects_of_XFS_are_carried_synchronised_and_compared() => CarryProjectsAsync("mkfs.xfs -q -f", FileSystemKind.Xfs);

    [RootFact("quota", "mkfs.xfs")]
    [Trait("Run", "Guest")]
    public Task Projects_of_XFS_with_quotas_are_carried_synchronised_and_compared() =>
        CarryProjectsAsync("mkfs.xfs -q -f", FileSystemKind.Xfs, "prjquota");

    [RootFact("quota")]
    [Trait("Run", "Guest")]
    public Task Projects_of_ext4_are_carried_synchronised_and_compared() =>
        CarryProjectsAsync("mkfs.ext4 -q -F -I 256 -O quota,project", FileSystemKind.Ext4);

    private static async Task CarryProjectsAsync(string make, FileSystemKind kind, string options = "defaults")
    {
        using var pair = new SyncPair(makeVolume: () => new LoopVolume(320, make, kind, options));
        pair.Do(
            """
            mkdir tree tree/sub; chattr +P -p 4711 tree; echo 1 > tree/inherits; echo 2 > alone; chattr -p 42 alone
            echo 3 > 'new
            line'; chattr -p 43 'new
            line'; echo 4 > frozen; chattr -p 44 frozen; chattr +i frozen; echo 5 > plain
            """
        );
        SyncPair.Settle();
        await pair.CopyAsync();

        Assert.Equal(Projects(pair.From), Projects(pair.To));
        Assert.Contains(" 4711 ", Projects(pair.To), StringComparison.Ordinal);
        pair.AssertEqual();

        pair.Do("chattr -p 0 alone; chattr -i frozen; chattr -p 45 frozen; echo 6 > tree/later; chattr -p 46 plain; chattr -P tree");
        SyncPair.Settle();
        await pair.SyncAsync();
        Assert.Equal(Projects(pair.From), Projects(pair.To));
        pair.AssertEqual();
        Assert.Equal(0, (await pair.VerifyAsync()).Counts.Wrong);

        Shell.Run("chattr -p 99 plain; chattr +d frozen", pair.To.MountPoint);
        Assert.Equal(2, (await pair.VerifyAsync()).Counts.Wrong);
        var differences = pair.Events.Of<DifferenceEvent>().OrderBy(e => e.Path, StringComparer.Ordinal).ToList();
        Assert.All(differences, e => Assert.Equal(DifferenceKind.Flags, e.Kind));
        Assert.Equal(("project 45", "d, project 45"), (differences[0].OnSource, differences[0].InCopy));
        Assert.Equal(("project 46", "project 99"), (differences[1].OnSource, differences[1].InCopy));
    }

    [RootFact("mkfs.btrfs")]
    public async Task Files_that_btrfs_writes_in_place_are_so_in_the_copy()
    {
        using var pair = new SyncPair(makeVolume: Btrfs);
        // By its folder, by itself, by itself and large, without it in such a folder, with two names.
        pair.Do(
            """
            mkdir journal journal/sub plain; chattr +C journal; head -c 9000 /dev/urandom > journal/a; echo x > journal/sub/b
            touch plain/small plain/large plain/one swap; chattr +C plain/small plain/large plain/one swap; : > plain/cow
            head -c 5000 /dev/urandom > plain/small; head -c 6000000 /dev/urandom > plain/large; head -c 3000000 /dev/zero > swap
            truncate -s 20M plain/large; printf end >> plain/large; setfattr -n user.a -v 1 plain/small; chown 5:6 plain/small
            mv plain/cow journal/cow; echo cow > journal/cow; mkdir journal/cowdir; chattr -C journal/cowdir; echo y > journal/cowdir/y
            echo out > plain/out; mv plain/out journal/out; touch -d 2001-02-03 plain journal plain/small swap
            ln plain/one plain/two; echo twice > plain/one; chattr +i plain/small
            """
        );
        SyncPair.Settle();
        await pair.CopyAsync(new FileVolumeCopier(new TransferSettings { RangedFrom = 2 << 20, RangeBytes = 1 << 20 }));

        Assert.Equal(NoCow(pair.From, except: "plain/one plain/two"), NoCow(pair.To, except: "plain/one plain/two"));
        Assert.Contains("plain/large\n", NoCow(pair.To), StringComparison.Ordinal);
        Assert.Contains("plain/small\n", NoCow(pair.To), StringComparison.Ordinal);
        Assert.DoesNotContain("journal/out\n", NoCow(pair.To), StringComparison.Ordinal);
        Assert.Equal(pair.From.Fingerprint(attributes: false), pair.To.Fingerprint(attributes: false));
        Assert.Contains(pair.Events.Of<LogEvent>(), e => e.Message.Contains("/plain/one (it has several names)", StringComparison.Ordinal));

        pair.Do(
            "rm plain/one plain/two; head -c 4000 /dev/urandom > journal/new; touch plain/late; chattr +C plain/late; "
                + "echo late > plain/late; head -c 7000 /dev/urandom > journal/a; "
                + "mkdir fresh; chattr +C fresh; echo f > fresh/f; chattr -C plain; echo c > plain/cow2"
        );
        await pair.SyncAsync();
        pair.AssertEqual();
        Assert.Equal(NoCow(pair.From), NoCow(pair.To));
        // btrfs sets it by itself on what it cannot compress.
        Shell.Run("chattr +m plain/cow2", pair.To.MountPoint);
        Assert.Equal(0, (await pair.VerifyAsync()).Counts.Wrong);
    }

    /// <summary>As lsattr of several versions prints them.</summary>
    [Theory]
    [InlineData("--------------e-------", "", 0)]
    [InlineData("    0 ----ia--------e-------", "ia", 0)]
    [InlineData(" 4711 ----------------------P", "P", 4711)]
    [InlineData("4294967295 ---", "", 4294967295)]
    [InlineData("---------------C------", "C", 0)]
    [InlineData("", "", 0)]
    [InlineData("99999999999 --i", "i", 0)]
    public void Lines_of_lsattr_are_understood(string text, string letters, uint project) =>
        Assert.Equal(new FlagSet(letters, project), FlagSet.Parse(text));

    private static LoopVolume Btrfs() => new(300, "mkfs.btrfs -q -f", FileSystemKind.Btrfs);

    private static string Projects(LoopVolume volume) =>
        Shell.Run(
            "find . -xdev ! -path './lost+found*' \\( -type f -o -type d \\) -print0 | sort -z | xargs -0 lsattr -pd | tr -d 'eI'",
            volume.MountPoint
        );

    private static string NoCow(LoopVolume volume, string except = "-") =>
        Shell.Run(
            "find . \\( -type f -o -type d \\) | sort | while read -r f; do lsattr -d \"$f\"; done | sed -n 's/^[^ ]*C[^ ]* //p' | "
                + $"grep -vxF \"$(printf './%s\\n' {except})\"",
            volume.MountPoint
        );
}
