using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Volumes;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Agent.Tests.Sync.SyncPair;

namespace LinuxP2V.Agent.Tests.Sync;

/// <summary>What must be so before a pass takes anything out of the copy.</summary>
public sealed class SameSourceTests : IDisposable
{
    private readonly SyncPair pair = new();
    private readonly string folder = Directory.CreateTempSubdirectory("p2v-other-").FullName;

    public void Dispose()
    {
        pair.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("truncate -s 16M image; mkfs.ext4 -q -F image; mount -o loop image")]
    [InlineData("mount -t tmpfs none")]
    public async Task Another_file_system_in_the_volumes_place_ends_the_pass_before_anything_is_changed(string mount)
    {
        pair.Do("mkdir d; echo 1 > d/1; echo 2 > 2; chattr +i 2");
        Settle();
        await pair.CopyAsync();
        var before = pair.To.Fingerprint();
        Shell.Run($"{mount} {pair.From.MountPoint}", folder);
        try
        {
            var error = await Assert.ThrowsAsync<AgentException>(() => pair.SyncAsync());

            Assert.Equal(ErrorIds.SourceVolumeReplaced, error.Error.Id);
            Assert.Contains(pair.From.MountPoint, error.Error.Cause, StringComparison.Ordinal);
            Assert.Equal(before, pair.To.Fingerprint());
            Assert.Contains("i", Shell.Run("lsattr 2 | cut -d ' ' -f 1", pair.To.MountPoint), StringComparison.Ordinal);
            Assert.False(new PassRecord(pair.Record).IsOpen);
        }
        finally
        {
            Shell.Run($"umount {pair.From.MountPoint}");
        }

        pair.Do("rm -r d");
        Assert.Equal((0, 0, 0, 0, 2), Counts(await pair.SyncAsync()));
        pair.AssertEqual();
    }

    [Fact]
    public async Task The_same_file_system_by_another_device_goes_on_and_says_so()
    {
        pair.Do("echo 1 > 1; echo 2 > 2");
        Settle();
        await pair.CopyAsync();
        var image = Shell.Run($"losetup -n -O BACK-FILE $(findmnt -no SOURCE {pair.From.MountPoint})").Trim();
        Shell.Run("truncate -s 1M dummy", folder);
        // The first free one is the device that it was mounted from.
        var devices = Shell
            .Run($"umount {pair.From.MountPoint}; {UntilFree(image)}; losetup -f --show {folder}/dummy; losetup -f --show {image}")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            Shell.Run($"mount {devices[1]} {pair.From.MountPoint}");
            pair.Do("rm 1");

            Assert.Equal((0, 0, 0, 0, 1), Counts(await pair.SyncAsync()));
        }
        finally
        {
            Shell.Run(
                $"umount {pair.From.MountPoint}; losetup -d {devices[0]}; losetup -d {devices[1]}; {UntilFree(image)}; "
                    + $"mount -o loop {image} {pair.From.MountPoint}"
            );
        }

        Assert.Contains(pair.Events.Of<LogEvent>(), e => e.Message.Contains("it is the same file system", StringComparison.Ordinal));
        pair.AssertEqual();
    }

    /// <summary>For some seconds blkid answers from its cache: then another file system has the old one's UUID.</summary>
    [Fact]
    public async Task What_blkid_remembers_of_a_device_is_not_believed()
    {
        const string Blkid = """
            #!/bin/sh
            case "$*" in "-c /dev/null "*) from=now ;; *) from=remembered ;; esac
            printf '%s: LABEL="a b" UUID="%s" TYPE="ext4" PARTUUID="x"\n' "$3" "$(cat "${0%/*}/$from")"
            """;
        File.WriteAllText(Path.Combine(folder, "blkid"), Blkid);
        Shell.Run("chmod 755 blkid; echo aa-bb > remembered; echo aa-bb > now", folder);
        using var cached = new SyncPair($"mount --bind {folder} /usr/local/sbin");
        cached.Do("echo 1 > 1");
        Settle();
        await cached.CopyAsync();
        Shell.Run("echo cc-dd > now", folder);

        var error = await Assert.ThrowsAsync<AgentException>(() => cached.SyncAsync());

        Assert.Equal(ErrorIds.SourceVolumeReplaced, error.Error.Id);
        Assert.Contains("cc-dd", error.Error.Cause, StringComparison.Ordinal);
        Assert.Contains("aa-bb", error.Error.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, 122, true)]
    [InlineData(400, 121, false)]
    [InlineData(120, 100, false)]
    [InlineData(120, 101, true)]
    public async Task A_pass_that_would_delete_a_large_part_stops_and_says_what_it_saw(int files, int gone, bool stops)
    {
        pair.Do($"mkdir d; touch kept; for i in $(seq {files}); do : > d/$i; done");
        Settle();
        await pair.CopyAsync();
        pair.Do($"for i in $(seq {gone}); do rm d/$i; done");

        if (stops)
        {
            var error = await Assert.ThrowsAsync<AgentException>(() => pair.SyncAsync());

            Assert.Equal(ErrorIds.MassDeletion, error.Error.Id);
            Assert.Contains($"{gone} of the ", error.Error.Cause, StringComparison.Ordinal);
            Assert.Contains("/d/", error.Error.Cause, StringComparison.Ordinal);
            Assert.Equal($"{files}\n", Shell.Run("ls d | wc -l", pair.To.MountPoint));
            Assert.False(new PassRecord(pair.Record).IsOpen);
            pair.Options = pair.Options with { AllowMassDeletion = true };
        }

        Assert.Equal(gone, (await pair.SyncAsync()).Counts.Deleted);
        pair.AssertEqual();
    }

    [Fact]
    public async Task Files_that_another_has_taken_the_place_of_count_for_no_deletion()
    {
        pair.Do("mkdir d; for i in $(seq 200); do : > d/$i; done");
        Settle();
        await pair.CopyAsync();
        pair.Do("mv d e; for i in $(seq 150); do rm e/$i; mkdir e/$i; done");

        await pair.SyncAsync();

        pair.AssertEqual();
    }

    [Fact]
    public async Task Where_the_copy_itself_is_listed_the_limit_holds_too()
    {
        pair.Do("echo 1 > 1");
        Settle();
        await pair.CopyAsync();
        Shell.Run("mkdir extra; for i in $(seq 200); do : > extra/$i; done", pair.To.MountPoint);

        var error = await Assert.ThrowsAsync<AgentException>(() => pair.SyncAsync(isAltered: true));

        Assert.Equal(ErrorIds.MassDeletion, error.Error.Id);
        Assert.Equal("200\n", Shell.Run("ls extra | wc -l", pair.To.MountPoint));
        pair.Options = pair.Options with { AllowMassDeletion = true };
        await pair.SyncAsync(isAltered: true);
        pair.AssertEqual();
    }

    [Fact]
    public async Task What_the_source_deletes_in_its_lost_and_found_goes_and_the_folder_stays()
    {
        pair.Do("mkdir lost+found/d; echo 1 > 'lost+found/#12'; echo 2 > lost+found/d/f; echo 3 > lost+found/kept");
        Settle();
        await pair.CopyAsync();
        pair.Do("rm -r lost+found/d 'lost+found/#12'; echo 4 > lost+found/new");

        Assert.Equal((1, 0, 0, 0, 3), Counts(await pair.SyncAsync()));
        Assert.Equal("kept\nnew\n", Shell.Run("ls lost+found", pair.To.MountPoint));
        pair.Do("rm -r lost+found");
        Assert.Equal(2, (await pair.SyncAsync()).Counts.Deleted);
        Assert.Equal("", Shell.Run("ls lost+found", pair.To.MountPoint));
    }

    /// <summary>
    /// A command of the source that is about to end may still have the file system mounted, in a name space of its own: to
    /// mount it twice by two devices would mix two states of it.
    /// </summary>
    private static string UntilFree(string image) => $"while [ -n \"$(losetup -j {image})\" ]; do sleep 0.1; done";
}
