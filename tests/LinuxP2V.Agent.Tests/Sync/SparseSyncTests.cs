using static LinuxP2V.Agent.Tests.Sync.SyncPair;

namespace LinuxP2V.Agent.Tests.Sync;

public sealed class SparseSyncTests
{
    [Fact]
    public async Task A_file_of_holes_whose_ctime_alone_moved_is_hashed_by_its_data()
    {
        using var pair = new SyncPair();
        pair.Do("truncate -s 1T lastlog; printf data | dd of=lastlog bs=1 seek=500000000000 conv=notrunc status=none; sync -f .");
        Settle();
        await pair.CopyAsync();
        pair.Do("chmod 640 lastlog");
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var pass = await pair.SyncAsync();

        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"it took {clock.Elapsed}");
        Assert.Equal((0, 0, 1, 0, 0), Counts(pass));
        Assert.Equal(0, pass.Counts.Bytes);
        const string Facts = "stat -c '%a %s %y' lastlog; dd if=lastlog bs=4 skip=125000000000 count=1 status=none";
        Assert.Equal(Shell.Run(Facts, pair.From.MountPoint), Shell.Run(Facts, pair.To.MountPoint));
    }
}
