using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Tests.Source;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Copy;

/// <summary>A source whose find, tar or lsattr is an attacker's: nothing may be written but what was asked for, where it belongs.</summary>
public sealed class HostileSourceTests : CopyTestBase
{
    [Theory]
    [InlineData("../evil")]
    [InlineData("..")]
    [InlineData("d/../../evil")]
    [InlineData("d/..")]
    [InlineData("/etc/evil")]
    [InlineData("./evil/")]
    [InlineData("d//evil")]
    [InlineData("d/./evil")]
    [InlineData("./../evil")]
    public async Task A_list_that_names_what_is_not_inside_the_volume_is_refused(string name)
    {
        Shell.Run("mkdir d; echo good > d/good", From.MountPoint);

        var error = await CopyFromAsync("find", $"printf 'f 644 0 0 1 99 5 8 1.0 1.0 {name}\\0'", after: "*'%P'*");

        Assert.Equal(ErrorIds.CopyFailed, error.Error.Id);
        Assert.Contains("not inside the volume", error.Error.Detail, StringComparison.Ordinal);
        Assert.Equal("", Shell.Run("find . -type f", To.MountPoint));
        Assert.Equal("", Shell.Run("find . -name 'evil*'", Path.GetDirectoryName(To.MountPoint)));
    }

    [Fact]
    public async Task A_name_longer_than_any_is_refused()
    {
        Shell.Run("echo good > good", From.MountPoint);

        var error = await CopyFromAsync("find", "printf 'f 644 0 0 1 99 5 8 1.0 1.0 %0800d\\0' 7", after: "*'%P'*");

        Assert.Contains("800 bytes", error.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_listed_again_as_a_link_stays_the_folder_of_what_is_in_it()
    {
        Shell.Run("mkdir d; echo good > d/passwd", From.MountPoint);
        using var find = new FakeTool(
            "find",
            "case \"$*\" in *'%P'*) \"$real\" \"$@\"; printf 'l 777 0 0 1 98 9 0 1.0 1.0 d\\0'; exit 0 ;; esac"
        );
        using var server = new TestSshServer(replacedTools: find.Mount);
        await using var source = await ConnectAsync(server);

        await CopyAsync(new FileVolumeCopier(), source, From.Describe(), To.MountPoint, default);

        Assert.Equal("good\n", Shell.Run("test -d d && ! test -L d && cat d/passwd", To.MountPoint));
    }

    /// <summary>What the attacker's tar sends behind the first member, as a script that python runs with tarfile's names.</summary>
    public static TheoryData<string, string> Archives() =>
        new()
        {
            { "add('./evil')", "not asked for" },
            { "add('../evil')", "not asked for" },
            { "add('/evil')", "not asked for" },
            { "add('./d/evil')", "not asked for" },
            { "add('./d', type=b'2', link=OUT)", "not asked for" },
            { "add('./d/', type=b'5')", "not asked for" },
            { "add('./good')", "not asked for" },
            { "add('./.linuxp2v/journal.jsonl')", "not asked for" },
            { "add('./d/two', type=b'1', link='./d')", "does not hold" },
            { "add('./d/two', type=b'1', link='../../evil')", "does not hold" },
            { "add('./d/two', type=b'1', link='./d/two')", "did not send what it was asked for" },
            { "add('./d/two', pax={}, raw=record('path', '../evil') + record('path', './d/two'))", "twice" },
            { "add('./d/two', pax={}, raw=record('path', './d/two') + record('path', '../evil'))", "twice" },
            { "add('./d/two', raw=record('GNU.sparse.name', '../evil'))", "not asked for" },
            { "add('./d/two', raw=record('GNU.dumpdir', 'Yevil'))", "GNU.dumpdir" },
            { "add('./d/two', raw=record('size', '1') + record('size', '9'))", "twice" },
            { "add('./d/two', raw=record('size', '0x1'))", "a size that is none" },
            { "add('./d/two', raw=b'9 path=x')", "a record that is none" },
            { "add('./d/two', type=b'2', link='x', data=b'y' * 600)", "no file" },
            { "add('./d/two/')", "name of a folder" },
            { "add('./d/two', type=b'D')", "unknown kind" },
            { "add('./d/two', type=b'M')", "unknown kind" },
            { "add('./d/two', type=b'V')", "unknown kind" },
            { "add('./x', type=b'g', data=record('path', '../evil'))", "unknown kind" },
            { "add('././@LongLink', type=b'L', data=b'../evil\\0'); add('./d/two')", "unknown kind" },
            { "add('././@LongLink', type=b'K', data=b'../evil\\0'); add('./d/two', type=b'1')", "unknown kind" },
            { "add('./d/two', type=b'S')", "another format" },
            { "write(b'x' * 512)", "a header that is none" },
            { "write(b'\\0' * 1024); add('./d/two')", "behind its end" },
            { "add('./d/two', size=b'\\xff' * 12)", "a header that is none" },
            { "add('./d/two', size=b'+0000000001 ')", "a header that is none" },
        };

    [Trait("Run", "Full")]
    [Theory]
    [MemberData(nameof(Archives))]
    public async Task An_archive_that_holds_what_was_not_asked_for_or_can_be_read_in_two_ways_is_refused(string members, string reason)
    {
        Shell.Run("mkdir d; echo good > good; echo two > d/two; touch -d 2001-01-01 good d/two d", From.MountPoint);
        Shell.Run("echo mine > mine", Outside);
        File.WriteAllText(
            Path.Combine(Outside, "tar.py"),
            ArchiveWriter + members.Replace("OUT", $"'{Outside}'", StringComparison.Ordinal)
        );

        var error = await CopyFromAsync("tar", $"exec python3 {Outside}/tar.py", instead: "*' -T '*");

        Assert.True(error.Error.Id == ErrorIds.SourceAnswerInvalid, error.Error.ToString());
        Assert.Contains(reason, error.Error.Cause, StringComparison.Ordinal);
        Assert.Equal("", Shell.Run($"find {Path.GetDirectoryName(To.MountPoint)} {Outside} -name 'evil*'"));
        Assert.Equal("", Shell.Run("find . -type l; find . -name journal.jsonl", To.MountPoint));
        Assert.Equal("", Shell.Run("find / -maxdepth 1 -name evil"));
    }

    /// <summary>What becomes of the list of names before the real tar reads it, and what the message says.</summary>
    [Theory]
    [InlineData("head -c 0", "left out")]
    [InlineData("tr '\\0' '\\n' | grep -v two | tr '\\n' '\\0'", "left out 1 of the 2")]
    [InlineData("echo 'tar: ./good: file changed as we read it' >&2; tr '\\0' '\\n' | grep -v two | tr '\\n' '\\0'", "left out 1 of the 2")]
    [InlineData("tr '\\0' '\\n' | grep -vx ./d | tr '\\n' '\\0'", "/d")]
    [InlineData("tr '\\0' '\\n' | grep -v large | tr '\\n' '\\0'", "/large")]
    public async Task A_tar_that_leaves_out_what_it_was_asked_for_and_says_nothing_makes_no_good_copy(string filter, string reason)
    {
        Shell.Run("mkdir d; echo good > good; echo two > d/two; head -c 4M /dev/urandom > large", From.MountPoint);

        var copier = new FileVolumeCopier(new TransferSettings { RangedFrom = 2 << 20, RangeBytes = 1 << 20 });
        var error = await CopyFromAsync("tar", $"{{ {filter}; }} | \"$real\" \"$@\"; exit", instead: "*' -T '*", copier: copier);

        Assert.True(error.Error.Id == ErrorIds.SourceAnswerInvalid, error.Error.ToString());
        Assert.Contains(reason, error.Error.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 0")]
    [InlineData("\"$real\" \"$@\" | head -c 9000; exit 0")]
    public async Task A_dd_that_sends_less_than_the_file_holds_makes_no_good_copy(string script)
    {
        Shell.Run("head -c 4M /dev/urandom > large", From.MountPoint);

        var copier = new FileVolumeCopier(new TransferSettings { RangedFrom = 2 << 20, RangeBytes = 1 << 20 });
        var error = await CopyFromAsync("dd", script, instead: "*large*", copier: copier);

        Assert.True(error.Error.Id == ErrorIds.SourceAnswerInvalid, error.Error.ToString());
        Assert.Contains("/large", error.Error.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_of_a_whole_volume_without_its_root_makes_no_good_copy()
    {
        Shell.Run("echo good > good", From.MountPoint);

        var error = await CopyFromAsync("tar", "exec \"$real\" -c -T /dev/null", instead: "*' .'", copier: new TarVolumeCopier());

        Assert.Equal(ErrorIds.SourceAnswerInvalid, error.Error.Id);
    }

    [Fact]
    public async Task A_pass_over_folders_writes_no_folder_that_was_not_asked_for()
    {
        Shell.Run("mkdir d", From.MountPoint);
        File.WriteAllText(Path.Combine(Outside, "tar.py"), ArchiveWriter + "add('../evil/', type=b'5')");

        var error = await CopyFromAsync("tar", $"exec python3 {Outside}/tar.py", instead: "*' -T '*");

        Assert.Equal(ErrorIds.SourceAnswerInvalid, error.Error.Id);
        Assert.False(Directory.Exists(Path.Combine(Path.GetDirectoryName(To.MountPoint)!, "evil")));
    }

    [Theory]
    [InlineData("./../evil")]
    [InlineData("/evil")]
    [InlineData("./.linuxp2v/journal.jsonl")]
    [InlineData("./.linuxp2v-finished")]
    public async Task One_stream_stays_inside_the_volume_too(string name)
    {
        Shell.Run("echo good > good", From.MountPoint);
        File.WriteAllText(Path.Combine(Outside, "tar.py"), $"{ArchiveWriter}add('{name}')");

        var error = await CopyFromAsync("tar", $"exec python3 {Outside}/tar.py", instead: "*' .'", copier: new TarVolumeCopier());

        Assert.Equal(ErrorIds.SourceAnswerInvalid, error.Error.Id);
        Assert.Equal("", Shell.Run("find .. -name 'evil*' -o -name journal.jsonl -o -name .linuxp2v-finished", To.MountPoint));
    }

    [Fact]
    public async Task Flags_are_set_on_nothing_outside_the_copy_and_on_none_of_the_agents_files()
    {
        Shell.Run($"ln -s {Outside} link; echo good > good; chattr +A good", From.MountPoint);
        Shell.Run("echo mine > mine", Outside);
        Shell.Run("mkdir .linuxp2v; echo j > .linuxp2v/journal.jsonl", To.MountPoint);
        var (up, flags) = (Path.GetFileName(Outside), "----i--A------------");
        using var lsattr = new FakeTool(
            "lsattr",
            $"printf '%s\\n' '{flags} ./link/mine' '{flags} ./../../{up}/mine' "
                + $"'{flags} /{Outside}/mine' '{flags} ./.linuxp2v/journal.jsonl'"
        );
        using var server = new TestSshServer(replacedTools: lsattr.Mount);
        await using var source = await ConnectAsync(server);
        try
        {
            await CopyAsync(new FileVolumeCopier(), source, From.Describe(), To.MountPoint, default);

            Assert.DoesNotContain("i", Shell.Run("lsattr mine | cut -d ' ' -f 1", Outside), StringComparison.Ordinal);
            Assert.Contains("A", Shell.Run("lsattr good | cut -d ' ' -f 1", To.MountPoint), StringComparison.Ordinal);
        }
        finally
        {
            Shell.Try("chattr -i mine", Outside);
            Shell.Try("chattr -i .linuxp2v/journal.jsonl", To.MountPoint);
        }
    }

    [Fact]
    public async Task What_has_the_agents_own_names_stays_behind_and_is_said()
    {
        Shell.Run(
            """
            mkdir .linuxp2v .linuxp2v-moved .linuxp2v-headers .linuxp2vx sub; echo 1 > .linuxp2v/journal.jsonl; echo 2 > .linuxp2v-moved/f
            echo 3 > .linuxp2v-headers/f; echo 4 > .linuxp2vx/f; mkdir sub/.linuxp2v-moved; echo 5 > sub/.linuxp2v-moved/f
            echo 6 > .LINUXP2V-FINISHED
            """,
            From.MountPoint
        );

        await CopyAsync(new FileVolumeCopier(), From.Describe());

        Assert.Equal("./.LINUXP2V-FINISHED\n./.linuxp2vx/f\n./sub/.linuxp2v-moved/f\n", Shell.Run("find . -type f | sort", To.MountPoint));
        Assert.Equal(
            ["/.linuxp2v", "/.linuxp2v-headers", "/.linuxp2v-moved"],
            Events
                .Of<CopyIncidentEvent>()
                .Where(e => e.Kind == CopyIncidentKind.NotCarried)
                .Select(e => e.Path[From.MountPoint.Length..])
                .Order(StringComparer.Ordinal)
        );
    }

    private static string ArchiveWriter =>
        """
            import sys, struct
            out = sys.stdout.buffer
            def write(data): out.write(data)
            def record(key, value):
                body = (' %s=%s\n' % (key, value)).encode()
                size = len(body) + 1
                while len(str(size)) + len(body) != size: size += 1
                return str(size).encode() + body
            def header(name, type, length, link='', size=None):
                h = bytearray(512)
                h[0:len(name)] = name.encode()
                h[100:108] = b'0000644\0'; h[108:116] = b'0000000\0'; h[116:124] = b'0000000\0'
                h[124:136] = size or (b'%011o\0' % length)
                h[136:148] = b'%011o\0' % 978307200
                h[156:157] = type
                h[157:157 + len(link)] = link.encode()
                h[257:265] = b'ustar\00000'
                h[148:156] = b' ' * 8
                h[148:156] = b'%06o\0 ' % sum(h)
                write(bytes(h))
            def body(data):
                write(data + b'\0' * (-len(data) % 512))
            def add(name, type=b'0', link='', data=b'', raw=b'', pax=None, size=None):
                if raw:
                    header('./PaxHeaders/x', b'x', len(raw)); body(raw)
                header(name, type, len(data), link, size); body(data)
            names = sys.stdin.buffer.read().split(b'\0')
            # The first that was asked for comes as it should.
            if b'./good' in names: add('./good', data=b'good\n')

            """.ReplaceLineEndings("\n");

    /// <summary>Copies from a source one of whose tools is another; the copy must fail.</summary>
    /// <param name="script">Runs behind the real tool where the arguments match <paramref name="after"/>, or in its place.</param>
    private async Task<AgentException> CopyFromAsync(
        string tool,
        string script,
        string? after = null,
        string? instead = null,
        Agent.Volumes.IVolumeCopier? copier = null
    )
    {
        using var fake = new FakeTool(
            tool,
            after is not null
                ? $"case \"$*\" in {after}) \"$real\" \"$@\"; {script}; exit 0 ;; esac"
                : $"case \"$*\" in {instead}) {script} ;; esac"
        );
        using var server = new TestSshServer(replacedTools: fake.Mount);
        await using var source = await ConnectAsync(server);
        try
        {
            return await Assert.ThrowsAsync<AgentException>(() =>
                CopyAsync(copier ?? new FileVolumeCopier(), source, From.Describe(), To.MountPoint, default)
            );
        }
        finally
        {
            Shell.Run("rm -f tar.py", Outside);
        }
    }
}
