using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Tests.Reconfigure;

public sealed class OriginalsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("linuxp2v-originals-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task A_repeated_run_starts_from_what_the_source_had()
    {
        Write("/etc/a", "original");
        File.SetUnixFileMode(root + "/etc/a", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await RunAsync(("/etc/a", "first"), ("/etc/new", "made"));
        Assert.Equal("original", File.ReadAllText(root + "/var/lib/linuxp2v/originals/etc/a"));
        Assert.Equal("made", File.ReadAllText(root + "/etc/new"));

        await RunAsync(("/etc/a", "second"));
        Assert.Equal("second", File.ReadAllText(root + "/etc/a"));
        Assert.Equal("original", File.ReadAllText(root + "/var/lib/linuxp2v/originals/etc/a"));
        Assert.False(File.Exists(root + "/etc/new"));

        await RunAsync();
        Assert.Equal("original", File.ReadAllText(root + "/etc/a"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(root + "/etc/a"));
    }

    [Fact]
    public async Task What_a_later_sync_brought_is_the_new_original()
    {
        Write("/etc/a", "original");
        await RunAsync(("/etc/a", "ours"));
        Write("/etc/a", "synchronized");
        await RunAsync(("/etc/a", "ours again"));
        Assert.Equal("synchronized", File.ReadAllText(root + "/var/lib/linuxp2v/originals/etc/a"));
    }

    [Fact]
    public async Task A_run_that_was_cut_off_is_undone_too()
    {
        Write("/etc/a", "original");
        var cut = new Originals(new CopyRoot(root));
        await cut.KeepAsync("/etc/a", CancellationToken.None);
        Write("/etc/a", "half");
        await new Originals(new CopyRoot(root)).RestoreAsync(CancellationToken.None);
        Assert.Equal("original", File.ReadAllText(root + "/etc/a"));
    }

    [Fact]
    public async Task An_immutable_file_is_changed_and_is_immutable_again()
    {
        Write("/etc/fstab", "original");
        await FlagAsync("+i");
        try
        {
            await RunAsync(("/etc/fstab", "first"));
            await RunAsync(("/etc/fstab", "second"));
            Assert.Equal("second", File.ReadAllText(root + "/etc/fstab"));
            Assert.Equal("original", File.ReadAllText(root + "/var/lib/linuxp2v/originals/etc/fstab"));
            Assert.Throws<UnauthorizedAccessException>(() => Write("/etc/fstab", "not allowed"));
        }
        finally
        {
            await FlagAsync("-i");
        }
    }

    private async Task FlagAsync(string flag) =>
        Assert.True((await Tool.RunAsync("chattr", [flag, root + "/etc/fstab"], CancellationToken.None)).Succeeded);

    private async Task RunAsync(params (string Path, string Text)[] edits)
    {
        var originals = new Originals(new CopyRoot(root));
        await originals.RestoreAsync(CancellationToken.None);
        foreach (var (path, text) in edits)
        {
            await originals.KeepAsync(path, CancellationToken.None);
            Write(path, text);
        }

        await originals.SealAsync();
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(root + path)!);
        File.WriteAllText(root + path, text);
    }
}
