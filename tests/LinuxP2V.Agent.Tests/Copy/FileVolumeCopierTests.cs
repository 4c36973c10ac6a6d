using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Volumes;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>Everything again in small shards, and what shards bring with them.</summary>
public sealed class FileVolumeCopierTests : VolumeCopierTests
{
    private static readonly TransferSettings Small = new()
    {
        ShardBytes = 200_000,
        ShardFiles = 3,
        RangedFrom = 30_000_000,
        RangeBytes = 8 << 20,
        NoteInterval = TimeSpan.FromMilliseconds(100),
    };

    [Fact]
    public async Task A_connection_that_breaks_comes_back_and_the_copy_completes()
    {
        Shell.Run("head -c 50000000 /dev/urandom > big; for i in $(seq 1 50); do echo $i > f$i; done", From.MountPoint);
        var cuts = 0;
        await using var source = new CutSource(
            await ConnectAsync(),
            5_000_000,
            () =>
            {
                cuts++;
                Server.Stop();
                Server.Start();
            }
        );

        await CopyAsync(source, From.Describe(), To.MountPoint, default);

        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        Assert.Equal(1, cuts);
    }

    private protected override IVolumeCopier CreateCopier() => new VolumeCopier(new FileVolumeCopier(Small));
}
