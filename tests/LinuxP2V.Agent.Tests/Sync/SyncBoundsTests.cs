using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Tests.Copy;
using LinuxP2V.Protocol.Messages;
using static LinuxP2V.Agent.Tests.Sync.SyncPair;

namespace LinuxP2V.Agent.Tests.Sync;

/// <summary>What a pass must not touch, and what it does when it cannot trust what it finds.</summary>
[Trait("Run", "Full")]
public sealed class SyncBoundsTests
{
    [Fact]
    public async Task Mounts_excluded_paths_and_the_file_systems_own_folder_stay_untouched()
    {
        using var pair = new SyncPair();
        pair.Excluded = [pair.From.MountPoint + "/out"];
        pair.Do("mkdir -p inner out d; echo hidden > inner/below; echo 1 > out/1; echo 1 > d/1");
        await pair.CopyAsync();
        Shell.Run("mkdir -p out lost+found; echo mine > out/mine; echo found > lost+found/found", pair.To.MountPoint);
        pair.Do("echo new > inner/below; mount -t tmpfs none inner; echo seen > inner/above; echo 2 > out/2; rm d/1");

        Assert.Equal((0, 1, 0, 0, 1), Counts(await pair.SyncAsync()));

        Assert.Equal(
            "./inner/below\n./lost+found/found\n./out/mine\n",
            Shell.Run("find . -path ./.linuxp2v -prune -o -type f -print | sort", pair.To.MountPoint)
        );
        Assert.Equal("new\n", File.ReadAllText(pair.To.MountPoint + "/inner/below"));
        // A pass that lists the copy itself spares them too.
        await pair.SyncAsync(isAltered: true);
        Assert.Equal(
            "./inner/below\n./lost+found/found\n./out/mine\n",
            Shell.Run("find . -path ./.linuxp2v -prune -o -type f -print | sort", pair.To.MountPoint)
        );
    }

    [Fact]
    public async Task A_link_in_the_copy_leads_nowhere()
    {
        using var pair = new SyncPair();
        var outside = Directory.CreateTempSubdirectory("p2v-outside-").FullName;
        try
        {
            pair.Do("mkdir -p d/sub; echo 1 > d/f; echo 2 > d/sub/g");
            await pair.CopyAsync();
            Shell.Run("mkdir sub; echo mine > f; echo mine > sub/g", outside);
            Shell.Run($"rm -r d; ln -s {outside} d", pair.To.MountPoint);
            pair.Do("rm -r d/f d/sub; echo 3 > d/h");

            await pair.SyncAsync(isAltered: true);

            pair.AssertEqual();
            Assert.Equal("./f\n./sub/g\n", Shell.Run("find . -type f | sort", outside));
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Fact]
    public async Task What_a_reconfiguration_changed_is_the_sources_again()
    {
        using var pair = new SyncPair();
        pair.Do(
            "mkdir -p etc boot; echo fstab > etc/fstab; echo kept > etc/kept; ln -s /dev/x etc/link; "
                + "head -c 2000000 /dev/urandom > boot/initrd; echo gone > etc/gone; chmod 640 etc/kept"
        );
        Settle();
        await pair.CopyAsync();
        Shell.Run(
            """
            echo changed > etc/fstab; chmod 600 etc/kept; ln -sf /dev/null etc/link
            echo small > boot/initrd; mkdir -p var/lib/linuxp2v/originals/etc
            echo fstab > var/lib/linuxp2v/originals/etc/fstab; rm etc/gone
            """,
            pair.To.MountPoint
        );
        pair.Do("echo more >> etc/fstab");

        var pass = await pair.SyncAsync(isAltered: true);

        pair.AssertEqual();
        // initrd, fstab, kept and gone.
        Assert.Equal(2_000_000 + 11 + 5 + 5, pass.Counts.Bytes);
        Assert.Equal((0, 0, 0, 0, 0), Counts(await pair.SyncAsync()));
    }

    [Fact]
    public async Task Without_an_earlier_list_the_copy_itself_is_compared()
    {
        using var pair = new SyncPair();
        pair.Do(
            "mkdir d; for f in same size mode gone; do echo $f > d/$f; done; echo l > d/l1; "
                + "ln d/l1 d/l2; echo m > d/m1; ln d/m1 d/m2; touch -d 2001-01-01 d"
        );
        await pair.CopyAsync();
        File.Delete(pair.Record.ManifestPath);
        pair.Do("echo size2 > d/size; chmod 600 d/mode; rm d/gone; echo new > d/new; mv d/l2 t; mv d/m2 d/l2; mv t d/m2");

        var pass = await pair.SyncAsync();

        // l2 and m2 have each other's contents.
        Assert.Equal((1, 3, 1), (pass.Counts.Created, pass.Counts.Changed, pass.Counts.Deleted));
        pair.AssertEqual();
        Assert.Equal((0, 0, 0, 0, 0), Counts(await pair.SyncAsync()));
    }

    [Fact]
    public async Task An_entry_that_was_away_during_the_copy_and_is_back_as_it_was_comes_with_the_next_pass()
    {
        using var pair = new SyncPair();
        pair.Do("mkdir -p d/sub; for i in $(seq 20); do echo $i > d/sub/$i; done; head -c 3000000 /dev/urandom > first");
        Settle();
        // Away from the list to the end of the copy: its own folder is what moves, so that nothing in it shows it.
        pair.OnListed = () => pair.Do("mv d .away");
        await pair.CopyAsync();
        pair.OnListed = null;
        pair.Do("mv .away d");

        await pair.SyncAsync();

        pair.AssertEqual();
    }

    [Fact]
    public async Task A_file_of_which_a_part_could_not_be_read_comes_again_with_the_next_pass()
    {
        using var tar = new FakeTool(
            "tar",
            """
            case "$*" in *' -T '*)
              [ ! -e fails ] || {
                "$real" "$@"
                echo "tar: ./d/b\\303\\274d: Read error at byte 0, while reading 512 bytes: Input/output error" >&2
                exit 2
              } ;;
            esac
            """
        );
        using var pair = new SyncPair(tar.Mount);
        pair.Do("mkdir d; echo contents > d/büd; echo good > d/good; touch -d 2001-01-01 d/*; touch fails");
        Settle();
        await pair.CopyAsync();
        Assert.Contains(
            pair.Events.Of<CopyIncidentEvent>(),
            e => e.Kind == CopyIncidentKind.Unreadable && e.Path.EndsWith("/d/büd", StringComparison.Ordinal)
        );
        // As a tar leaves it that meets a bad block; the time is what the copy gave it.
        Shell.Run(
            "touch -r büd /tmp/$$; printf '\\0\\0\\0' | dd of=büd conv=notrunc status=none; touch -r /tmp/$$ büd; rm /tmp/$$",
            pair.To.MountPoint + "/d"
        );

        pair.Do("rm fails");
        await pair.SyncAsync();

        pair.AssertEqual();
    }

    [Fact]
    public async Task A_list_of_flags_that_was_cut_short_does_not_replace_the_whole_one()
    {
        using var lsattr = new FakeTool("lsattr", "[ ! -e fails ] || kill -9 $$");
        using var pair = new SyncPair(lsattr.Mount);
        pair.Do("echo 1 > a; echo 2 > b; chattr +i a; chattr +A b");
        await pair.CopyAsync();
        var flags = File.ReadAllBytes(pair.Record.FlagsPath);
        Assert.NotEmpty(flags);
        pair.Do("touch fails; echo 3 >> b");

        var error = await Assert.ThrowsAsync<AgentException>(() => pair.SyncAsync());

        Assert.Equal(ErrorIds.CopyFailed, error.Error.Id);
        Assert.Equal(flags, File.ReadAllBytes(pair.Record.FlagsPath));
        pair.Do("rm fails");
        await pair.SyncAsync();
        pair.AssertEqual();
        Assert.Equal(Shell.Run("lsattr a b", pair.From.MountPoint), Shell.Run("lsattr a b", pair.To.MountPoint));
    }

    [Fact]
    public async Task A_list_of_flags_that_the_copy_cannot_read_whole_ends_it()
    {
        using var find = new FakeTool("find", "case \"$*\" in *lsattr*) kill -9 $$ ;; esac");
        using var pair = new SyncPair(find.Mount);
        pair.Do("echo 1 > a; chattr +i a");

        var error = await Assert.ThrowsAsync<AgentException>(() => pair.CopyAsync());

        Assert.Contains("flags", error.Error.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pass_that_ran_out_of_disk_is_done_again_and_ends_right()
    {
        using var pair = new SyncPair(targetMegabytes: 24);
        pair.Do("mkdir -p a/sub b; echo 1 > a/1; echo 2 > a/sub/2; echo 3 > b/3; head -c 3000000 /dev/urandom > a/large");
        Settle();
        await pair.CopyAsync();
        pair.Do("mv a c; mkdir a; echo new > a/1; rm -r b; echo 22 > c/sub/2; head -c 30000000 /dev/urandom > big");

        var error = await Assert.ThrowsAsync<AgentException>(() => pair.SyncAsync());

        Assert.Equal(ErrorIds.TargetDiskFull, error.Error.Id);
        // As if it had never been: what the broken pass brought must not be taken for the source's.
        pair.Do("rm -r a big; mv c a; mkdir b; echo 3 > b/3");
        await pair.SyncAsync();
        pair.AssertEqual();
        Assert.Equal((0, 0, 0, 0, 0), Counts(await pair.SyncAsync()));
        Assert.Equal("flags\nmanifest.gz\nprogress\n", Shell.Run($"ls {pair.Record.Folder}"));
    }

    [Fact]
    public async Task A_pass_that_was_cancelled_is_done_again_and_ends_right()
    {
        using var pair = new SyncPair();
        pair.Do("mkdir d; for i in $(seq 200); do echo $i > d/$i; done");
        await pair.CopyAsync();
        pair.Do("for i in $(seq 100); do echo new > d/$i; mv d/$i d/n$i; done; mkdir e; mv d/2?? e; head -c 30000000 /dev/urandom > big");
        using var cancellation = new CancellationTokenSource();
        using var watch = new Timer(
            _ =>
            {
                if (File.Exists(pair.To.MountPoint + "/big"))
                    cancellation.Cancel();
            },
            null,
            0,
            1
        );

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.SyncAsync(cancellationToken: cancellation.Token));

        Assert.True(File.Exists(pair.Record.NextManifestPath), "the broken pass left no mark");
        await pair.SyncAsync();
        pair.AssertEqual();
    }

    [Fact]
    public async Task What_could_not_be_listed_is_not_taken_for_deleted()
    {
        var tools = Directory.CreateTempSubdirectory("p2v-find-").FullName;
        try
        {
            Shell.Run(
                """
                cp /usr/bin/find real
                cat > find <<'END'
                #!/bin/sh
                if [ -e "$PWD/fails" ] && [ "$2" = -xdev ]; then
                  echo "find: './d': Input/output error" >&2
                  shift 2; real . -xdev -path ./d/* -prune -o "$@"; exit 1
                fi
                exec real "$@"
                END
                chmod +x find
                """.Replace("real ", tools + "/real ", StringComparison.Ordinal).Replace(
                    "find real",
                    $"find {tools}/real",
                    StringComparison.Ordinal
                ),
                tools
            );
            using var pair = new SyncPair($"mount --bind {tools}/find /usr/bin/find");
            pair.Do("mkdir d e; echo 1 > d/1; echo 2 > e/2");
            await pair.CopyAsync();
            pair.Do("touch fails; rm e/2");

            var pass = await pair.SyncAsync();

            Assert.Equal(0, pass.Counts.Deleted);
            Assert.Equal("1\n", File.ReadAllText(pair.To.MountPoint + "/d/1"));
            Assert.Contains(
                pair.Events.Of<LogEvent>(),
                e => e.Level == LogLevel.Warning && e.Message.Contains("nothing is deleted", StringComparison.Ordinal)
            );
            pair.Do("rm fails");
            await pair.SyncAsync();
            pair.AssertEqual();
        }
        finally
        {
            Directory.Delete(tools, recursive: true);
        }
    }
}
