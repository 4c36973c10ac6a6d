using LinuxP2V.Agent.Tests.Copy;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Protocol.Layout;
using Xunit.Abstractions;

namespace LinuxP2V.Agent.Tests.Sync;

/// <summary>Thousands of random changes over many passes, some of which are broken off. rsync judges each whole one.</summary>
[Trait("Run", "Full")]
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Changes = 2000;
    private const int MostChanges = 40;
    private const double BrokenShare = 0.4;

    [RootFact("rsync")]
    public async Task After_each_whole_pass_rsync_finds_nothing_to_do_on_ext4() => await SoakAsync(1, () => new LoopVolume(200));

    [RootFact("rsync", "mkfs.xfs")]
    public async Task After_each_whole_pass_rsync_finds_nothing_to_do_on_XFS() =>
        await SoakAsync(2, () => new LoopVolume(400, "mkfs.xfs -q -f", FileSystemKind.Xfs));

    [RootFact("rsync", "mkfs.btrfs")]
    public async Task After_each_whole_pass_rsync_finds_nothing_to_do_on_btrfs() =>
        await SoakAsync(3, () => new LoopVolume(400, "mkfs.btrfs -q -f", FileSystemKind.Btrfs));

    private async Task SoakAsync(int seed, Func<LoopVolume> makeVolume)
    {
        var random = new Random(seed);
        using var pair = new SyncPair(makeVolume: makeVolume);
        // The source prunes itself as it likes.
        pair.Options = pair.Options with
        {
            AllowMassDeletion = true,
        };
        RandomChanges.Make(pair, $"{seed}-0", 300);
        await pair.CopyAsync();
        Judge(pair, $"seed {seed}, the copy");
        var (changes, passes, broken) = (0, 0, 0);
        while (changes < Changes)
        {
            var count = random.Next(1, MostChanges + 1);
            RandomChanges.Make(pair, $"{seed}-{changes + 1}", count);
            changes += count;
            for (passes++; random.NextDouble() < BrokenShare; passes++)
                broken += await BreakAsync(pair, random) ? 1 : 0;

            await pair.SyncAsync();
            Judge(pair, $"seed {seed}, {changes} changes, {passes} passes");
        }

        output.WriteLine($"{changes} changes in {passes} passes, {broken} of them broken off");
        Assert.True(broken > 0, "no pass was broken off");
    }

    /// <summary>At any moment; the source changes once more before the next pass.</summary>
    private static async Task<bool> BreakAsync(SyncPair pair, Random random)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(20, 900)));
        try
        {
            await pair.SyncAsync(cancellationToken: limit.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            RandomChanges.Make(pair, $"broken-{random.Next()}", random.Next(0, 5));
            return true;
        }
    }

    private static void Judge(SyncPair pair, string when)
    {
        var difference = Shell.Run(
            $"rsync -aHAXni --numeric-ids --delete --checksum --exclude=/lost+found {pair.From.MountPoint}/ {pair.To.MountPoint}/"
        );
        Assert.True(difference.Length == 0, $"{when}:\n{difference}");
    }
}
