using System.Text;
using LinuxP2V.Agent.Copy.Blocks;
using LinuxP2V.Agent.Copy.Flags;
using LinuxP2V.Agent.Copy.Tar;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Services;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Startup;
using LinuxP2V.Agent.Verify;
using LinuxP2V.Agent.Views;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests;

/// <summary>What a source answers is read or refused, whatever it is.</summary>
[Trait("Run", "Full")]
[Trait("Area", "Fuzz")]
public sealed class FuzzTests
{
    private const string MountLine = "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n";

    private static readonly Dictionary<string, (string[] Seeds, Action<byte[]> Read, Func<Exception, bool> IsRefusal)> Readers = new()
    {
        ["list of files"] = (
            ["LP2V 2\0d 755 0 0 2 12 4096 8 1700000000.0 1700000000.0 .\0f 644 0 0 1 13 5 8 1700000000.123 1700000000.0 ./a b\0"],
            ReadList,
            exception => exception is InvalidDataException
        ),
        ["archive"] = ([TarHeader("file", 5) + "hello".PadRight(512, '\0') + new string('\0', 1024)], ReadArchive(false), IsUnexpected),
        ["POSIX archive"] = ([TarHeader("file", 0) + new string('\0', 1024)], ReadArchive(true), IsUnexpected),
        ["messages of tar"] = (
            [
                "tar: ./a: Cannot open: Permission denied\n",
                "tar: ./a: File shrank by 3 bytes; padding with zeros\n",
                "tar: ./b: file changed as we read it\n",
            ],
            bytes =>
            {
                foreach (var line in Encoding.Latin1.GetString(bytes).Split('\n'))
                {
                    _ = TarMessages.FromSource(line);
                    _ = TarMessages.FromTarget(line);
                }
            },
            Never
        ),
        ["free space of ext4"] = (
            ["Block count: 100\nBlock size: 4096\nFirst block: 0\nGroup 0: (Blocks 0-99)\n  Free blocks: 10-20, 30\n"],
            bytes => FreeSpaceText.Ext(new StreamReader(new MemoryStream(bytes), Encoding.Latin1)),
            exception => exception is InvalidDataException
        ),
        ["free space of XFS"] = (
            ["blocksize = 4096\nagblocks = 100\ndblocks = 400\nrblocks = 0\nlogstart = 50\n0 10 20\n1 0 100\n"],
            bytes => FreeSpaceText.Xfs(new StreamReader(new MemoryStream(bytes), Encoding.Latin1)),
            exception => exception is InvalidDataException
        ),
        ["mounts"] = ([MountLine], bytes => OtherMounts.Find(Encoding.Latin1.GetString(bytes), "/", new HashSet<string>()), Never),
        ["mapped files"] = (
            ["12 bash /bin/bash\0", "p 12 bash\n/var/lib/db\n"],
            bytes => MappedFiles.Parse(Encoding.Latin1.GetString(bytes)),
            Never
        ),
        ["units of systemd"] = (
            ["Id=a.service\nActiveState=active\nTriggeredBy=a.socket\n\nId=b.service\n"],
            bytes => SystemdUnit.ParseAll(Encoding.Latin1.GetString(bytes)),
            Never
        ),
        ["map of a file's data"] = (["0 4096\n8192 100\n"], bytes => DataRanges.Parse(Encoding.Latin1.GetString(bytes), 10_000), Never),
        ["flags"] = (["----i---------e-------\n"], bytes => FlagSet.Parse(Encoding.Latin1.GetString(bytes)), Never),
        ["logical volume"] = (
            ["  vg|root|pool|10737418240|8589934592|4194304\n"],
            bytes => LvmVolume.Parse(Encoding.Latin1.GetString(bytes)),
            Never
        ),
        ["checksum programs"] = (["b2sum 0.01\nsha1sum 0.2\n"], bytes => HashTool.Parse(Encoding.Latin1.GetString(bytes)), Never),
        ["answers of a comparison"] = (
            ["./a\0text\0", "# file: ./a\nuser.x=0x41\n\n", "abc ./a\n"],
            bytes =>
            {
                foreach (var form in Enum.GetValues<AnswerFormat>())
                {
                    try
                    {
                        new AnswerReader(["./a"u8.ToArray(), "./b"u8.ToArray()]).Read(bytes, form);
                    }
                    catch (InvalidDataException)
                    {
                        // As documented.
                    }
                }
            },
            Never
        ),
        ["error output of ssh"] = (
            ["Permission denied (publickey).\n", "sudo: a password is required\nlinuxp2v-sudo\n"],
            bytes =>
            {
                foreach (var elevation in Enum.GetValues<Elevation>())
                {
                    var access = new SourceAccess
                    {
                        Host = "h",
                        User = "u",
                        HostKeys = [],
                        Elevation = elevation,
                    };
                    _ = SshErrorMessages.NotStarted(access, bytes.Length % 2 == 0 ? 255 : 1, Encoding.Latin1.GetString(bytes));
                }
            },
            Never
        ),
        ["prompts"] = (
            ["root@web01's password: ", "(root@h) Verification code: "],
            bytes => Prompt.Classify(Encoding.Latin1.GetString(bytes)),
            Never
        ),
        ["output behind a greeting"] = (
            ["Welcome!\n\nlinuxp2v-output\ndata"],
            bytes => new ScriptOutput(new MemoryStream(bytes)).CopyTo(Stream.Null),
            exception => exception is IOException
        ),
        ["lines"] = (["one\ntwo\r\n", new string('x', 9000)], ReadLines, Never),
        ["settings of the helper"] = (
            ["""{"conversionId":"c","authorizedKey":"ssh-ed25519 AAAA","network":{"addresses":["192.0.2.1/24"],"mtu":1500}}"""],
            bytes => StartupJson.ReadSettings(Encoding.UTF8.GetString(bytes)),
            exception => exception is AgentException
        ),
        ["addresses of the helper"] = (
            ["2: eth0    inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0\n"],
            bytes => HelperNetworkSetup.Parse(Encoding.Latin1.GetString(bytes), ["eth0"]),
            Never
        ),
    };

    public static TheoryData<string> Names => [.. Readers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_read_or_refused(string name)
    {
        var (seeds, read, isRefusal) = Readers[name];
        Mutations.Run([.. seeds.Select(Encoding.Latin1.GetBytes)], read, isRefusal);
    }

    private static bool Never(Exception exception) => false;

    private static bool IsUnexpected(Exception exception) => exception is UnexpectedArchiveException;

    /// <summary>In two pieces: a record may end anywhere.</summary>
    private static void ReadList(byte[] bytes)
    {
        var parser = new ManifestParser((_, in _) => { });
        parser.Add(bytes.AsSpan(0, bytes.Length / 3));
        parser.Add(bytes.AsSpan(bytes.Length / 3));
        parser.Complete();
    }

    private static Action<byte[]> ReadArchive(bool isPosix) =>
        bytes =>
        {
            var meter = new TarMeter(isPosix: isPosix);
            meter.Add(bytes.AsSpan(0, bytes.Length / 3));
            meter.Add(bytes.AsSpan(bytes.Length / 3));
        };

    private static void ReadLines(byte[] bytes)
    {
        var reader = new LineReader(new MemoryStream(bytes));
        while (reader.ReadLineAsync().AsTask().GetAwaiter().GetResult() is { } line)
            Assert.True(line.Length <= LineReader.LongestLine + 64, "a line is longer than it may be");
    }

    private static string TarHeader(string name, int size)
    {
        var header = new StringBuilder()
            .Append(name.PadRight(100, '\0'))
            .Append("0000644\0")
            .Append("0000000\0")
            .Append("0000000\0")
            .Append(Convert.ToString(size, 8).PadLeft(11, '0'))
            .Append('\0')
            .Append("14524770000\0")
            .Append("        ")
            .Append('0')
            .Append(new string('\0', 100))
            .Append("ustar\000");
        var text = header.ToString().PadRight(512, '\0').ToCharArray();
        var sum = text.Sum(c => (int)c);
        (Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(0, text, 148, 8);
        return new string(text);
    }
}
