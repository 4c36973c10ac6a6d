using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy.Files;

/// <summary>Some entries brought into a copy that is there, as a sync does it, and a source that does not hold still.</summary>
[Trait("Run", "Full")]
public sealed class EntryTransferTests : CopyTestBase
{
    private static readonly TransferSettings Settings = new()
    {
        ShardFiles = 2,
        RangedFrom = 4_000_000,
        RangeBytes = TransferSettings.MebiByte,
    };

    [Fact]
    public async Task What_is_in_the_way_is_replaced_and_all_else_stays()
    {
        Shell.Run(
            """
            mkdir -p file-to-folder.d folder/deep other; echo 1 > file; echo keep > other/keep; ln -s keep other/link; mkfifo other/fifo
            echo x > folder/deep/f; mkdir dressed; setfattr -n user.old -v 1 dressed
            setfacl -m u:5:rwx dressed; setfacl -d -m u:6:rx dressed; echo in > dressed/in
            echo attribute > attribute; setfattr -n user.gone -v 1 attribute
            touch -d 2001-01-01 other folder . ; touch -d 2001-01-01 'file-to-folder.d'
            """,
            From.MountPoint
        );
        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());
        Shell.Run(
            """
            rm file; mkdir file; echo inside > file/inside; chmod 750 file
            rm -r folder; echo now a file > folder
            rm other/link; mkdir other/link; touch -d 2002-02-02 other/link; rm other/fifo; ln -s nowhere other/fifo
            setfattr -x user.old dressed; setfattr -n user.new -v 2 dressed; setfacl -b dressed; chmod 2711 dressed
            setfattr -x user.gone attribute; echo more >> other/keep; touch -d 2001-01-01 other .
            """,
            From.MountPoint
        );

        var result = await TransferAsync("file", "file/inside", "folder", "other/link", "other/fifo", "dressed", "attribute", "other/keep");

        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        Assert.Equal(8, result.Files);
        Assert.InRange(result.Bytes, 1, 5000);
    }

    [Fact]
    public async Task All_names_of_a_file_come_with_one_of_them()
    {
        Shell.Run(
            "mkdir a b c; echo one > a/1; ln a/1 b/2; ln a/1 c/3; echo split > a/x; ln a/x b/x; touch -d 2001-01-01 b c a",
            From.MountPoint
        );
        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());
        Shell.Run("echo changed >> a/1; rm b/x; echo of its own > b/x; touch -d 2001-01-01 b", From.MountPoint);

        await TransferAsync("b/2", "b/x");

        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        Assert.Equal("1\n", Shell.Run("stat -c %i a/1 b/2 c/3 | sort -u | wc -l", To.MountPoint));
    }

    [Fact]
    public async Task Another_name_travels_where_the_first_has_vanished()
    {
        Shell.Run(
            """
            mkdir a b; for i in 1 2 3 4; do echo file $i > a/$i; ln a/$i b/$i; done; echo all > a/all; ln a/all b/all
            head -c 5000000 /dev/urandom > a/large; ln a/large b/large; chmod 4711 a/large; mkdir empty
            """,
            From.MountPoint
        );

        var first = "";
        await TransferAfterAsync(manifest =>
        {
            first = manifest.Find("a/2"u8) < manifest.Find("b/2"u8) ? "a" : "b";
            return $"rm {first}/2 {first}/3 a/all b/all {first}/large; rmdir empty";
        });

        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        Assert.Equal(
            new[] { $"/{first}/2", $"/{first}/3", "/a/all", "/b/all", $"/{first}/large", "/empty" }.Order(),
            Events.Of<CopyIncidentEvent>().Select(e => e.Path[From.MountPoint.Length..]).Order()
        );
    }

    [Fact]
    public async Task Names_of_one_file_that_are_two_meanwhile_keep_each_its_own_content()
    {
        Shell.Run(
            """
            mkdir a b; echo old > a/1; ln a/1 b/1; echo log > a/log; ln a/log b/log; ln -s x a/link; ln a/link b/link
            head -c 5000000 /dev/urandom > a/large; ln a/large b/large; echo still > a/still; ln a/still b/still
            """,
            From.MountPoint
        );

        var first = "";
        await TransferAfterAsync(manifest =>
        {
            first = manifest.Find("a/1"u8) < manifest.Find("b/1"u8) ? "a" : "b";
            return $"cd {first}; rm 1 large link; echo another file > 1; "
                + "head -c 5000000 /dev/urandom > large; ln -s y link; echo more >> log";
        });

        Assert.Equal(From.Fingerprint(), To.Fingerprint());
        const string Links = "for f in 1 log link large still; do stat -c %h a/$f b/$f; done";
        Assert.Equal(Shell.Run(Links, From.MountPoint), Shell.Run(Links, To.MountPoint));
        Assert.Equal(
            new[] { "1", "log", "link", "large" }.Select(name => $"/{first}/{name}").Order(),
            Events
                .Of<CopyIncidentEvent>()
                .Where(e => e.Kind == CopyIncidentKind.Changed)
                .Select(e => e.Path[From.MountPoint.Length..])
                .Order()
        );
    }

    [Fact]
    public async Task What_became_something_else_meanwhile_harms_nothing()
    {
        Shell.Run(
            """
            mkdir folder full; echo f > file; echo in > full/in; head -c 5000000 /dev/urandom > large
            head -c 5000000 /dev/urandom > grown; head -c 5000000 /dev/urandom > shrunk
            mkdir to-link; echo in > to-link/in
            """,
            From.MountPoint
        );

        await TransferAfterAsync(_ =>
            """
                rmdir folder; echo now a file > folder; rm file; mkdir file; echo new > file/new
                rm large; ln -s nowhere large; echo more >> grown; truncate -s 2500000 shrunk; chmod 600 shrunk
                mv to-link elsewhere; ln -s elsewhere to-link
                """
        );

        Assert.Equal(
            Shell.Run("sha256sum grown shrunk full/in; readlink large; stat -c %a shrunk", From.MountPoint),
            Shell.Run("sha256sum grown shrunk full/in; readlink large; stat -c %a shrunk", To.MountPoint)
        );
        Assert.True(Directory.Exists(Path.Combine(To.MountPoint, "to-link")), "a folder with files in it gave way to a link");
        Assert.Equal(
            ["/folder", "/to-link"],
            Events
                .Of<CopyIncidentEvent>()
                .Where(e => e.Kind == CopyIncidentKind.Changed)
                .Select(e => e.Path[From.MountPoint.Length..])
                .Order()
        );
    }

    [Fact]
    public async Task A_large_file_that_is_written_to_while_it_is_read_is_an_incident()
    {
        Shell.Run("head -c 20000000 /dev/urandom > large; echo k > kept", From.MountPoint);
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                File.AppendAllText(From.MountPoint + "/large", "x");
        });

        await CopyAsync(new FileVolumeCopier(Settings), From.Describe());
        await stop.CancelAsync();
        await writer;

        var incident = Assert.Single(Events.Of<CopyIncidentEvent>());
        Assert.Equal((CopyIncidentKind.Changed, From.MountPoint + "/large"), (incident.Kind, incident.Path));
    }

    [Fact]
    public async Task A_volume_that_is_gone_from_its_mount_point_is_told()
    {
        Shell.Run("mkdir point; mount -t tmpfs none point; echo x > point/x; head -c 5000000 /dev/urandom > point/large", From.MountPoint);
        await using var source = await ConnectAsync();
        var work = await WorkAsync(source, From.Describe() with { MountPoint = From.MountPoint + "/point" }, To.MountPoint);
        await using var streams = work.Streams;
        var manifest = (await ManifestReader.ReadAsync(work, null, default)).Manifest;
        Shell.Run("umount point", From.MountPoint);

        var error = await Assert.ThrowsAsync<AgentException>(() =>
            new EntryTransfer(Settings).TransferAsync(work, manifest, new AllEntries(manifest), default)
        );

        Assert.Equal(ErrorIds.VolumeNotFound, error.Error.Id);
    }

    [Theory]
    [InlineData("echo 'sh: 1: exec: dd: not found' >&2; exit 127")]
    [InlineData("echo 'dd: error reading' >&2; kill -9 $$")]
    [InlineData("exit 1")]
    public async Task Only_what_dd_says_itself_makes_a_large_file_unreadable(string end)
    {
        Shell.Run("head -c 8000000 /dev/urandom > large", From.MountPoint);
        using var tool = new FakeTool("dd", $"case \"$*\" in *skip=48*) {end} ;; esac");
        using var server = new TestSshServer(replacedTools: tool.Mount);
        await using var source = await ConnectAsync(server);

        var error = await Assert.ThrowsAsync<AgentException>(() =>
            CopyAsync(new FileVolumeCopier(Settings), source, From.Describe(), To.MountPoint, default)
        );

        Assert.Equal(ErrorIds.CopyFailed, error.Error.Id);
        Assert.Contains("dd", error.Error.Cause + error.Error.Detail, StringComparison.Ordinal);
        Assert.Empty(Events.Of<CopyIncidentEvent>());
    }

    /// <summary>Lists the source and brings these over.</summary>
    private async Task<TransferResult> TransferAsync(params string[] paths)
    {
        await using var source = await ConnectAsync();
        var work = await WorkAsync(source, From.Describe(), To.MountPoint);
        await using var streams = work.Streams;
        var manifest = (await ManifestReader.ReadAsync(work, null, default)).Manifest;
        var entries = paths.Select(path => manifest.Find(System.Text.Encoding.UTF8.GetBytes(path))).Order().ToList();
        return await new EntryTransfer(Settings).TransferAsync(work, manifest, entries, default);
    }

    /// <summary>Lists the source, changes it, and brings over everything that was listed.</summary>
    private async Task TransferAfterAsync(Func<Manifest, string> change)
    {
        await using var source = await ConnectAsync();
        var work = await WorkAsync(source, From.Describe(), To.MountPoint);
        await using var streams = work.Streams;
        var manifest = (await ManifestReader.ReadAsync(work, null, default)).Manifest;
        Shell.Run(change(manifest), From.MountPoint);
        await new EntryTransfer(Settings).TransferAsync(work, manifest, new AllEntries(manifest), default);
    }
}
