using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Tests.Copy.Tar;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>Trees that chance made, in shards so small that everything is torn apart; judged by other tools.</summary>
public sealed class FidelityTests : CopyTestBase
{
    private static readonly TransferSettings Torn = new()
    {
        ShardBytes = 100_000,
        ShardFiles = 7,
        RangedFrom = 1_500_000,
        RangeBytes = TransferSettings.MebiByte,
        NoteInterval = TimeSpan.FromMilliseconds(50),
    };

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public async Task A_random_tree_comes_as_it_is(int? fixedSeed)
    {
        var seed = fixedSeed ?? Environment.TickCount;
        RandomTree.Make(From.MountPoint, seed, 170);
        Shell.Run(
            "mkdir -p 'a mount'; echo hidden > 'a mount/below'; setfattr -n user.below -v 1 'a mount'; "
                + "mount -t tmpfs none 'a mount'; echo no > 'a mount/above'",
            From.MountPoint
        );

        var result = await CopyAsync(new FileVolumeCopier(Torn), From.Describe());

        Shell.Run("umount 'a mount'", From.MountPoint);
        var (expected, actual) = (From.Fingerprint(), To.Fingerprint());
        Assert.True(expected == actual, $"seed {seed}:\n{Difference(expected, actual)}");
        Assert.True(Count(From) == result.Files, $"seed {seed}: {Count(From)} files, {result.Files} were counted");
        Assert.Empty(Events.Of<CopyIncidentEvent>());
        // Holes stay holes.
        Assert.True(Blocks(To) <= Blocks(From) + 200, $"seed {seed}: {Blocks(To)} blocks instead of {Blocks(From)}");
    }

    [Fact]
    public async Task Files_that_change_under_the_reader_do_not_harm_the_others()
    {
        RandomTree.Make(From.MountPoint, 2, 60);
        Shell.Run(
            "mkdir busy; for i in $(seq 1 200); do head -c 20000 /dev/urandom > busy/$i; done; "
                + "ln busy/1 busy/other; head -c 3000000 /dev/urandom > busy/large",
            From.MountPoint
        );
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() => Disturb(Path.Combine(From.MountPoint, "busy"), stop.Token));

        await CopyAsync(new FileVolumeCopier(Torn), From.Describe());

        await stop.CancelAsync();
        await writer;
        Assert.Equal(WithoutBusy(From.Fingerprint()), WithoutBusy(To.Fingerprint()));
        Assert.All(Events.Of<CopyIncidentEvent>(), e => Assert.StartsWith(From.MountPoint + "/busy", e.Path, StringComparison.Ordinal));
        Assert.DoesNotContain(Events.Of<LogEvent>(), e => e.Level == LogLevel.Warning);
        // What came of it are files that the source had at some time, and nothing of the agent's.
        Assert.Equal("", Shell.Run("find . -maxdepth 1 -name '.linuxp2v*'", To.MountPoint));
    }

    [Fact]
    [Trait("Run", "Full")]
    public async Task A_folder_of_a_hundred_thousand_files_comes_whole()
    {
        using var from = new LoopVolume(160, "mkfs.ext4 -q -F -N 110000");
        using var to = new LoopVolume(160, "mkfs.ext4 -q -F -N 110000");
        Shell.Run("mkdir many; cd many; python3 -c \"import os\nfor i in range(100000): os.mknod('f%d' % i)\"", from.MountPoint);
        // How large a folder is depends on its history.
        const string Facts = "find . -xdev ! -path './lost+found*' -printf '%p %y %m %T@ %U\\n' | sort | sha256sum";

        var result = await CopyAsync(new FileVolumeCopier(), from.Describe(), to.MountPoint);

        Assert.Equal(100_003, result.Files);
        Assert.Equal(Shell.Run(Facts, from.MountPoint), Shell.Run(Facts, to.MountPoint));
    }

    [Fact]
    public async Task A_tar_of_2010_brings_what_it_can_and_says_what_it_loses()
    {
        Shell.Run(
            "mkdir d; echo a > d/a; ln d/a d/hard; truncate -s 9M d/sparse; echo n > $'d/n\\nl'; "
                + "echo b > 'd/a\\nb'; setfattr -n user.x -v 1 d/a; chown 7:8 d; touch -d '2001-02-03 04:05:06.5' d",
            From.MountPoint
        );
        using var tools = new OldTar();
        using var old = new TestSshServer(replacedTools: tools.Mount);
        await using var source = await ConnectAsync(old);

        await CopyAsync(new VolumeCopier(new FileVolumeCopier(Torn)), source, From.Describe(), To.MountPoint, default);

        Assert.Equal(From.Fingerprint(attributes: false), To.Fingerprint(attributes: false));
        Assert.Contains(
            Events.Of<LogEvent>(),
            e => e.Level == LogLevel.Warning && e.Message.Contains("extended attributes", StringComparison.Ordinal)
        );
        Assert.Contains(
            Events.Of<LogEvent>(),
            e => e.Level == LogLevel.Warning && e.Message.Contains("access control lists", StringComparison.Ordinal)
        );
        Assert.True(tools.WasRefused("--xattrs"));
    }

    private static void Disturb(string folder, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var file = Path.Combine(folder, $"{(i % 200) + 1}");
            switch (i % 7)
            {
                case 0 when File.Exists(file):
                    File.AppendAllText(file, "more");
                    break;
                case 1:
                    File.Delete(file);
                    break;
                case 2 when File.Exists(file):
                    File.Move(file, file + "moved", overwrite: true);
                    break;
                case 3:
                    File.WriteAllText(file + "new", "new");
                    break;
                case 4 when !File.Exists(file + "x"):
                    Directory.CreateDirectory(file + "x");
                    break;
                case 5:
                    File.AppendAllText(Path.Combine(folder, "large"), "grows");
                    break;
                case 6 when File.Exists(Path.Combine(folder, "other")):
                    File.Delete(Path.Combine(folder, "1"));
                    break;
                default:
                    break;
            }
        }
    }

    private static IEnumerable<string> WithoutBusy(string fingerprint) =>
        fingerprint.Split('\n').Where(line => !line.Contains("./busy", StringComparison.Ordinal));

    private static string Difference(string expected, string actual)
    {
        var (here, there) = (expected.Split('\n'), actual.Split('\n'));
        return string.Join('\n', here.Except(there).Select(l => "- " + l).Concat(there.Except(here).Select(l => "+ " + l)));
    }

    private static long Count(LoopVolume volume) => Shell.Run("find . -xdev ! -type s -printf x", volume.MountPoint).Length;

    private static long Blocks(LoopVolume volume) => long.Parse(Shell.Run("du -s . | cut -f 1", volume.MountPoint), null);
}
