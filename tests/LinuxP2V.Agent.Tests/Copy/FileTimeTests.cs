using LinuxP2V.Agent.Copy;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Agent.Tests.Sync.SyncPair;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>Times of years that few clocks show and every file system of today holds.</summary>
public sealed class FileTimeTests : CopyTestBase
{
    private const string Tree = """
        mkdir folder; echo 1 > far; echo 2 > last; echo 3 > old; ln -s x link; echo 4 > usual; ln far other; mkfifo pipe
        head -c 5000000 /dev/urandom > large
        touch -d '2400-01-01 00:00:00.123456789 UTC' far pipe large; touch -d '2446-05-10 22:38:55.999999999 UTC' last
        touch -d '1905-06-07 01:02:03.25 UTC' old; touch -h -d '2263-01-01 00:00:00.5 UTC' link; touch -d '2300-02-28 UTC' folder
        touch -d '1980-01-01 UTC' usual
        """;

    [Fact]
    public async Task Every_time_that_ext4_holds_comes_to_the_nanosecond()
    {
        using var from = new LoopVolume(32, "mkfs.ext4 -q -F -I 256");
        using var to = new LoopVolume(32, "mkfs.ext4 -q -F -I 256");
        Shell.Run(Tree, from.MountPoint);

        await CopyAsync(
            new FileVolumeCopier(new Agent.Copy.Files.TransferSettings { RangedFrom = 4_000_000, RangeBytes = 1 << 20 }),
            from.Describe(),
            to.MountPoint
        );

        const string Times = "stat -c '%n %y' far other last old link usual folder pipe large";
        Assert.Equal(Shell.Run(Times, from.MountPoint), Shell.Run(Times, to.MountPoint));
        Assert.Contains("2446-05-10", Shell.Run(Times, to.MountPoint), StringComparison.Ordinal);
        Assert.Empty(Events.Of<CopyIncidentEvent>());
    }

    [Fact]
    public async Task What_the_copys_file_system_cannot_hold_is_told_with_what_it_has_instead()
    {
        using var from = new LoopVolume(32, "mkfs.ext4 -q -F -I 256");
        using var to = new LoopVolume(32, "mkfs.ext4 -q -F -I 128");
        Shell.Run(Tree, from.MountPoint);

        await CopyAsync(new FileVolumeCopier(), from.Describe(), to.MountPoint);

        var told = Events.Of<CopyIncidentEvent>();
        Assert.All(told, e => Assert.Equal(CopyIncidentKind.NotCarried, e.Kind));
        Assert.Equal(
            ["/far", "/folder", "/large", "/last", "/link", "/other", "/pipe"],
            told.Select(e => e.Path[from.MountPoint.Length..]).Order(StringComparer.Ordinal)
        );
        var far = told.Single(e => e.Path.EndsWith("/far", StringComparison.Ordinal)).Detail!;
        Assert.Contains("2400-01-01T00:00:00.123456789Z", far, StringComparison.Ordinal);
        Assert.Contains("2038-01-19", far, StringComparison.Ordinal);
        Assert.Equal("1905-06-07\n", Shell.Run("date -u -r old +%F", to.MountPoint));
    }

    [Fact]
    public async Task A_change_between_two_times_beyond_64_bits_is_seen()
    {
        using var pair = new Sync.SyncPair();
        pair.Do("mkdir d; echo 1 > d/f; touch -d '2400-01-01 UTC' d/f d");
        Settle();
        await pair.CopyAsync();
        pair.Do("touch -d '2401-01-01 UTC' d/f; touch -d '2402-01-01 UTC' d");

        await pair.SyncAsync();

        pair.AssertEqual();
        Assert.Equal("2401-01-01\n2402-01-01\n", Shell.Run("date -u -r d/f +%F; date -u -r d +%F", pair.To.MountPoint));
    }

    [Fact]
    public async Task Paths_longer_than_any_call_takes_are_each_named_and_the_others_come()
    {
        Shell.Run(
            """
            python3 - <<'EOF'
            import os
            for i in range(20):
                os.mkdir('n' * 250); os.chdir('n' * 250)
                if i == 2: open('short', 'w').write('s')
            open('deep', 'w').write('d')
            EOF
            echo good > good
            """,
            From.MountPoint
        );

        await CopyAsync(new FileVolumeCopier(), From.Describe());

        Assert.Equal("good\n", File.ReadAllText(To.MountPoint + "/good"));
        Assert.Equal("s", Shell.Run("cat n*/n*/n*/short", To.MountPoint));
        Assert.Contains(Events.Of<CopyIncidentEvent>(), e => e.Path.EndsWith("/deep", StringComparison.Ordinal));
        var folders = Events.Of<CopyIncidentEvent>().Where(e => e.Path.EndsWith('n')).Select(e => e.Path).Distinct().Count();
        var missing = 20 - int.Parse(Shell.Run("find n* -type d | wc -l", To.MountPoint), null);
        Assert.Equal(missing, folders);
    }
}
