using static LinuxP2V.Agent.Tests.Sync.SyncPair;

namespace LinuxP2V.Agent.Tests.Sync;

/// <summary>Real file systems and a real sshd: copy, change the source, synchronise, compare by other tools.</summary>
public sealed class VolumeSynchronizerTests : IDisposable
{
    private readonly SyncPair pair = new();

    public void Dispose() => pair.Dispose();

    [Fact]
    public async Task A_pass_over_an_unchanged_source_brings_nothing()
    {
        pair.Do("mkdir -p d/e; echo a > d/a; ln d/a d/e/b; ln -s a d/l; mkfifo d/p; head -c 3000000 /dev/urandom > d/large; chattr +i d/a");
        Settle();
        await pair.CopyAsync();

        var pass = await pair.SyncAsync();

        Assert.Equal((0, 0, 0, 0, 0), Counts(pass));
        Assert.Equal(0, pass.Counts.Bytes);
        Assert.InRange(pass.ScanDuration, TimeSpan.FromTicks(1), pass.Duration);
        pair.AssertEqual();
    }

    [Fact]
    public async Task Contents_new_entries_and_deletions_are_counted_each_as_what_they_are()
    {
        pair.Do(
            """
            mkdir -p d gone/deep/er; echo 1 > d/appended; echo 2 > d/saved; echo 3 > d/rewritten
            echo 4 > d/kept; echo 5 > gone/deep/er/f; echo 6 > gone/g; ln -s x gone/l
            touch -d '2001-01-01 01:01:01.5' d
            """
        );
        Settle();
        await pair.CopyAsync();
        pair.Do(
            """
            echo more >> d/appended; echo new > d/saved.tmp; mv d/saved.tmp d/saved; echo 7 > d/rewritten
            mkdir -p new/dir; head -c 100000 /dev/urandom > new/dir/f
            ln -s ../d new/link; mkfifo new/pipe; mknod new/null c 1 3; touch new/empty
            python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('new/socket')"
            rm -r gone; touch -d '2002-02-02 02:02:02.25' d
            """
        );

        var pass = await pair.SyncAsync();

        Assert.Equal((7, 3, 0, 0, 6), Counts(pass));
        pair.Do("rm new/socket; touch -r new/dir new; touch -r d d");
        await pair.SyncAsync();
        pair.AssertEqual();
    }

    [Fact]
    public async Task Metadata_alone_is_counted_as_such()
    {
        pair.Do(
            "mkdir d dx; for f in mode owner time attribute acl label; do echo $f > d/$f; done; "
                + "ln -s x d/link; setfattr -n user.old -v 1 d/mode dx"
        );
        Settle();
        await pair.CopyAsync();
        pair.Do(
            """
            chmod 4711 d/mode; chown 12:34 d/owner; touch -d '1999-09-09 09:09:09.123' d/time
            setfattr -n user.x -v 2 d/attribute; setfacl -m u:7:rw d/acl
            setfattr -n security.selinux -v system_u:object_r:etc_t:s0 d/label; chown -h 5:6 d/link; chmod 700 dx; setfattr -x user.old dx
            """
        );

        Assert.Equal((0, 0, 8, 0, 0), Counts(await pair.SyncAsync()));
        pair.AssertEqual();

        pair.Do(
            "setfattr -x user.x d/attribute; setfacl -b d/acl; setfattr -x user.old d/mode; "
                + "setfattr -n user.new -v 1 dx; touch -d 2003-03-03 d"
        );
        Assert.Equal((0, 0, 5, 0, 0), Counts(await pair.SyncAsync()));
        pair.AssertEqual();
    }

    [Fact]
    public async Task Renamed_files_and_folders_move_in_the_copy()
    {
        pair.Do(
            """
            mkdir -p folder/sub other a b; head -c 3000000 /dev/urandom > folder/sub/large
            echo s > folder/sub/small; ln folder/sub/small folder/hard
            head -c 2000000 /dev/urandom > file; echo 1 > one; echo two > two; echo in-a > a/f
            echo in-b > b/f; mkdir -p x/y; echo z > x/y/z; echo x > x/f; echo o > other/f; mkdir -p into
            """
        );
        Settle();
        await pair.CopyAsync();
        pair.Do(
            """
            mv folder renamed; mv file other/moved; mv one t; mv two one; mv t two; mv a t; mv b a; mv t b
            mv x/y y; mv x y/x; mv other into/other
            """
        );

        var pass = await pair.SyncAsync();

        // folder, file, one, two, a, b, y, x, other.
        Assert.Equal((0, 0, 0, 9, 0), Counts(pass));
        Assert.InRange(pass.Counts.Bytes, 0, 1000);
        pair.AssertEqual();
    }

    [Fact]
    public async Task A_rotated_log_is_a_rename_and_a_new_file_and_a_free_inode_is_no_rename()
    {
        pair.Do("mkdir -p log old; echo first > log/current; echo 1 > old/1; echo 2 > old/2");
        Settle();
        await pair.CopyAsync();
        pair.Do("mv log/current log/current.1; echo second > log/current; rm -r old; mkdir fresh; echo fresh > fresh/file");

        Assert.Equal((3, 0, 0, 1, 3), Counts(await pair.SyncAsync()));
        pair.AssertEqual();
    }

    [Fact]
    public async Task Links_that_are_added_removed_and_split_end_as_on_the_source()
    {
        pair.Do(
            """
            mkdir d; echo a > d/a; echo b > d/b; ln d/b d/b2; echo c > d/c; ln d/c d/c2; ln d/c d/c3; echo e > d/e; ln -s x d/s; ln d/s d/s2
            head -c 2000000 /dev/urandom > d/large; head -c 2000000 /dev/urandom > d/twin; ln d/twin d/twin2
            """
        );
        Settle();
        await pair.CopyAsync();
        pair.Do(
            """
            ln d/a d/a2; rm d/b2; cp d/c d/new; mv d/new d/c3; ln -f d/e d/c2; ln d/large d/large2; rm d/s2
            cp -p d/twin d/t; mv d/t d/twin2
            """
        );

        var pass = await pair.SyncAsync();

        // New: a2, large2. Replaced: c3, c2, twin2. Gone: b2, s2.
        Assert.Equal((2, 3, 0, 0, 2), Counts(pass));
        Assert.Equal(2_000_010, pass.Counts.Bytes);
        pair.AssertEqual();
    }

    [Fact]
    public async Task Entries_of_another_type_take_the_place_of_what_was_there()
    {
        pair.Do(
            """
            echo f > file-dir; mkdir -p dir-file/in; echo x > dir-file/in/x; ln -s /etc link-dir; mkdir dir-link; echo y > dir-link/y
            echo f > file-link; ln -s /etc/passwd link-file; echo p > file-pipe; mkdir dir-dir; echo o > dir-dir/old
            """
        );
        Settle();
        await pair.CopyAsync();
        pair.Do(
            """
            rm -r file-dir dir-file link-dir dir-link file-link link-file file-pipe dir-dir
            mkdir file-dir link-dir dir-dir; echo n > file-dir/n; echo n > link-dir/n
            echo n > dir-file; ln -s /etc dir-link; ln -s /etc/passwd file-link; echo n > link-file; mkfifo file-pipe; echo o > dir-dir/new
            """
        );

        var pass = await pair.SyncAsync();

        // Gone with the folders: in, in/x, y, old.
        Assert.Equal((3, 8, 0, 0, 4), Counts(pass));
        pair.AssertEqual();
    }

    [Fact]
    public async Task Contents_behind_a_forged_time_come_and_large_equal_ones_do_not()
    {
        pair.Do(
            """
            for f in small same; do echo aaaa > $f; done
            for f in forged mode renamed touched linked; do head -c 3000000 /dev/urandom > $f; done
            truncate -s 40M sparse; echo x | dd of=sparse bs=1 seek=20000000 conv=notrunc status=none
            touch -d '2005-05-05 05:05:05.5' small forged
            """
        );
        Settle();
        await pair.CopyAsync();
        pair.Do(
            """
            echo bbbb > small; echo bbbb | dd of=forged bs=1 seek=1500000 conv=notrunc status=none
            touch -d '2005-05-05 05:05:05.5' small forged
            chmod 600 mode; mv renamed r2; setfattr -n user.x -v 1 r2; ln linked linked2; chown 3:4 sparse
            """
        );

        var pass = await pair.SyncAsync();

        Assert.Equal((1, 2, 2, 1, 0), Counts(pass));
        Assert.Equal(3_000_005, pass.Counts.Bytes);
        Assert.True(int.Parse(Shell.Run("stat -c %b sparse", pair.To.MountPoint), null) < 200, "the sparse file grew");
        pair.AssertEqual();
    }

    [Fact]
    public async Task Files_with_flags_are_changed_moved_and_deleted()
    {
        pair.Do(
            """
            mkdir -p fixed/in plain; for f in edited deleted moved freed grown kept; do echo $f > fixed/$f; done
            echo m > $'plain/new\nline'; echo n > plain/flagged; mkdir plain/nodump
            chattr +i fixed/edited fixed/deleted fixed/moved fixed/freed fixed/kept $'plain/new\nline' fixed/in
            chattr +a fixed/grown; chattr +d plain/nodump; chattr +i fixed
            """
        );
        Settle();
        await pair.CopyAsync();
        pair.AssertEqual();
        pair.Do(
            """
            chattr -i fixed fixed/edited fixed/deleted fixed/moved fixed/freed fixed/in $'plain/new\nline'; echo more >> fixed/grown
            echo e2 > fixed/edited; rm fixed/deleted; mv fixed/moved plain/moved
            echo x > fixed/in/x; mv $'plain/new\nline' $'plain/other\nline'; chattr -d plain/nodump
            chattr +i fixed/edited plain/moved plain/flagged $'plain/other\nline' fixed/in; mv fixed renamed; chattr +i renamed
            """
        );

        await pair.SyncAsync();

        pair.AssertEqual();
        Assert.Contains("i", Shell.Run("lsattr -d renamed/kept | cut -d' ' -f1", pair.To.MountPoint), StringComparison.Ordinal);
        Assert.Equal((0, 0, 0, 0, 0), Counts(await pair.SyncAsync()));
    }

    [Fact]
    public async Task Odd_names_are_only_names()
    {
        const string Names = """
            names=( $'new\nline' $'lat\xe9\xff' -dash 'a b' 'quo"te'"'" 'star*[x]?' 'back\slash'
              $'tab\t' '~' '$(id)' ' ' $'\x01' "$(printf 'n%.0s' {1..250})" )
            """;
        pair.Do(
            $$"""
            {{Names}}
            for d in change delete rename link folder; do mkdir $d; for n in "${names[@]}"; do echo 1 > "$d/$n"; done; done
            for n in "${names[@]}"; do mkdir "folder/d$n" 2>/dev/null && echo 1 > "folder/d$n/$n"; done; :
            """
        );
        Settle();
        await pair.CopyAsync();
        pair.Do(
            $$"""
            {{Names}}
            for n in "${names[@]}"; do
              echo 22 > "change/$n"; rm "delete/$n"; mv "rename/$n" "rename/${n}2"; ln "link/$n" "link/${n}2"
              [ ! -e "folder/d$n" ] || mv "folder/d$n" "folder/e$n"
            done
            """
        );

        Assert.Equal((13, 13, 0, 26, 13), Counts(await pair.SyncAsync()));
        pair.AssertEqual();
    }
}
