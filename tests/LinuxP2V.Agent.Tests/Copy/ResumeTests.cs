using System.Diagnostics;
using System.Globalization;
using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Storage;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>A copy that was broken off goes on where it was: what the second run reads from the source is counted.</summary>
[Trait("Run", "Full")]
public sealed class ResumeTests : CopyTestBase
{
    private const int MegaByte = 1_000_000;

    private static readonly TransferSettings Settings = new()
    {
        ShardBytes = MegaByte,
        ShardFiles = 100,
        RangedFrom = 10 * MegaByte,
        RangeBytes = 2 << 20,
        NoteInterval = TimeSpan.FromMilliseconds(50),
    };

    [Theory]
    [InlineData("for i in $(seq 1 60); do head -c 500000 /dev/urandom > d/f$i; ln d/f$i e/g$i; done")]
    [InlineData(
        "for i in $(seq 0 29); do head -c 1000000 /dev/urandom | dd of=d/sparse bs=1M seek=$((i * 7)) "
            + "conv=notrunc status=none; done; ln d/sparse e/too; echo s > d/small"
    )]
    [InlineData(
        "head -c 30000000 /dev/urandom > d/large; chown 5:6 d/large; setfattr -n user.x -v 1 d/large; ln d/large e/too; echo s > d/small"
    )]
    public async Task What_an_agent_that_died_had_finished_is_not_read_again(string tree)
    {
        Shell.Run($"mkdir d e; {tree}; touch -d '2001-02-03 04:05:06.7' d e", From.MountPoint);
        var kept = await BreakOffAsync(15 * MegaByte);

        await using var source = new CutSource(await ConnectAsync(), long.MaxValue, () => { });
        var result = await CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default);

        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        var resumed = Assert.Single(Events.Of<VolumeResumedEvent>());
        Assert.Equal(kept, resumed.BytesKept);
        Assert.InRange(kept, 3 * MegaByte, 25 * MegaByte);
        Assert.InRange(source.BytesRead, 1, (30 * MegaByte) - kept + (2 * MegaByte));
        Assert.Equal(Shell.Run("find . ! -type s -printf x", From.MountPoint).Length, result.Files);
        Assert.InRange(result.Bytes, 30 * MegaByte, 31 * MegaByte);
    }

    /// <summary>
    /// A short one unless a longer is asked for: connections outlive it by TCP alone up to a minute, unless the server ends
    /// them before.
    /// </summary>
    [Theory]
    [InlineData("")]
    [InlineData("ClientAliveInterval 1\nClientAliveCountMax 1\n")]
    public async Task An_outage_of_the_network_is_waited_for_and_what_came_before_it_is_not_read_again(string serverOptions)
    {
        var outage = TimeSpan.FromSeconds(
            int.Parse(Environment.GetEnvironmentVariable("LINUXP2V_OUTAGE_SECONDS") ?? "4", CultureInfo.InvariantCulture)
        );
        Shell.Run("mkdir d; for i in $(seq 1 60); do head -c 500000 /dev/urandom > d/f$i; done", From.MountPoint);
        using var network = new TestNetwork();
        using var server = new TestSshServer(serverOptions, network: network);
        var restored = new TaskCompletionSource();
        await using var source = new CutSource(await ConnectAsync(server), 15 * MegaByte, Pull, isOverAll: true);
        var clock = Stopwatch.StartNew();

        await CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default);

        await restored.Task;
        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        Assert.InRange(clock.Elapsed, outage, outage + TimeSpan.FromMinutes(2));
        // Two streams, each with a shard begun anew and what was on its way to it.
        Assert.InRange(source.BytesRead, 30 * MegaByte, 36 * MegaByte);
        var told = Events.Of<LogEvent>().Select(log => log.Message).ToList();
        Assert.Equal(outage.TotalMinutes > 2, told.Any(message => message.Contains("tries again", StringComparison.Ordinal)));
        Assert.Equal(outage.TotalMinutes > 2, told.Any(message => message.Contains("answers again", StringComparison.Ordinal)));

        void Pull()
        {
            network.Cut();
            _ = Task.Delay(outage)
                .ContinueWith(
                    _ =>
                    {
                        network.Restore();
                        restored.SetResult();
                    },
                    TaskScheduler.Default
                );
        }
    }

    [Fact]
    public async Task What_vanished_meanwhile_does_not_stay_half_written()
    {
        Shell.Run("mkdir d; for i in $(seq 1 60); do head -c 500000 /dev/urandom > d/f$i; done", From.MountPoint);
        await BreakOffAsync(15 * MegaByte);
        var missing = Shell
            .Run($"for f in *; do cmp -s $f {To.MountPoint}/d/$f || echo $f; done | sed -n 1p", From.MountPoint + "/d")
            .Trim();
        Assert.NotEmpty(missing);
        File.Delete(Path.Combine(From.MountPoint, "d", missing));
        File.WriteAllText(Path.Combine(To.MountPoint, "d", missing), "half");

        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());

        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        Assert.Equal(
            Path.Combine(From.MountPoint, "d", missing),
            Assert.Single(Events.Of<CopyIncidentEvent>(), e => e.Kind == CopyIncidentKind.Vanished).Path
        );
    }

    [Theory]
    [InlineData(10 * MegaByte)]
    [InlineData(100 * MegaByte)]
    public async Task What_filled_the_copy_and_is_gone_from_the_source_takes_no_room(int rangedFrom)
    {
        using var small = new LoopVolume(40);
        Shell.Run(
            "mkdir d; for i in $(seq 1 20); do head -c 500000 /dev/urandom > d/f$i; done; head -c 50000000 /dev/urandom > d/filler",
            From.MountPoint
        );
        var copier = new FileVolumeCopier(Settings with { RangedFrom = rangedFrom });

        var full = await Assert.ThrowsAsync<AgentException>(() => CopyAsync(copier, From.Describe(), small.MountPoint));
        File.Delete(Path.Combine(From.MountPoint, "d", "filler"));
        await CopyAsync(copier, From.Describe(), small.MountPoint);

        Assert.Equal(ErrorIds.TargetDiskFull, full.Error.Id);
        Assert.Equal(From.Fingerprint(), small.Fingerprint());
    }

    [Fact]
    public async Task A_large_file_that_changed_meanwhile_comes_whole()
    {
        Shell.Run("head -c 30000000 /dev/urandom > large", From.MountPoint);
        await BreakOffAsync(15 * MegaByte);
        Shell.Run("head -c 1000 /dev/urandom | dd of=large bs=1 seek=100 conv=notrunc status=none", From.MountPoint);

        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());

        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        Assert.Single(Events.Of<VolumeResumedEvent>());
    }

    [Fact]
    public async Task A_copy_of_other_shards_or_with_a_damaged_list_begins_anew()
    {
        Shell.Run("for i in $(seq 1 60); do head -c 500000 /dev/urandom > f$i; done", From.MountPoint);
        await BreakOffAsync(15 * MegaByte);

        await CopyAsync(new FileVolumeCopier(Settings with { ShardBytes = 3 * MegaByte }), From.Describe());

        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        Assert.Empty(Events.Of<VolumeResumedEvent>());
        File.WriteAllText(Record.ManifestPath, "no list");
        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());
        Assert.Empty(Events.Of<VolumeResumedEvent>());
        Assert.Contains(Events.Of<LogEvent>(), e => e.Message.Contains("damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_copy_that_was_complete_reads_no_file_again()
    {
        Shell.Run("for i in $(seq 1 60); do head -c 500000 /dev/urandom > f$i; done; chattr +i f7", From.MountPoint);
        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());

        await using var source = new CutSource(await ConnectAsync(), long.MaxValue, () => { });
        await CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default);

        Assert.InRange(source.BytesRead, 1, MegaByte);
        Assert.Equal(From.Fingerprint(), To.Fingerprint());
    }

    [Fact]
    public async Task A_folder_that_hands_down_its_access_list_gives_it_to_no_file_that_has_none()
    {
        Shell.Run(
            "mkdir d; for i in $(seq 1 300); do echo $i > d/f$i; done; setfacl -d -m u:99:rwx d; setfacl -m u:7:r d/f299",
            From.MountPoint
        );
        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());
        // The folder, which comes last, has all it should; but one shard alone counts as done, and the files of the others come again.
        var lines = File.ReadAllLines(Record.ProgressPath);
        File.WriteAllLines(Record.ProgressPath, lines.Take(2));

        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());

        Assert.True(lines.Length > 3, "one shard is all there is");
        Assert.Single(Events.Of<VolumeResumedEvent>());
        Assert.Equal(From.Fingerprint(), To.Fingerprint());
    }

    [Theory]
    [InlineData("true", 1)]
    [InlineData("rm d/large", 30)]
    [InlineData("rm d/large e/too", 30)]
    public async Task A_large_file_with_two_names_is_kept_only_where_it_is_there(string loss, int megaBytesRead)
    {
        Shell.Run("mkdir d e; head -c 30000000 /dev/urandom > d/large; ln d/large e/too; touch -d 2001-01-01 d e", From.MountPoint);
        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());
        Shell.Run(loss, To.MountPoint);

        await using var source = new CutSource(await ConnectAsync(), long.MaxValue, () => { });
        await CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default);

        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        Assert.InRange(source.BytesRead, 1, (megaBytesRead * MegaByte) + MegaByte);
    }

    [Fact]
    public async Task A_range_that_could_not_be_read_is_read_again()
    {
        Shell.Run("head -c 30000000 /dev/urandom > large; touch fails", From.MountPoint);
        // The fifth range, that is.
        using var tools = new FakeTool(
            "dd",
            """
            case "$*" in *skip=128*) [ ! -e fails ] || { echo "dd: error reading './large': Input/output error" >&2; exit 1; } ;; esac
            """
        );
        using var server = new TestSshServer(replacedTools: tools.Mount);
        await using var source = await ConnectAsync(server);

        await CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default);
        Assert.Equal(CopyIncidentKind.Unreadable, Assert.Single(Events.Of<CopyIncidentEvent>()).Kind);
        await CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default);
        Assert.Equal(2, Events.Of<CopyIncidentEvent>().Count);
        File.Delete(From.MountPoint + "/fails");
        await CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default);

        Assert.Equal(
            Shell.Run("sha256sum large; stat -c %y large", From.MountPoint),
            Shell.Run("sha256sum large; stat -c %y large", To.MountPoint)
        );
    }

    private VolumeRecord Record => new(Path.Combine(Path.GetDirectoryName(To.MountPoint)!, "record"));

    /// <summary>Copies so many bytes, then leaves everything as an agent leaves it that is killed there.</summary>
    /// <returns>The bytes that were noted as being on the disk.</returns>
    private async Task<long> BreakOffAsync(long afterBytes)
    {
        using var cancellation = new CancellationTokenSource();
        var progress = "";
        await using var source = new CutSource(
            await ConnectAsync(),
            afterBytes,
            () =>
            {
                progress = File.ReadAllText(Record.ProgressPath);
                cancellation.Cancel();
            },
            isOverAll: true
        );
        var limiter = new BandwidthLimiter();
        limiter.Set(200);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, cancellation.Token, limiter)
        );
        // An orderly end notes more than a sudden one can.
        File.WriteAllText(Record.ProgressPath, progress);
        return progress.Split('\n').Skip(1).SkipLast(1).Sum(line => long.Parse(line.Split(' ')[1], null));
    }
}
