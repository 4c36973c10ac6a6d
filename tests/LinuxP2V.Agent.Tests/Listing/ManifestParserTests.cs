using System.Text;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Streams;

namespace LinuxP2V.Agent.Tests.Listing;

public sealed class ManifestParserTests
{
    private const string Text =
        "linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0"
        + "d 755 0 0 3 2 4096 8 1700000000.5000000000 1700000001.0000000010 \0"
        + "f 4755 1000 100 2 18446744073709551615 123456789012 16 -1.5000000000 99999999999999.0 a b\n c\0"
        + "l 777 0 0 1 1234567890123456789 7 0 0 1 ./sub/link\0"
        + "x 61b6 0 6 1 14 0 0 5 6 ./disk\0linuxp2v-end\0";

    [Fact]
    public void Records_are_the_same_however_they_are_cut()
    {
        var data = Encoding.UTF8.GetBytes(Text);
        var whole = Parse(data, data.Length);
        Assert.Equal(4, whole.Count);
        Assert.Equal("", whole[0].Path);
        Assert.Equal(
            new ManifestRecord(EntryType.Directory, 0x1ED, 0, 0, 3, 2, 4096, 4096, 1_700_000_000_500_000_000, 1_700_000_001_000_000_001),
            whole[0].Record
        );
        Assert.Equal("a b\n c", whole[1].Path);
        Assert.Equal(
            (ulong.MaxValue, (ushort)0x9ED, (Nanoseconds)(-500_000_000), (Nanoseconds)99_999_999_999_999 * 1_000_000_000),
            (whole[1].Record.Inode, whole[1].Record.Mode, whole[1].Record.ModifyTime, whole[1].Record.ChangeTime)
        );
        Assert.True(whole[1].Record.HasHoles);
        Assert.Equal(
            ("sub/link", EntryType.Link, 1_234_567_890_123_456_789UL),
            (whole[2].Path, whole[2].Record.Type, whole[2].Record.Inode)
        );
        Assert.Equal(("disk", EntryType.BlockDevice, (ushort)0x1B6), (whole[3].Path, whole[3].Record.Type, whole[3].Record.Mode));
        for (var size = 1; size < data.Length; size++)
            Assert.Equal(whole, Parse(data, size));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1700000000", 1_700_000_000_000_000_000)]
    [InlineData("1700000000.1234567890", 1_700_000_000_123_456_789)]
    [InlineData("1700000000.123456789", 1_700_000_000_123_456_789)]
    [InlineData("1700000000.5", 1_700_000_000_500_000_000)]
    [InlineData("1700000000.", 1_700_000_000_000_000_000)]
    [InlineData("1.0000000001", 1_000_000_000)]
    [InlineData("1.123456789012345678901234567890", 1_123_456_789)]
    [InlineData("-1", -1_000_000_000)]
    [InlineData("-2.5", -1_500_000_000)]
    [InlineData("9223372035", 9_223_372_035_000_000_000)]
    public void A_time_is_read_to_the_nanosecond(string text, long nanoseconds) => AssertTime(text, nanoseconds);

    [Theory]
    [InlineData("9223372036.854775807", "9223372036854775807")]
    [InlineData("9223372036.9", "9223372036900000000")]
    [InlineData("-9223372037.0", "-9223372037000000000")]
    [InlineData("15032385535.9999999990", "15032385535999999999")]
    [InlineData("-2147483648.0", "-2147483648000000000")]
    [InlineData("9223372036854775807.5", "9223372036854775807500000000")]
    [InlineData("-9223372036854775807", "-9223372036854775807000000000")]
    public void A_time_of_any_year_is_read_as_it_is(string text, string nanoseconds) =>
        AssertTime(text, Nanoseconds.Parse(nanoseconds, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void A_time_that_no_kernel_tells_is_refused() => Assert.Throws<InvalidDataException>(() => AssertTime("9223372036854775808", 0));

    private static void AssertTime(string text, Nanoseconds nanoseconds)
    {
        var list = $"linuxp2v-manifest 2 1700000000 find - -\0d 755 0 0 3 2 4096 8 {text} {text} \0linuxp2v-end\0";
        var records = Parse(Encoding.UTF8.GetBytes(list), 7);
        Assert.Equal((nanoseconds, nanoseconds), (records[0].Record.ModifyTime, records[0].Record.ChangeTime));
        var manifest = new Manifest();
        manifest.Add([], records[0].Record);
        Assert.Equal((nanoseconds, nanoseconds), (manifest[Manifest.Root].ModifyTime, manifest[Manifest.Root].ChangeTime));
    }

    [Fact]
    public void The_header_tells_the_sources_clock()
    {
        var parser = new ManifestParser((ReadOnlySpan<byte> _, in ManifestRecord _) => { });
        Assert.Null(parser.Header);
        parser.Add(Encoding.UTF8.GetBytes(Text));
        parser.Complete();
        Assert.Equal(new ManifestHeader(1_700_000_000_000_000_000, ListingTool.Find, "1234-ABCD", "/dev/sda 1"), parser.Header);
    }

    [Theory]
    [InlineData("d 755 0 0 3 2 4096 8 1 1 \0")]
    [InlineData("linuxp2v-manifest 9 1700000000 find\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 2 4096 8 1\0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 955 0 0 3 2 4096 8 1 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0find: what\0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0x 41eg 0 0 3 2 4096 8 1 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 2 4096 8 1 1 ")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755  0 3 2 4096 8 1 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 -2 4096 8 1 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 2a 4096 8 1 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 18446744073709551616 4096 8 1 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 2 4096 8 1.x 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 2 4096 8 1.5.5 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 2 4096 8 - 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 2 4096 8 1  \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 2 4096 8 1 1\0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0dd 755 0 0 3 2 4096 8 1 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 7555555 0 0 3 2 4096 8 1 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d  0 0 3 2 4096 8 1 1 \0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755\0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find 1234-ABCD /dev/sda 1\0d 755 0 0 3 2")]
    [InlineData("linuxp2v-manifest 2 1700000000 find - -\0d 755 0 0 3 2 4096 8 1 1 \0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find - -\0linuxp2v-end\0d 755 0 0 3 2 4096 8 1 1 \0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find - -\0linuxp2v-end\0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 1700000000 find - -\0linuxp2v-en")]
    [InlineData("linuxp2v-manifest 2 1700000000 find\0linuxp2v-end\0")]
    [InlineData("linuxp2v-manifest 2 17e9 find - -\0linuxp2v-end\0")]
    [InlineData("linuxp2v-end\0")]
    [InlineData("")]
    public void What_is_no_manifest_is_refused(string text) =>
        Assert.Throws<InvalidDataException>(() => Parse(Encoding.UTF8.GetBytes(text), 16));

    private static List<(string Path, ManifestRecord Record)> Parse(byte[] data, int pieceBytes)
    {
        var found = new List<(string, ManifestRecord)>();
        var parser = new ManifestParser(
            (ReadOnlySpan<byte> path, in ManifestRecord record) => found.Add((Encoding.UTF8.GetString(path), record))
        );
        for (var i = 0; i < data.Length; i += pieceBytes)
            parser.Add(data.AsSpan(i, Math.Min(pieceBytes, data.Length - i)));

        parser.Complete();
        return found;
    }
}
