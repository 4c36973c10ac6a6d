using System.Globalization;
using LinuxP2V.Agent.Tests.Copy;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Agent.Tests.Sync;

/// <summary>Copy, passes and comparison on what only a guest's kernel has: FAT, bad lines, a clock that can be set.</summary>
[Trait("Run", "Guest")]
public sealed class KernelTests
{
    private const string Names = "{a,é,'with space','UPPER','long name of more than eight.three'}";

    [RootFact("vfat", "mkfs.vfat")]
    public async Task FAT_whose_times_have_every_second_one_is_copied_and_kept_up_to_date()
    {
        using var pair = new SyncPair(makeVolume: () => new LoopVolume(64, "mkfs.vfat", FileSystemKind.Vfat, "utf8"));
        pair.Do($"mkdir -p EFI/debian; for f in {Names}; do echo 1 > \"EFI/$f\"; done; touch -d '2001-02-03 04:05:07' EFI/a");
        pair.Do("touch -d '1980-01-01 00:00:01' EFI/first; touch -d '2107-12-31 23:59:59' EFI/last; head -c 3000000 /dev/urandom > big");
        SyncPair.Settle();
        await pair.CopyAsync();
        Assert.Equal(Contents(pair.From), Contents(pair.To));
        Assert.Equal(0, (await pair.VerifyAsync()).Counts.Wrong);

        // In the same two seconds as the list, of the same size: by times alone nothing changed.
        pair.Do("echo 2 > EFI/a; rm EFI/UPPER; mv big EFI/Big; mkdir new; echo 3 > new/inside; echo 4 >> EFI/é");
        await pair.SyncAsync();
        Assert.Equal(Contents(pair.From), Contents(pair.To));
        pair.Do("echo 5 > EFI/a");
        await pair.SyncAsync();
        Assert.Equal(Contents(pair.From), Contents(pair.To));
        Assert.Equal(0, (await pair.VerifyAsync()).Counts.Wrong);

        // The kernel makes up inode numbers anew whenever it reads a folder again.
        Shell.Run("sync; echo 3 > /proc/sys/vm/drop_caches");
        var pass = await pair.SyncAsync();
        Assert.Equal((0, 0), (pass.Counts.Created, pass.Counts.Deleted));
        Assert.Equal(Contents(pair.From), Contents(pair.To));
    }

    [RootFact("guest", "tc")]
    public async Task A_line_that_is_late_and_loses_packets_brings_all_the_same()
    {
        using var network = new TestNetwork();
        network.Disturb(200, 1);
        using var pair = new SyncPair(network: network);
        pair.Do("mkdir d; for i in $(seq 1 300); do head -c $((i * 40)) /dev/urandom > d/f$i; done; head -c 6000000 /dev/urandom > big");
        SyncPair.Settle();
        await pair.CopyAsync();
        pair.AssertEqual();

        pair.Do("rm d/f1; mv d/f2 d/g; echo more >> d/f3; head -c 2000000 /dev/urandom >> big; chmod 600 d/f4");
        await pair.SyncAsync();
        pair.AssertEqual();
        Assert.Equal(0, (await pair.VerifyAsync()).Counts.Wrong);
    }

    [RootFact("guest")]
    public async Task A_clock_that_jumps_between_list_and_change_hides_nothing()
    {
        foreach (var seconds in new[] { -86400, -3, 86400 })
        {
            using var pair = new SyncPair();
            pair.Do("mkdir d; echo 1 > d/same-size; echo 1 > d/grows; echo 1 > d/goes; echo 1 > d/moves; echo 1 > d/rights");
            await pair.CopyAsync();
            MoveClock(seconds);
            try
            {
                pair.Do("echo 2 > d/same-size; echo 22 >> d/grows; rm d/goes; mv d/moves d/moved; chmod 600 d/rights; echo 3 > d/new");
                await pair.SyncAsync();
                pair.AssertEqual();

                pair.Do("echo 4 > d/same-size; touch -r d/grows d/same-size");
                await pair.SyncAsync();
                pair.AssertEqual();
                Assert.Equal(0, (await pair.VerifyAsync()).Counts.Wrong);
            }
            finally
            {
                MoveClock(-seconds);
            }
        }
    }

    /// <summary>Of the guest, which is both the source and the helper.</summary>
    private static void MoveClock(int seconds) =>
        Shell.Run(string.Create(CultureInfo.InvariantCulture, $"date -s @$(($(date +%s) + {seconds})) >/dev/null"));

    /// <summary>FAT has no owners, modes and links to compare.</summary>
    private static string Contents(LoopVolume volume) =>
        Shell.Run(
            "find . -type d | sort; find . -type f -printf '%s %t %p\\n' | sort; find . -type f -exec md5sum {} + | sort",
            volume.MountPoint
        );
}
